import type { JobStatus as JobStatusMessage } from '@millrace/contracts/millrace/type/v1/job';
import { JobState } from '@millrace/contracts/millrace/type/v1/job';
import { AppError } from '@millrace/core';
import { errors } from '../errors.js';
import type { StepContext } from './step.js';

/** A job resource of any service. */
interface JobMessage {
  readonly name: string;
  readonly status: JobStatusMessage | undefined;
}

/** Follows a job to its end, tells its progress, and throws with its own reason when it did not succeed. When the run is cancelled `cancel` ends the job; when this process ends, the job goes on and is found again. */
export async function awaitJob<T extends JobMessage>(states: AsyncIterable<T>, { progress, signal }: StepContext, cancel?: () => Promise<unknown>): Promise<T> {
  let last: T | undefined;
  try {
    for await (const state of states) {
      signal.throwIfAborted();
      last = state;
      const told = state.status?.progress;
      if (told) progress({ step: told.step, done: told.done, total: told.total, note: told.note, updateTime: told.updateTime ?? new Date() });
    }
    signal.throwIfAborted();
  } catch (error) {
    // Only who cancels gives a reason of ours. A job that has ended meanwhile refuses: then there is nothing left to end.
    if (signal.reason instanceof AppError) await cancel?.().catch((failure: unknown) => { if (!(failure instanceof AppError) || failure.code !== 'FAILED_PRECONDITION') throw failure; });
    throw error;
  }
  const state = last?.status?.state ?? JobState.UNSPECIFIED;
  if (last && state === JobState.SUCCEEDED) return last;
  throw errors.JOB_FAILED({ name: last?.name ?? 'a job', state: state.replace('JOB_STATE_', ''), why: last?.status?.error?.message ?? 'it says no reason' });
}
