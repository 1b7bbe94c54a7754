import { type ObjectsPlace, openObjects } from '@millrace/objects';
import { runJob } from '@millrace/jobs';
import { train } from './training/train.js';
import type { DataLimits } from './training/training-data.js';
import type { TrainingSpec } from './training-spec.js';

/** What the job needs to know. */
export interface TrainJobArgument {
  readonly spec: TrainingSpec;
  readonly objects: ObjectsPlace;
  readonly limits: DataLimits;
}

await runJob(async (argument, job) => {
  const { spec, objects: place, limits } = argument as TrainJobArgument;
  const objects = await openObjects(place);
  return train(spec, { objects, limits, signal: job.signal, onProgress: (step, done, total) => job.progress({ step, done, total }) });
});
