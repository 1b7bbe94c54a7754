import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AppError, isError } from '@millrace/core';
import { errors } from './errors.js';
import type { JobHandle, JobSpec, Outcome, Recovered } from './job.js';
import { type Claim, codeOf, fromRecord, jobDirectory, type JobFiles, jobFiles, type OutcomeRecord, readJson, type StoredSpec, syncDirectory, toRecord, writeJson } from './job-files.js';
import { type Environment, JobProcess, latestAttempt } from './job-process.js';
import { JobLog } from './job-log.js';
import { isAlive } from './process-info.js';
import { ProgressFeed } from './progress-feed.js';
import { redactionOf } from './redaction.js';
import { Slots } from './slots.js';

/** How a runner is opened. */
export interface JobRunnerOptions {
  /** Where the files of the jobs lie; one runner at a time has it. */
  readonly dir: string;
  readonly maxConcurrent?: number;
  /** From being asked to end until being killed. */
  readonly graceMs?: number;
  /** The environment that jobs see a part of; that of this process when absent. */
  readonly env?: Environment;
}

const DEFAULT_CONCURRENT = 2;
const DEFAULT_GRACE_MS = 5_000;
const DEFAULT_MEMORY_MB = 1_024;
const DEFAULT_HEARTBEAT_MS = 60_000;
const FIRST_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 30_000;
/** So often more than after a crash a job that may be tried again is, after an UNAVAILABLE of somebody else: with the pauses that is two minutes. */
const OUTAGE_RETRIES = 8;
const DOMAIN = 'jobs.millrace';

/** Opens a runner over a directory; call `recover` before the first `start`. */
export async function openJobRunner({ dir, maxConcurrent = DEFAULT_CONCURRENT, graceMs = DEFAULT_GRACE_MS, env = process.env }: JobRunnerOptions): Promise<JobRunner> {
  const root = resolve(dir);
  await mkdir(root, { recursive: true, mode: 0o700 });
  return new JobRunner(root, { slots: new Slots(maxConcurrent), places: maxConcurrent, graceMs, env });
}

interface Running {
  readonly handle: JobHandle;
  readonly outcome: Promise<Outcome>;
  readonly feed: ProgressFeed;
  /** Aborts, with an AppError, what has no process yet. */
  readonly stop: AbortController;
  process: JobProcess | undefined;
  ended: boolean;
}

/** Runs jobs in child processes; what it knows lies on disk, so that the next runner goes on where this one stops. */
export class JobRunner {
  private readonly jobs = new Map<string, Promise<Running>>();
  /** What `recover` found and nobody has asked for since. */
  private readonly unasked = new Set<string>();
  private readonly listeners = new Set<() => void>();
  private open = 0;
  private closing: { readonly leave: boolean } | undefined;

  constructor(
    private readonly root: string,
    private readonly limits: { readonly slots: Slots; readonly places: number; readonly graceMs: number; readonly env: Environment },
  ) {}

  /** How many more jobs could run at once than have been started here and have not ended. */
  get free(): number {
    return Math.max(0, this.limits.places - this.open);
  }

  /** Calls `listener` whenever a job has ended, until the returned function is called. */
  onEnd(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Whether there are files of this job here: it waits, runs, or has ended and nobody has forgotten it. */
  knows(id: string): boolean {
    return this.jobs.has(id) || existsSync(jobFiles(jobDirectory(this.root, id)).spec);
  }

  /** Starts the job, or gives the one of the same id whether it waits, runs or has ended; durable once this gives the handle. */
  async start(spec: JobSpec): Promise<JobHandle> {
    if (this.closing) throw errors.RUNNER_CLOSED({ id: spec.id });
    this.expect(spec.id);
    const files = jobFiles(jobDirectory(this.root, spec.id));
    const known = this.jobs.get(spec.id) ?? this.enter(spec.id, () => this.create(files, spec));
    return (await known).handle;
  }

  /** The job of that id, if it is known here or on disk. */
  async get(id: string): Promise<JobHandle | undefined> {
    this.expect(id);
    const files = jobFiles(jobDirectory(this.root, id));
    const known = this.jobs.get(id) ?? (existsSync(files.spec) ? this.enter(id, () => this.stored(files)) : undefined);
    return (await known)?.handle;
  }

  /** Finds what earlier runners have left: goes on with what runs or waits, delivers what has finished, and fails what is dead. */
  async recover(): Promise<Recovered> {
    const adopted: JobHandle[] = [];
    const finished: { id: string; outcome: Outcome }[] = [];
    const ended: { id: string; error: AppError }[] = [];
    for (const id of await readdir(this.root)) {
      const files = jobFiles(jobDirectory(this.root, id));
      if (this.jobs.has(id)) continue;
      if (!existsSync(files.spec)) {
        // Its start never gave a handle.
        await rm(files.directory, { recursive: true, force: true });
        continue;
      }
      const goesOn = await this.goesOn(files);
      const { handle, outcome } = await this.enter(id, () => this.stored(files));
      this.unasked.add(id);
      if (goesOn) {
        adopted.push(handle);
        continue;
      }
      const how = await outcome;
      if (!how.ok && isError(how.error, DOMAIN, 'JOB_LOST')) ended.push({ id, error: how.error });
      else finished.push({ id, outcome: how });
    }
    return { adopted, finished, ended };
  }

  /** Says that somebody will ask for this job. */
  expect(id: string): void {
    this.unasked.delete(id);
  }

  /**
   * Ends and forgets what `recover` found and nobody expects: a crash came after the end of the job was kept and before the job was forgotten.
   * Call it when all who work with this runner have said what they expect.
   */
  async forgetUnexpected(): Promise<readonly string[]> {
    const ids = [...this.unasked];
    this.unasked.clear();
    await Promise.all(
      ids.map(async (id) => {
        await (await this.jobs.get(id))?.handle.cancel('nobody waits for it');
        await this.forget(id);
      }),
    );
    return ids;
  }

  /** Removes the files of a job that has ended; JOB_RUNNING where it has not. An unknown id is fine. */
  async forget(id: string): Promise<void> {
    const { directory } = jobFiles(jobDirectory(this.root, id));
    const known = await this.jobs.get(id);
    if (known && !known.ended) throw errors.JOB_RUNNING({ id });
    this.jobs.delete(id);
    await rm(directory, { recursive: true, force: true });
  }

  /** Stops. Jobs are asked to end (or left running with `leave`), and either way the next runner's `recover` goes on with them; their results here reject with RUNNER_CLOSED. */
  async close({ leave = false }: { readonly leave?: boolean } = {}): Promise<void> {
    this.closing ??= { leave };
    const all = await Promise.all([...this.jobs.values()]);
    await Promise.all(
      all.map(async ({ handle, process, stop, outcome }) => {
        stop.abort(errors.RUNNER_CLOSED({ id: handle.id }));
        await process?.leave({ running: leave });
        await outcome;
      }),
    );
  }

  private enter(id: string, load: () => Promise<StoredSpec>): Promise<Running> {
    this.open++;
    const running = load().then((spec) => this.launch(spec));
    this.jobs.set(id, running);
    running.catch(() => this.jobs.delete(id));
    void running.then(({ outcome }) => outcome).catch(() => undefined).then(() => {
      this.open--;
      for (const listener of this.listeners) listener();
    });
    return running;
  }

  private async create(files: JobFiles, { entry, argument, memoryMb = DEFAULT_MEMORY_MB, heartbeatMs = DEFAULT_HEARTBEAT_MS, retries = 0, ...rest }: JobSpec): Promise<StoredSpec> {
    if (existsSync(files.spec)) return this.stored(files);
    const spec: StoredSpec = { ...rest, entry: entry.href, memoryMb, heartbeatMs, retries };
    try {
      await mkdir(files.directory, { recursive: true, mode: 0o700 });
      await writeJson(files.argument, { value: argument });
      // Last: a directory without a spec is no job.
      await writeJson(files.spec, spec);
      await syncDirectory(this.root);
    } catch (cause) {
      await rm(files.directory, { recursive: true, force: true });
      throw codeOf(cause) === 'ENOSPC' ? errors.DISK_FULL({ id: spec.id }, { cause }) : cause;
    }
    return spec;
  }

  private async stored(files: JobFiles): Promise<StoredSpec> {
    const spec = await readJson<StoredSpec>(files.spec);
    if (!spec) throw errors.JOB_NOT_FOUND({ id: basename(files.directory) });
    return spec;
  }

  /** Whether a job on disk is not at its end: it waits, runs, or will begin anew. */
  private async goesOn(files: JobFiles): Promise<boolean> {
    if (existsSync(files.outcome)) return false;
    const attempt = latestAttempt(files);
    if (attempt === 0) return true;
    const claim = await readJson<Claim>(files.claim(attempt));
    if (claim && claim.pid > 0 && isAlive(claim)) return true;
    const record = await readJson<OutcomeRecord>(files.result(attempt));
    const outcome: Outcome = record ? fromRecord(record) : { ok: false, error: errors.JOB_LOST({ id: '' }) };
    return !existsSync(files.intent(attempt)) && mayRetry(outcome, attempt, await this.stored(files));
  }

  private launch(spec: StoredSpec): Running {
    const files = jobFiles(jobDirectory(this.root, spec.id));
    const feed = new ProgressFeed();
    const log = new JobLog(files, redactionOf({ ...this.limits.env, ...spec.env }));
    const stop = new AbortController();
    const running: { -readonly [Key in keyof Running]?: Running[Key] } = { feed, stop, process: undefined, ended: false };
    const outcome = this.drive(spec, { files, feed, log, stop: stop.signal, use: (process) => (running.process = process) }).catch(
      (cause: unknown): Outcome => ({ ok: false, error: codeOf(cause) === 'ENOSPC' ? errors.DISK_FULL({ id: spec.id }, { cause }) : errors.JOB_FAILED({ id: spec.id, detail: String(cause), log: files.log }, { cause }) }),
    );
    const result = outcome.then((how) => {
      running.ended = true;
      feed.end();
      log.end(!how.ok && isError(how.error, DOMAIN, 'RUNNER_CLOSED') ? 'left' : 'whole');
      if (!how.ok) throw how.error;
      return how.value;
    });
    // Whoever wants the result awaits it; nobody must.
    result.catch(() => undefined);
    const cancel = async (why: string) => {
      const error = errors.JOB_CANCELLED({ id: spec.id, why });
      stop.abort(error);
      await running.process?.end(error);
      await outcome;
    };
    return Object.assign(running, { outcome, handle: { id: spec.id, progress: () => feed.read(), log: () => log.parts(), result, cancel } }) as Running;
  }

  /** Attempt after attempt until the job ends. */
  private async drive(spec: StoredSpec, { files, feed, log, stop, use }: { readonly files: JobFiles; readonly feed: ProgressFeed; readonly log: JobLog; readonly stop: AbortSignal; readonly use: (process: JobProcess | undefined) => void }): Promise<Outcome> {
    const before = await readJson<OutcomeRecord>(files.outcome);
    if (before) return fromRecord(before);
    for (let attempt = Math.max(latestAttempt(files), 1); ; attempt++) {
      const free = await this.limits.slots.take(stop, { now: existsSync(files.claim(attempt)) });
      let outcome: Outcome | undefined;
      if (free) {
        const process = new JobProcess({ files, spec, attempt, graceMs: this.limits.graceMs, env: this.limits.env, log, onProgress: (progress) => feed.push(progress) });
        use(process);
        try {
          // Asked to stop before it had a process to be asked through.
          if (this.closing) await process.leave({ running: this.closing.leave });
          else if (!stop.aborted) outcome = await process.run();
          else if (existsSync(files.claim(attempt))) {
            await process.end(stop.reason as AppError);
            outcome = await process.run();
          }
        } finally {
          use(undefined);
          free();
        }
      }
      if (this.closing && (!outcome || mayRetry(outcome, attempt, spec) || isLost(outcome))) return { ok: false, error: errors.RUNNER_CLOSED({ id: spec.id }) };
      if (outcome && !stop.aborted && mayRetry(outcome, attempt, spec)) {
        await sleep(Math.min(FIRST_BACKOFF_MS * 2 ** (attempt - 1), MAX_BACKOFF_MS), undefined, { signal: stop }).catch(() => undefined);
        if (!stop.aborted) continue;
        outcome = undefined;
      }
      const final = outcome ?? { ok: false as const, error: stop.reason as AppError };
      if (!this.closing || outcome) await writeJson(files.outcome, toRecord(final));
      return final;
    }
  }
}

const isLost = (outcome: Outcome): boolean => !outcome.ok && isError(outcome.error, DOMAIN, 'JOB_LOST');

/** What a crash or the machine did may be tried again; what the job itself said, only where it says UNAVAILABLE. */
function mayRetry(outcome: Outcome, attempt: number, { retries }: StoredSpec): boolean {
  if (outcome.ok || retries === 0) return false;
  const { error } = outcome;
  // A server that is away is no fault of the job.
  if (error.domain !== DOMAIN) return error.retryable && attempt <= retries + OUTAGE_RETRIES;
  return attempt <= retries && (error.retryable || isError(error, DOMAIN, 'JOB_CRASHED'));
}
