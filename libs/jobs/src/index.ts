export { jobAbandoned, jobCancelled } from './errors.js';
export type { Job, JobHandle, JobSpec, LogLine, LogPart, Outcome, Progress, Recovered } from './job.js';
export { type JobRunner, type JobRunnerOptions, openJobRunner } from './job-runner.js';
export { runJob } from './run-job.js';
