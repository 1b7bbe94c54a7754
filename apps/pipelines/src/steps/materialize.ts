import { valuesOf } from '../file/feature-messages.js';
import { outputsOf } from '../pipeline-run.js';
import { awaitJob } from './await-job.js';
import { foreseenEnd } from './data-end.js';
import type { Step } from './step.js';

/** Fills the online store of a view once for each definition of it: afterwards pushes keep it fresh, and filling it again would lose what they brought. */
export const materialize: Step = {
  cacheInput: async ({ version, step }) => ({ view: step.subject, definition: valuesOf(version.file.feature_views)[step.subject] }),
  async execute(context) {
    const { run, step, version, services, requestId, signal } = context;
    const { source = '' } = version.file.feature_views[step.subject] ?? {};
    const datasetVersion = run.steps.find(({ kind, subject }) => kind === 'ingest' && subject === source)?.outputs['dataset_version'] ?? outputsOf(run, 'training_set')['dataset_version'] ?? '';
    const created = await services.features.createMaterialization({ materialization: { featureView: `featureViews/${step.subject}`, datasetVersion, knownBefore: new Date(foreseenEnd(context)) }, requestId });
    const ended = await awaitJob(services.features.watchMaterialization({ name: created.name }, { signal }), context);
    return { outputs: { materialization: ended.name, rows: String(ended.rows), entities: String(ended.entities) } };
  },
};
