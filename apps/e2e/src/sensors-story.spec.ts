import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PipelineRun } from '@millrace/contracts/millrace/pipelines/v1/pipeline_run';
import { JobState } from '@millrace/contracts/millrace/type/v1/job';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Home, startAll } from './start-all.js';

const MACHINES = 30;
const HOURS = 24 * 20;
const START = Date.UTC(2001, 0, 1);
const at = (hour: number): Date => new Date(START + hour * 3_600_000);

/** Readings of machines that fail when they get hot at once; some lack a temperature, some are nonsense, and their codes are written in any way. */
function readingsCsv(): string {
  const rows = ['measured,machine,code,temperature,vibration,fails'];
  let state = 11;
  const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const last = new Map<number, number>();
  for (let hour = 0; hour < HOURS; hour += 2)
    for (let machine = 0; machine < MACHINES; machine++) {
      const temperature = 60 + Math.floor(random() * 20);
      const rise = temperature - (last.get(machine) ?? temperature);
      const fails = random() < (rise > 10 ? 0.7 : 0.05) ? 1 : 0;
      last.set(machine, temperature);
      const code = [' Pump-A', 'PUMP_A ', 'pump-a', 'Fan-B ', 'FAN_B'][Math.floor(random() * 5)];
      const [shown, shaking] = random() < 0.01 ? [4_000, 90] : [random() < 0.05 ? '' : temperature, 1 + Math.floor(random() * 3)];
      rows.push(`${at(hour).toISOString().slice(0, 19)},m${machine},${code},${shown},${shaking},${fails}`);
    }
  return `${rows.join('\n')}\n`;
}

const FILE = `millrace: 1
pipeline: failures
sources:
  readings:
    path: readings.csv
    contract:
      event_time: measured
      columns:
        measured: { type: TIMESTAMP, required: true }
        machine: { type: STRING, required: true }
        code: { type: STRING }
        temperature: { type: INT64 }
        vibration: { type: INT64 }
        fails: { type: INT64 }
entities:
  machine: { join_keys: { machine: STRING } }
feature_views:
  machines:
    entity: machine
    source: readings
    keys: { machine: machine }
    event_time: measured
    knowledge_time: { delay: 1m }
    features: { filled: { latest_present: temperature }, before: { previous: temperature, steps: 2 }, change: { difference: temperature } }
feature_services:
  failures: [{ view: machines, prefix: m_, keys: { machine: machine } }]
training:
  spine: readings
  features: failures
  target: fails
  split: { evaluate: 5d, train: 15d }
plan:
  steps:
    - droprows: { id: told, columns: [temperature] }
    - expression: { formula: "substring(lower(trim(replace(code, '_', '-'))), 1, 4)", as: kind }
    - split: { column: measured }
    - onehot: { column: kind }
    - isolation: { id: odd, columns: [temperature, vibration], trees: 20, sample: 64, share: 0.01, action: quarantine }
    - expression: { formula: "temperature - coalesce(m_filled, temperature)", as: rise }
  features: [temperature, rise, m_before, m_change, kind_onehot]
ladder:
  - { name: dummy, estimator: dummy }
  - { name: trees, estimator: trees, params: { trees: 20, leaves: 8 } }
gate:
  metrics: { auc: { at_least: 0.7 } }
register: { model: failures }
endpoint: { name: failures, guard: { missing: reject } }
`;

let home: Home;
beforeAll(async () => {
  home = await startAll();
  writeFileSync(join(home.directory, 'readings.csv'), readingsCsv());
});
afterAll(() => home.close());

async function ended({ name }: PipelineRun): Promise<PipelineRun> {
  let last: PipelineRun | undefined;
  for await (const run of home.clients.pipelines.watchPipelineRun({ name })) last = run;
  if (!last) throw new Error(`${name} was never seen.`);
  return last;
}

it('cleans texts within the model, trains without odd and incomplete readings, looks back over each machine, and refuses what training never had', async () => {
  const { pipelines, trainer, inference, registry } = home.clients;
  await pipelines.applyPipeline({ source: FILE, basePath: home.directory });
  const run = await ended(await pipelines.createPipelineRun({ pipeline: 'pipelines/failures' }));
  // Certification among them: what is served has the bits of the batch.
  expect(run.status?.state, run.steps.map(({ id, error }) => `${id}: ${error?.message ?? ''}`).join('\n')).toBe(JobState.SUCCEEDED);
  const { certificate } = await registry.getModelVersion({ name: 'models/failures/versions/1' });
  expect(certificate?.rows).toBeGreaterThan(1_000n);
  expect(certificate?.equal).toBe(certificate?.rows);

  const [job] = (await trainer.listTrainingJobs({})).trainingJobs;
  const evaluation = await trainer.getEvaluation({ name: job?.evaluation ?? '' });
  const trees = job?.models.at(-1);
  const [told, odd] = trees?.leftOut ?? [];
  expect([told?.step, odd?.step]).toEqual(['step "told" (droprows)', 'step "odd" (isolation)']);
  expect(odd?.rows).toBeGreaterThan(0n);
  expect(odd?.quarantine?.rows).toBe(odd?.rows);
  expect((trees?.trainingRows ?? 0n) + (told?.rows ?? 0n) + (odd?.rows ?? 0n), 'read = trained on + left out by rule').toBe(BigInt((15 * 24 / 2) * MACHINES));
  expect(evaluation.rows).toBe(BigInt((5 * 24 / 2) * MACHINES));

  const predict = async (temperature: bigint | undefined, code: string) => {
    const values = { machine: { kind: { $case: 'stringValue' as const, value: 'm1' } }, code: { kind: { $case: 'stringValue' as const, value: code } }, ...(temperature !== undefined && { temperature: { kind: { $case: 'int64Value' as const, value: temperature } } }) };
    return (await inference.predict({ endpoint: 'endpoints/failures', rows: [{ values }], eventTimes: [at(HOURS)] })).predictions[0];
  };
  const [hot, cool] = [await predict(95n, 'PUMP_A '), await predict(60n, 'PUMP_A ')];
  expect(hot?.score).toBeGreaterThan((cool?.score ?? 1) + 0.2);
  expect((await predict(95n, ' pump-a'))?.score, 'the same machine, written otherwise').toBe(hot?.score);
  expect(await predict(undefined, 'pump-a')).toMatchObject({ score: 0, refused: 'temperature: missing, and training always had it' });
});
