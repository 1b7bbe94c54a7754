import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type AppError, parseCanonicalJson } from '@millrace/core';
import { errors } from './errors.js';
import type { Outcome, Progress } from './job.js';
import { type Claim, claimJson, fromRecord, type JobFiles, type OutcomeRecord, readJson, type StoredSpec, toRecord, writeJson } from './job-files.js';
import { type JobLog, logTail } from './job-log.js';
import { isAlive, processorTime, residentBytes } from './process-info.js';
import { EXIT_DISK_FULL } from './run-job.js';

/** Elsewhere than on Linux each look starts a process. */
const POLL_MS = process.platform === 'linux' ? 100 : 1_000;
const YOUNG_MS = 2_000;
const LOG_LOOK_MS = 2_000;
/** What of the runner's environment a job may see: where programs and temporary files are, the language, whom to trust, where traces go, and the access to a bucket of objects and to sources. */
const ENVIRONMENT = /^(?:PATH|HOME|USER|LANG|LC_[A-Z]+|TZ|TMPDIR|SSL_CERT_FILE|SSL_CERT_DIR|NODE_EXTRA_CA_CERTS|OTEL_[A-Z_]+|AWS_[A-Z_]+|MILLRACE_SOURCE_[A-Z0-9_]+|MILLRACE_DATA_DIR)$/;

/** The latest attempt that some process has claimed; 0 where none has. */
export const latestAttempt = ({ directory }: JobFiles): number =>
  Math.max(0, ...readdirSync(directory).map((name) => Number(/^claim\.(\d+)\.json$/.exec(name)?.[1] ?? 0)));

/** Variables as a process has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

interface Watch {
  readonly files: JobFiles;
  readonly spec: StoredSpec;
  readonly attempt: number;
  readonly graceMs: number;
  readonly env: Environment;
  readonly log: JobLog;
  readonly onProgress: (progress: Progress) => void;
}

/** One attempt of a job in its process, whether this runner started the process or found it. */
export class JobProcess {
  private child: ChildProcess | undefined;
  private exit: string | undefined;
  private exitCode: number | undefined;
  private wake = (): void => {};
  private intent: AppError | undefined;
  private killAtMs: number | undefined;
  private left = false;
  private progressAt = 0;
  private vital = '';
  private vitalMs = Date.now();
  private lookedMs = 0;

  constructor(private readonly watch: Watch) {}

  /** Starts the process (unless one has claimed the attempt already) and gives how it ended; undefined when it was left. */
  async run(): Promise<Outcome | undefined> {
    const { files, attempt } = this.watch;
    const given = await readJson<OutcomeRecord>(files.intent(attempt));
    const before = given && fromRecord(given);
    if (before && !before.ok) await this.end(before.error);
    if (!existsSync(files.claim(attempt))) {
      // Cancelled before it began.
      if (this.intent) return { ok: false, error: this.intent };
      await this.spawn();
    }
    for (;;) {
      const claim = await readJson<Claim>(files.claim(attempt));
      await this.tailProgress();
      if (this.left) return undefined;
      if (this.exit !== undefined && claim && claim.pid !== 0 && claim.pid !== this.child?.pid) this.disown();
      const running = (this.child !== undefined && this.exit === undefined) || (claim !== undefined && isAlive(claim));
      if (!running && !(await this.isYoung(claim))) {
        await this.tailProgress();
        const outcome = await this.conclude(claim);
        if (outcome) return outcome;
      }
      if (claim && running) await this.look(claim);
      await Promise.race([sleep(POLL_MS), new Promise<void>((resolve) => (this.wake = resolve))]);
    }
  }

  /** Ends the process for the reason given: asks it first, then kills it; with `now` kills it at once. */
  async end(error: AppError, { now = false } = {}): Promise<void> {
    if (this.intent) return;
    this.intent = error;
    const { files, attempt, graceMs } = this.watch;
    await writeJson(files.intent(attempt), toRecord({ ok: false, error }));
    this.killAtMs = Date.now() + graceMs;
    await this.signal(now ? 'SIGKILL' : 'SIGTERM');
  }

  /** Stops watching; the process goes on, or is asked to end without a reason, so that it may begin anew later. */
  async leave({ running }: { readonly running: boolean }): Promise<void> {
    this.child?.unref();
    this.left = true;
    this.wake();
    if (!running) {
      await this.signal('SIGTERM');
      const until = Date.now() + this.watch.graceMs;
      const claim = await readJson<Claim>(this.watch.files.claim(this.watch.attempt));
      while (Date.now() < until && (claim ? isAlive(claim) : this.child !== undefined && this.exit === undefined)) await sleep(POLL_MS / 2);
      await this.signal('SIGKILL');
    }
  }

  private async spawn(): Promise<void> {
    const { files, spec, attempt, env } = this.watch;
    const log = await open(files.log, 'a', 0o600);
    try {
      if (this.intent || this.left) return this.exited('not starting');
      const inherited = Object.entries(env).filter(([name]) => ENVIRONMENT.test(name));
      const child = spawn(process.execPath, [`--max-old-space-size=${spec.memoryMb}`, '--enable-source-maps', fileURLToPath(spec.entry), files.directory, String(attempt)], {
        // In a group of its own: Ctrl-C at a terminal reaches the runner, which then decides.
        detached: true,
        stdio: ['ignore', log.fd, log.fd],
        env: { ...Object.fromEntries(inherited), ...spec.env, ...(spec.traceparent !== undefined && { TRACEPARENT: spec.traceparent }) },
      });
      this.child = child;
      child.once('error', (error) => this.exited(error.message));
      child.once('exit', (code, signal) => this.exited(signal ?? `exit code ${code}`, code));
    } finally {
      await log.close();
    }
  }

  private exited(how: string, code?: number | null): void {
    this.exit = how;
    this.exitCode = code ?? undefined;
    this.wake();
  }

  /** A claim that is there but not yet whole is being written, for a moment. */
  private async isYoung(claim: Claim | undefined): Promise<boolean> {
    if (claim || this.exit !== undefined) return false;
    const path = this.watch.files.claim(this.watch.attempt);
    return existsSync(path) && Date.now() - statSync(path).mtimeMs < YOUNG_MS;
  }

  private async signal(name: NodeJS.Signals): Promise<void> {
    const claim = await readJson<Claim>(this.watch.files.claim(this.watch.attempt));
    if (claim) {
      if (claim.pid > 0 && isAlive(claim)) process.kill(claim.pid, name);
    } else if (this.exit === undefined) {
      // Not yet listening: whatever it has not begun need not end softly.
      this.child?.kill('SIGKILL');
    }
  }

  /** Looks at time, memory and signs of life. */
  private async look(claim: Claim): Promise<void> {
    const { spec, files, attempt } = this.watch;
    const now = Date.now();
    if (this.killAtMs !== undefined) {
      if (now >= this.killAtMs) await this.signal('SIGKILL');
      return;
    }
    // The result is there, but something keeps the process.
    if (existsSync(files.result(attempt))) {
      this.killAtMs = now + this.watch.graceMs;
      return;
    }
    const used = residentBytes(claim.pid) ?? 0;
    if (used > spec.memoryMb * 2 ** 20) {
      await this.end(errors.JOB_OUT_OF_MEMORY({ id: spec.id, used: String(Math.ceil(used / 2 ** 20)), limit: String(spec.memoryMb) }), { now: true });
    } else if (spec.timeoutMs !== undefined && now - claim.sinceMs > spec.timeoutMs) {
      await this.end(errors.JOB_TIMED_OUT({ id: spec.id, seconds: String(spec.timeoutMs / 1000) }));
    }
    const vital = `${processorTime(claim.pid)} ${beatOf(files.beat(attempt))}`;
    if (vital !== this.vital) this.vitalMs = now;
    else if (now - this.vitalMs > spec.heartbeatMs) {
      await this.end(errors.JOB_STALLED({ id: spec.id, seconds: String(spec.heartbeatMs / 1000) }), { now: true });
    }
    this.vital = vital;
    if (now - this.lookedMs > LOG_LOOK_MS) {
      this.lookedMs = now;
      this.watch.log.bound();
    }
  }

  private async tailProgress(): Promise<void> {
    const path = this.watch.files.progress(this.watch.attempt);
    if (!existsSync(path)) return;
    const handle = await open(path, 'r');
    try {
      const { size } = await handle.stat();
      if (size <= this.progressAt) return;
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - this.progressAt), 0, size - this.progressAt, this.progressAt);
      const whole = buffer.subarray(0, bytesRead).lastIndexOf(0x0a) + 1;
      this.progressAt += whole;
      for (const line of buffer.toString('utf8', 0, whole).split('\n')) if (line) this.watch.onProgress(parseCanonicalJson(line) as Progress);
    } finally {
      await handle.close();
    }
  }

  /** A process from before the runner's restart was quicker with the claim: that one is watched. */
  private disown(): void {
    this.child = undefined;
    this.exit = undefined;
    this.exitCode = undefined;
  }

  /** How the attempt ended; undefined where it has not, after all. */
  private async conclude(claim: Claim | undefined): Promise<Outcome | undefined> {
    const { files, spec, attempt } = this.watch;
    const record = await readJson<OutcomeRecord>(files.result(attempt));
    const result = record && fromRecord(record);
    if (result?.ok) return result;
    if (this.intent) return { ok: false, error: this.intent };
    if (result) return result;
    // It ended before it could claim the attempt, so the number is used up here; unless another process was quicker.
    const blank: Claim = { pid: 0, born: '', sinceMs: Date.now() };
    if (!claim && !(await claimJson(files.claim(attempt), blank)) && (await readJson(files.claim(attempt)))) return undefined;
    return { ok: false, error: this.crash({ id: spec.id, log: files.log }) };
  }

  private crash({ id, log }: { readonly id: string; readonly log: string }): AppError {
    if (this.exitCode === EXIT_DISK_FULL) return errors.DISK_FULL({ id });
    const tail = logTail(log);
    const limit = String(this.watch.spec.memoryMb);
    if (/heap out of memory|Array buffer allocation failed/.test(tail) && this.exit !== undefined) return errors.JOB_OUT_OF_MEMORY({ id, used: limit, limit });
    if (this.exit === undefined) return errors.JOB_LOST({ id });
    const detail = tail.trim().split('\n').findLast((line) => /error/i.test(line)) ?? tail.trim().split('\n').at(-1) ?? '';
    return errors.JOB_CRASHED({ id, how: this.exit, log, detail: detail.trim() || '(nothing)' });
  }
}

function beatOf(path: string): number {
  return existsSync(path) ? statSync(path).mtimeMs : 0;
}
