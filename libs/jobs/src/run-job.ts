import { AppError, canonicalJson } from '@millrace/core';
import { currentTraceId, startTelemetry, withTraceparent } from '@millrace/telemetry';
import { appendFileSync, existsSync, utimesSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { basename } from 'node:path';
import { errors } from './errors.js';
import type { Job, Outcome, Progress } from './job.js';
import { type Claim, claimJson, codeOf, fromRecord, type JobFiles, jobFiles, type OutcomeRecord, readJson, type StoredSpec, toRecord, writeJson } from './job-files.js';
import { markOf } from './process-info.js';

/** Below serving, which must keep its latency. */
const NICE = 5;
const BEAT_MS = 1_000;
/** Reports of the same step closer together than this are held back; the last one is always written. */
const PROGRESS_MS = 100;
/** This long after its time a job ends itself, in case its runner is gone. */
const ORPHAN_GRACE_MS = 10_000;
const MAX_TIMER_MS = 2 ** 31 - 1;
/** How the process ends when its result found no space. */
export const EXIT_DISK_FULL = 28;

/**
 * Makes the module a job: runs the function once with the argument that the runner left, and leaves its result (or its AppError) for the runner.
 * Does nothing where the module was not started by a runner.
 */
export async function runJob<Argument, Result>(work: (argument: Argument, job: Job) => Promise<Result> | Result): Promise<void> {
  const [, , directory, number] = process.argv;
  if (directory === undefined || number === undefined) return;
  const attempt = Number(number);
  const files = jobFiles(directory);
  const spec = await readJson<StoredSpec>(files.spec);
  const claim: Claim = { ...(markOf(process.pid) ?? { pid: process.pid, born: '' }), sinceMs: Date.now() };
  // No spec, or somebody else has the claim: the runner has given this process up.
  if (!spec || !(await claimJson(files.claim(attempt), claim))) process.exit(0);
  setPriority(NICE);
  startBeat(files.beat(attempt));
  const abort = listen(files, { attempt, spec });
  const progress = progressWriter(files.progress(attempt), ({ step, note }) => log(note === undefined ? step : `${step}: ${note}`));
  const argument = (await readJson<{ value?: unknown }>(files.argument))?.value as Argument;
  const job: Job = { id: spec.id, signal: abort.signal, progress: progress.push, log };
  const telemetry = await startTelemetry(process.env['OTEL_EXPORTER_OTLP_ENDPOINT'], 'millrace-job');
  const outcome = await perform(() => withTraceparent(process.env['TRACEPARENT'], basename(spec.entry, '.js'), async () => work(argument, job)), { id: spec.id, log: files.log });
  progress.flush();
  // Asked to end by nobody who gave a reason: the machine or the service is shutting down, and the job may begin anew after it.
  if (outcome.ok || !abort.signal.aborted || existsSync(files.intent(attempt))) await leave(files.result(attempt), outcome);
  await telemetry.close();
  // Open handles of a job that has given its result must not keep the process.
  process.exit(0);
}

async function perform(work: () => unknown, { id, log: file }: { readonly id: string; readonly log: string }): Promise<Outcome> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    if (error instanceof AppError) return { ok: false, error };
    if (codeOf(error) === 'ENOSPC') return { ok: false, error: errors.DISK_FULL({ id }, { cause: error }) };
    console.error(error);
    return { ok: false, error: errors.JOB_FAILED({ id, detail: error instanceof Error ? error.message.replace(/\.$/, '') : String(error), log: file }) };
  }
}

async function leave(path: string, outcome: Outcome): Promise<void> {
  try {
    await writeJson(path, toRecord(outcome));
  } catch (error) {
    console.error(error);
    process.exit(codeOf(error) === 'ENOSPC' ? EXIT_DISK_FULL : 1);
  }
}

/** An empty file whose time the runner looks at. */
function startBeat(path: string): void {
  writeFileSync(path, '');
  setInterval(() => {
    const now = new Date();
    utimesSync(path, now, now);
  }, BEAT_MS).unref();
}

function listen(files: JobFiles, { attempt, spec: { id, timeoutMs } }: { readonly attempt: number; readonly spec: StoredSpec }): AbortController {
  const abort = new AbortController();
  process.on('SIGTERM', () => {
    void readJson<OutcomeRecord>(files.intent(attempt)).then((record) => {
      const intent = record && fromRecord(record);
      abort.abort(intent && !intent.ok ? intent.error : errors.JOB_CANCELLED({ id, why: 'its process was asked to end' }));
    });
  });
  if (timeoutMs !== undefined) {
    const timer = setTimeout(() => {
      abort.abort(errors.JOB_TIMED_OUT({ id, seconds: String(timeoutMs / 1000) }));
      setTimeout(() => process.exit(1), ORPHAN_GRACE_MS).unref();
    }, Math.min(timeoutMs + ORPHAN_GRACE_MS, MAX_TIMER_MS));
    timer.unref();
  }
  return abort;
}

/** Writes reports to a file, not too close together, and tells of each step when it begins. */
function progressWriter(path: string, onStep: (progress: Progress) => void) {
  let held: Progress | undefined;
  let lastStep: string | undefined;
  let lastMs = 0;
  const write = (progress: Progress) => {
    held = undefined;
    lastStep = progress.step;
    lastMs = Date.now();
    appendFileSync(path, `${canonicalJson(progress)}\n`);
  };
  const flush = () => {
    if (held) write(held);
  };
  setInterval(flush, PROGRESS_MS).unref();
  let begun: string | undefined;
  const push = (progress: Progress) => {
    if (progress.step !== begun) onStep(progress);
    begun = progress.step;
    if (held && held.step !== progress.step) write(held);
    if (progress.step !== lastStep || Date.now() - lastMs >= PROGRESS_MS) write(progress);
    else held = progress;
  };
  return { push, flush };
}

function log(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
  const trace = currentTraceId();
  process.stderr.write(`${canonicalJson({ time: new Date(), job: basename(process.argv[2] ?? ''), ...(trace === '' ? {} : { trace_id: trace }), message, ...fields })}\n`);
}
