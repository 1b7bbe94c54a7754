import { runJob } from '@millrace/jobs';
import { type ObjectsPlace, openObjects } from '@millrace/objects';
import { openTables } from '@millrace/tables';
import { makeTrainingSet, type TrainingSetArgument, type TrainingSetResult } from './offline/make-training-set.js';

/** What the job needs beside the set itself. */
export interface TrainingSetJobArgument extends TrainingSetArgument {
  readonly objects: ObjectsPlace;
  readonly memoryLimit: string;
  readonly threads: number;
}

await runJob<TrainingSetJobArgument, TrainingSetResult>(async (argument, job) => {
  const objects = await openObjects(argument.objects);
  const tables = await openTables({ objects, memoryLimit: argument.memoryLimit, threads: argument.threads });
  try {
    return await makeTrainingSet(argument, { tables, signal: job.signal, progress: (step, done, total) => job.progress({ step, done, total }) });
  } finally {
    await tables.close();
  }
});
