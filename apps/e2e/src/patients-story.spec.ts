import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PipelineRun } from '@millrace/contracts/millrace/pipelines/v1/pipeline_run';
import { JobState } from '@millrace/contracts/millrace/type/v1/job';
import { seededRandom } from '@millrace/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Home, startAll } from './start-all.js';

const PATIENTS = 300;
const VISITS = 8;

/** Visits of patients who differ a little in how often they come back; a few come back. The same every time. */
function visitsCsv(): string {
  const rows = ['admitted,patient,ward,age,pulse,readmitted'];
  const random = seededRandom(11);
  for (let visit = 0; visit < VISITS; visit++)
    for (let patient = 0; patient < PATIENTS; patient++) {
      const [age, pulse] = [20 + Math.floor(random() * 70), 50 + Math.floor(random() * 80)];
      const admitted = new Date(Date.UTC(2001, 0, 1 + visit * 30, 0, patient)).toISOString().slice(0, 19);
      rows.push(`${admitted},p${patient},${['a', 'b', 'c'][patient % 3]},${age},${pulse},${random() < 0.02 + (age > 70 && pulse > 100 ? 0.4 : 0) ? 1 : 0}`);
    }
  return `${rows.join('\n')}\n`;
}

const FILE = `millrace: 1
pipeline: readmissions
sources:
  visits:
    path: visits.csv
    contract:
      event_time: admitted
      columns:
        admitted: { type: TIMESTAMP, required: true }
        patient: { type: STRING, required: true }
        ward: { type: STRING }
        age: { type: INT64 }
        pulse: { type: INT64 }
        readmitted: { type: INT64 }
entities:
  ward: { join_keys: { ward: STRING } }
feature_views:
  wards:
    entity: ward
    source: visits
    keys: { ward: ward }
    event_time: admitted
    knowledge_time: { delay: 30d }
    features: { readmitted_share: { mean: readmitted, window: 1440h } }
feature_services:
  readmissions: [{ view: wards, prefix: ward_, keys: { ward: ward } }]
training:
  spine: visits
  features: readmissions
  target: readmitted
  groups: [patient]
  split: { by: group, column: patient, evaluate: 0.25, seed: 7 }
plan:
  steps:
    - split: { by: group, column: patient }
    - impute: { columns: [age, pulse, ward_readmitted_share] }
    - onehot: { column: ward }
  features: [age, pulse, ward_readmitted_share, ward_onehot]
ladder:
  - { name: dummy, estimator: dummy }
  - { name: logistic, estimator: logistic, steps: [{ standard: { columns: [age, pulse] } }, { resample: { by: weights } }] }
  - { name: trees, estimator: trees, params: { trees: 20, leaves: 8 }, steps: [{ resample: { by: smote, to: 0.5, seed: 7 } }] }
gate:
  metrics: { auc: { at_least: 0.6 }, ece: { at_most: 0.08 } }
register: { model: readmissions }
endpoint: { name: readmissions }
`;

let home: Home;
beforeAll(async () => {
  home = await startAll();
  writeFileSync(join(home.directory, 'visits.csv'), visitsCsv());
});
afterAll(() => home.close());

async function ended({ name }: PipelineRun): Promise<PipelineRun> {
  let last: PipelineRun | undefined;
  for await (const run of home.clients.pipelines.watchPipelineRun({ name })) last = run;
  if (!last) throw new Error(`${name} was never seen.`);
  return last;
}

it('judges a model by patients that it has not met, balances those that it has, and answers with honest probabilities', async () => {
  const { pipelines, trainer, inference } = home.clients;
  await pipelines.applyPipeline({ source: FILE, basePath: home.directory });
  const run = await ended(await pipelines.createPipelineRun({ pipeline: 'pipelines/readmissions' }));
  expect(run.status?.state, run.steps.map(({ id, error }) => `${id}: ${error?.message ?? ''}`).join('\n')).toBe(JobState.SUCCEEDED);

  const [job] = (await trainer.listTrainingJobs({})).trainingJobs;
  const evaluation = await trainer.getEvaluation({ name: job?.evaluation ?? '' });
  const [dummy, logistic, trees] = job?.models ?? [];
  expect((dummy?.trainingRows ?? 0n) + evaluation.rows, 'each visit stands on one side').toBe(BigInt(PATIENTS * VISITS));
  expect(evaluation.rows % BigInt(VISITS), 'with all visits of its patient').toBe(0n);
  expect(logistic?.trainingRows).toBe(dummy?.trainingRows);
  expect(trees?.trainingRows, 'with visits that are made up').toBeGreaterThan(dummy?.trainingRows ?? 0n);
  expect(trees?.inputs?.columns.map(({ name }) => name), 'the patient is no input').toEqual(['age', 'pulse', 'ward', 'ward_readmitted_share']);

  const scores = async (age: bigint, pulse: bigint) => {
    const values = { ward: { kind: { $case: 'stringValue' as const, value: 'a' } }, age: { kind: { $case: 'int64Value' as const, value: age } }, pulse: { kind: { $case: 'int64Value' as const, value: pulse } } };
    return (await inference.predict({ endpoint: 'endpoints/readmissions', rows: [{ values }], eventTimes: [new Date('2001-08-15T00:00:00Z')] })).predictions[0]?.score ?? Number.NaN;
  };
  expect(await scores(30n, 70n), 'one in fifty').toBeLessThan(0.1);
  expect(await scores(80n, 120n), 'two in five').toBeGreaterThan(0.2);
});
