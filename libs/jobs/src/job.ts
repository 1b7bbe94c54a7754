import type { AppError } from '@millrace/core';

/** How far a job has come. */
export interface Progress {
  readonly step: string;
  readonly done: number;
  readonly total?: number;
  readonly note?: string;
}

/** One line that a job has said. */
export interface LogLine {
  /** Bytes of the log up to its end: greater for each line. */
  readonly position: number;
  readonly time: Date;
  readonly text: string;
}

/** What a job has said since the last part. */
export interface LogPart {
  /** Tells logs apart: a job that begins anew on another machine has another. */
  readonly log: string;
  readonly lines: readonly LogLine[];
}

/** What the function of a job is handed. */
export interface Job {
  readonly id: string;
  /** Aborts when the job is cancelled or out of time; its reason is the error that the job should end with. */
  readonly signal: AbortSignal;
  /** Tells how far the job has come; may be called as often as one likes. Each new step is a line of the job's log. */
  progress(progress: Progress): void;
  /** Writes one line to the job's log. */
  log(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** What to run, and within which bounds. */
export interface JobSpec {
  /** Chosen by the caller: the same id is the same job, however often it is started. */
  readonly id: string;
  /** The built `*.job.js`; see `entryUrl` of core. */
  readonly entry: URL;
  /** Any value that canonicalJson can say. */
  readonly argument: unknown;
  /** Bounds the resident memory of the process, and the old space of its JavaScript heap. */
  readonly memoryMb?: number;
  /** For each attempt; none when absent. */
  readonly timeoutMs?: number;
  /** How long the process may neither beat nor use processor time. */
  readonly heartbeatMs?: number;
  /** How often to begin anew after a crash, a stall, a loss or an UNAVAILABLE. */
  readonly retries?: number;
  /** W3C trace context, given to the process as TRACEPARENT. */
  readonly traceparent?: string;
  /** Further environment variables for the process; kept in a file that only this user can read. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A job that was started: waiting, running or finished. */
export interface JobHandle {
  readonly id: string;
  /** The last progress first, then each further one until the job ends; a slow reader misses some but never the last. */
  progress(): AsyncIterable<Progress>;
  /** What the job says, told once: for one reader. A part counts as told when the next is asked for; ends with the job, or where the runner closes. */
  log(): AsyncIterable<LogPart>;
  /** What the job returned; rejects with the AppError that it threw or that ended it. */
  readonly result: Promise<unknown>;
  /** Asks the job to end (job.signal), and kills it after a grace; gives once the job has ended. */
  cancel(reason: string): Promise<void>;
}

/** How a job ended. */
export type Outcome = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: AppError };

/** What was found on disk at a start. */
export interface Recovered {
  /** Still running, waiting, or begun anew because retries were left. */
  readonly adopted: readonly JobHandle[];
  /** Finished, with a result or an error of their own, that nobody has forgotten yet. */
  readonly finished: readonly { readonly id: string; readonly outcome: Outcome }[];
  /** Dead without a result, now failed with JOB_LOST. */
  readonly ended: readonly { readonly id: string; readonly error: AppError }[];
}
