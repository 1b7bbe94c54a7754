import type { Materialization } from '@millrace/contracts/millrace/features/v1/materialization';
import type { TrainingSet } from '@millrace/contracts/millrace/features/v1/training_set';
import type { PipelineRun } from '@millrace/contracts/millrace/pipelines/v1/pipeline_run';
import type { ModelVersion } from '@millrace/contracts/millrace/registry/v1/model';
import { featureCalls } from '../../calls/features.js';
import { pipelineCalls } from '../../calls/pipelines.js';
import { registryCalls } from '../../calls/registry.js';
import { together, useAnswer, useAnswers } from '../../client/answers.js';
import { Loading, Shown } from '../../parts/states.js';
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
  const models = useAnswer(registryCalls.models());
  const versions = useAnswers((models.value?.models ?? []).map(({ name }) => registryCalls.modelVersions(name)));
  const known = together({ models, sets: useAnswer(featureCalls.trainingSets()), fillings: useAnswer(featureCalls.allMaterializations()), runs: useAnswer(pipelineCalls.pipelineRuns()) });
  return (
    <Shown answer={known} what="who used it">
      {({ sets: { trainingSets }, fillings: { materializations }, runs: { pipelineRuns } }) => {
        const pages = versions.flatMap((page) => page ?? []);
        const uses = usesOf(version, { versions: pages.flatMap(({ modelVersions }) => modelVersions), trainingSets, materializations, pipelineRuns });
        if (uses.length > 0) return <UseTable uses={uses} />;
        return pages.length < versions.length ? <Loading what="who used it" /> : <p className="quiet">Nobody yet. A run of a pipeline over version {numberOf(version)}, or a training set with it as its spine, will stand here.</p>;
      }}
    </Shown>
  );
}

interface Known {
  readonly versions: readonly ModelVersion[];
  readonly trainingSets: readonly TrainingSet[];
  readonly materializations: readonly Materialization[];
  readonly pipelineRuns: readonly PipelineRun[];
}

function usesOf(version: string, { versions, trainingSets: sets, materializations: fillings, pipelineRuns: runs }: Known): readonly Use[] {
  return [
    ...versions.filter(({ origin }) => origin?.datasetVersion === version).map(({ name, createTime }) => ({ name, what: 'Model version', how: 'learnt from a training set of it', time: createTime })),
    ...sets.filter(({ spine }) => spine?.datasetVersion === version).map(({ name, rows, createTime }) => ({ name, what: 'Training set', how: `took ${count(rows)} rows of it as its spine`, time: createTime })),
    ...fillings.filter(({ datasetVersion }) => datasetVersion === version).map(({ featureView, rows, createTime }) => ({ name: featureView, what: 'Feature view', how: `was filled from ${count(rows)} rows of it`, time: createTime })),
    ...runs.filter(({ steps }) => steps.some(({ outputs }) => outputs['dataset_version'] === version)).map(({ name, createTime }) => ({ name, what: 'Pipeline run', how: 'came to it in its steps', time: createTime })),
  ];
}

function UseTable({ uses }: { readonly uses: readonly Use[] }) {
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
