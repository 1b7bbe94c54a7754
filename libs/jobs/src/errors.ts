import { type AppError, defineErrors } from '@millrace/core';

/** Every error of jobs; what a job itself throws as an AppError passes unchanged. */
export const errors = defineErrors('jobs.millrace', {
  INVALID_JOB_ID: { code: 'INVALID_ARGUMENT', message: '"{id}" is no job id; use 1 to 128 letters, digits, ".", "_" or "-", the first a letter or digit.' },
  JOB_NOT_FOUND: { code: 'NOT_FOUND', message: 'Job {id} is not known here; start it first.' },
  JOB_RUNNING: { code: 'FAILED_PRECONDITION', message: 'Job {id} is still running; cancel it and wait for its end first.' },
  JOB_FAILED: { code: 'INTERNAL', message: 'Job {id} failed: {detail}. Its log is {log}.' },
  JOB_CRASHED: { code: 'INTERNAL', message: 'The process of job {id} ended by {how} without a result. Its log is {log}; its last line: {detail}' },
  JOB_LOST: { code: 'UNAVAILABLE', message: 'The process of job {id} is gone and left no result, most likely in a restart of the machine or a kill; start the job again.' },
  JOB_STALLED: { code: 'UNAVAILABLE', message: 'Job {id} showed no sign of life for {seconds} s (no beat, no processor time) and was ended; start it again.' },
  JOB_TIMED_OUT: { code: 'DEADLINE_EXCEEDED', message: 'Job {id} ran longer than its {seconds} s and was ended; allow more time or give it less to do.' },
  JOB_OUT_OF_MEMORY: {
    code: 'RESOURCE_EXHAUSTED',
    message: 'Job {id} grew to {used} MB, beyond its limit of {limit} MB, and was ended; raise the limit or work on fewer rows.',
  },
  JOB_CANCELLED: { code: 'ABORTED', message: 'Job {id} was cancelled: {why}.' },
  JOB_ABANDONED: {
    code: 'RESOURCE_EXHAUSTED',
    message: 'Job {id} was given up: {times} instances that ran it died or fell silent one after another. If it takes more memory than they have, give it less to do; else start it again.',
  },
  DISK_FULL: { code: 'RESOURCE_EXHAUSTED', message: 'No space is left for the files of job {id}; free some and start it again.' },
  RUNNER_CLOSED: { code: 'UNAVAILABLE', message: 'The job runner is shutting down; start job {id} again when it is back.' },
});

/** The end of a job that was cancelled before any process ran it. */
export const jobCancelled = (id: string, why: string): AppError => errors.JOB_CANCELLED({ id, why });

/** The end of a job that takes down one instance after another. */
export const jobAbandoned = (id: string, times: number): AppError => errors.JOB_ABANDONED({ id, times: String(times) });
