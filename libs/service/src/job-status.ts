import { AppError, type Code } from '@millrace/core';
import { ErrorInfo } from '@millrace/contracts/google/rpc/error_details';
import { type JobLog as JobLogMessage, type JobStatus as JobStatusMessage, JobState as JobStateMessage } from '@millrace/contracts/millrace/type/v1/job';
import type { LogPart } from '@millrace/jobs';

/** Where a job stands; the last three are final. */
export type JobState = 'PENDING' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';

/** How far a job is. A total of 0 means that nobody knows. */
export interface JobProgress {
  readonly step: string;
  readonly done: number;
  readonly total: number;
  readonly note: string;
  readonly updateTime: Date;
}

/** Why a job failed, as it is kept with the resource. */
export interface JobFailure {
  readonly code: Code;
  readonly domain: string;
  readonly reason: string;
  readonly message: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** What every job resource keeps of its run; progress is not kept, only told. */
export interface JobStatus {
  readonly state: JobState;
  readonly startTime: Date | undefined;
  readonly endTime: Date | undefined;
  readonly failure: JobFailure | undefined;
}

export const PENDING: JobStatus = { state: 'PENDING', startTime: undefined, endTime: undefined, failure: undefined };

export const isFinal = ({ state }: Pick<JobStatus, 'state'>): boolean => state === 'SUCCEEDED' || state === 'FAILED' || state === 'CANCELLED';

/** The status after a job has begun, or been taken up again. */
export const begun = (status: JobStatus, now: Date): JobStatus => ({ ...status, state: 'RUNNING', startTime: status.startTime ?? now });

/** The status after a job has ended; an error whose code is CANCELLED ends it so. */
export function ended(status: JobStatus, now: Date, error?: unknown): JobStatus {
  const base = { ...status, startTime: status.startTime ?? now, endTime: now };
  if (error === undefined) return { ...base, state: 'SUCCEEDED', failure: undefined };
  const failure = failureOf(error);
  return { ...base, state: isCancellation(error) ? 'CANCELLED' : 'FAILED', failure };
}

const isCancellation = (error: unknown): boolean => error instanceof AppError && error.reason.endsWith('CANCELLED');

/** An error as it is kept; one that is not ours says nothing of its insides. */
export function failureOf(error: unknown): JobFailure {
  if (!(error instanceof AppError)) return { code: 'INTERNAL', domain: 'millrace', reason: 'INTERNAL', message: 'Internal error.', metadata: {} };
  const { code, domain, reason, message, metadata } = error;
  return { code, domain, reason, message, metadata };
}

/** The kept failure as the error it was. */
export const asError = ({ code, domain, reason, message, metadata }: JobFailure): AppError => new AppError(code, domain, reason, message, metadata);

const STATES: Record<JobState, JobStateMessage> = {
  PENDING: JobStateMessage.PENDING,
  RUNNING: JobStateMessage.RUNNING,
  SUCCEEDED: JobStateMessage.SUCCEEDED,
  FAILED: JobStateMessage.FAILED,
  CANCELLED: JobStateMessage.CANCELLED,
};

/** Numbers of google.rpc.Code. */
const CODES: Partial<Record<Code, number>> = {
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
};
const UNKNOWN = 2;
const ERROR_INFO = 'type.googleapis.com/google.rpc.ErrorInfo';

/** The public form of a status; progress is that of running work. */
export const toJobStatus = (status: JobStatus, progress?: JobProgress): JobStatusMessage => ({
  state: STATES[status.state],
  progress: status.state === 'RUNNING' && progress ? { ...progress } : undefined,
  startTime: status.startTime,
  endTime: status.endTime,
  error: status.failure && toStatusMessage(status.failure),
});

/** The public form of what the job `name` has said. */
export const toJobLog = (name: string, { requestId, part }: { readonly requestId: string; readonly part: LogPart }): JobLogMessage => ({
  job: name,
  requestId,
  log: part.log,
  lines: part.lines.map(({ position, time, text }) => ({ position: BigInt(position), time, text })),
});

/** A failure as google.rpc.Status with its ErrorInfo. */
export const toStatusMessage = ({ code, domain, reason, message, metadata }: JobFailure) => ({
  code: CODES[code] ?? UNKNOWN,
  message,
  details: [{ typeUrl: ERROR_INFO, value: Buffer.from(ErrorInfo.encode({ reason, domain, metadata: { ...metadata } }).finish()) }],
});
