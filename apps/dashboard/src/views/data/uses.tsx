import { featureCalls } from '../../calls/features.js';
import { pipelineCalls } from '../../calls/pipelines.js';
import { registryCalls } from '../../calls/registry.js';
import { useAnswer, useAnswers } from '../../client/answers.js';
import { Table } from '../../parts/table.js';
import { Resource } from '../../router.js';
import { age, count, numberOf } from '../../text.js';

interface Use {
  readonly name: string;
  readonly what: string;
  readonly how: string;
  readonly time: Date | undefined;
}

/** What was made of a version: training sets, the models that learnt from these, online values, and the runs that it came into. Of each the newest hundred are looked through. */
export function Uses({ version }: { readonly version: string }) {
  const sets = useAnswer(featureCalls.trainingSets()).value?.trainingSets ?? [];
  const fillings = useAnswer(featureCalls.allMaterializations()).value?.materializations ?? [];
  const runs = useAnswer(pipelineCalls.pipelineRuns()).value?.pipelineRuns ?? [];
  const models = useAnswer(registryCalls.models());
  const versions = useAnswers((models.value?.models ?? []).map(({ name }) => registryCalls.modelVersions(name))).flatMap((page) => page?.modelVersions ?? []);
  const uses: readonly Use[] = [
    ...versions.filter(({ origin }) => origin?.datasetVersion === version).map(({ name, createTime }) => ({ name, what: 'Model version', how: 'learnt from a training set of it', time: createTime })),
    ...sets.filter(({ spine }) => spine?.datasetVersion === version).map(({ name, rows, createTime }) => ({ name, what: 'Training set', how: `took ${count(rows)} rows of it as its spine`, time: createTime })),
    ...fillings.filter(({ datasetVersion }) => datasetVersion === version).map(({ featureView, rows, createTime }) => ({ name: featureView, what: 'Feature view', how: `was filled from ${count(rows)} rows of it`, time: createTime })),
    ...runs.filter(({ steps }) => steps.some(({ outputs }) => outputs['dataset_version'] === version)).map(({ name, createTime }) => ({ name, what: 'Pipeline run', how: 'came to it in its steps', time: createTime })),
  ];
  if (uses.length === 0) return <p className="quiet">Nobody yet. A run of a pipeline over version {numberOf(version)}, or a training set with it as its spine, will stand here.</p>;
  return (
    <Table
      title="Uses of the version"
      hidden
      rows={uses}
      keyOf={({ name, what, time }) => `${what} ${name} ${time?.getTime() ?? ''}`}
      columns={[
        { head: 'Used by', cell: ({ name }) => <Resource name={name} /> },
        { head: 'Which is a', cell: ({ what }) => what.toLowerCase() },
        { head: 'How', cell: ({ how }) => <span className="prose">{how}</span> },
        { head: 'When', cell: ({ time }) => <time>{age(time)}</time> },
      ]}
    />
  );
}
