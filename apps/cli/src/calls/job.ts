import type { JobStatus } from '@millrace/contracts/millrace/type/v1/job';
import { word } from '../text/state-word.js';
import type { Watched } from './run-watcher.js';

const FINAL: ReadonlySet<string> = new Set(['SUCCEEDED', 'FAILED', 'CANCELLED', 'CACHED', 'SKIPPED']);

/** Whether nothing more comes after this state. */
export const isFinalState = (state: string): boolean => FINAL.has(word(state));

/** A job as what is watched. */
export const watchedJob = (id: string, status: JobStatus | undefined): Watched => ({
  id,
  state: status?.state ?? 'UNSPECIFIED',
  progress: status?.progress,
  startTime: status?.startTime,
  endTime: status?.endTime,
  why: status?.error?.message ?? '',
});
