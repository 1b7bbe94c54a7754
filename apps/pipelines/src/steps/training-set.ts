import type { Spine } from '@millrace/contracts/millrace/features/v1/training_set';
import { firstOf } from '../file/split-messages.js';
import { outputsOf } from '../pipeline-run.js';
import { awaitJob } from './await-job.js';
import { foreseenEnd } from './data-end.js';
import type { Step, StepContext } from './step.js';

/** Joins features onto the spine as of each row's time, over the days that training and evaluation need. */
export const trainingSet: Step = {
  cacheInput: async (context) => {
    const spine = spineOf(context);
    return { spine: { ...spine, from: spine.from?.getTime(), to: spine.to?.getTime() }, data: ingested(context).digest, features: outputsOf(context.run, 'features').digest, service: context.version.file.training.features ?? '' };
  },
  async execute(context) {
    const { services, requestId, version, signal } = context;
    const { features } = version.file.training;
    const created = await services.features.createTrainingSet({ trainingSet: { featureService: features === undefined ? '' : `featureServices/${features}`, spine: spineOf(context) }, requestId });
    const ended = await awaitJob(services.features.watchTrainingSet({ name: created.name }, { signal }), context);
    return { outputs: { training_set: ended.name, digest: ended.digest, rows: String(ended.rows), dataset_version: ended.spine?.datasetVersion ?? '', dataset_rows: ingested(context).rows ?? '', data_end: String(foreseenEnd(context)) } };
  },
};

const ingested = ({ run, version }: StepContext) => run.steps.find(({ kind, subject }) => kind === 'ingest' && subject === version.file.training.spine)?.outputs ?? {};

function spineOf(context: StepContext): Spine {
  const { file } = context.version;
  const { spine, split, sample, labels } = file.training;
  const end = foreseenEnd(context);
  return {
    datasetVersion: ingested(context).dataset_version ?? '',
    eventTimeColumn: file.sources[spine]?.contract.event_time ?? '',
    from: firstOf(split, end),
    to: new Date(end),
    columns: [],
    sampleShare: sample?.share ?? 0,
    sampleSeed: BigInt(sample?.seed ?? 0),
    labels: Object.entries(labels).map(([name, { column, greater_than }]) => ({ name, column, greaterThan: greater_than })),
  };
}
