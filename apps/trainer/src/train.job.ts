import { openLocalObjects } from '@millrace/objects';
import { runJob } from '@millrace/jobs';
import { train } from './training/train.js';
import type { DataLimits } from './training/training-data.js';
import type { TrainingSpec } from './training-spec.js';

/** What the job needs to know. */
export interface TrainJobArgument {
  readonly spec: TrainingSpec;
  readonly objectsDir: string;
  readonly limits: DataLimits;
}

await runJob(async (argument, job) => {
  const { spec, objectsDir, limits } = argument as TrainJobArgument;
  const objects = await openLocalObjects(objectsDir);
  return train(spec, { objects, limits, signal: job.signal, onProgress: (step, done, total) => job.progress({ step, done, total }) });
});
