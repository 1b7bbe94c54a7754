import { PipelinesServiceDefinition } from '@millrace/contracts/millrace/pipelines/v1/pipelines_service';
import { ModelVersion } from '@millrace/contracts/millrace/registry/v1/model';
import { RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import { TrainerServiceDefinition } from '@millrace/contracts/millrace/trainer/v1/trainer_service';
import { PlanDescription } from '@millrace/contracts/millrace/type/v1/plan';
import { ColumnType } from '@millrace/contracts/millrace/type/v1/schema';
import { type Home, standIn, standInService, startHome } from '@millrace/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FakeTerminalOptions, run } from './terminal.fixture.js';

const column = (name: string, type: ColumnType, more: object = {}) => ({ name, type, ...more });
const plan = PlanDescription.fromPartial({
  digest: 'sha256:0123456789abcdef',
  inputs: [column('delay', ColumnType.INT64, { nullable: true }), column('origin', ColumnType.STRING)],
  steps: [
    { id: 'fill', kind: 'impute', role: 'clean', inputs: [{ column: column('delay', ColumnType.INT64, { nullable: true }) }], outputs: [column('delay', ColumnType.FLOAT64)], optionsJson: '{"strategy":"median","flag":false}', state: 'delay {fill 3}' },
    { id: 'ports', kind: 'onehot', role: 'transform', inputs: [{ column: column('origin', ColumnType.STRING) }], outputs: [column('origin', ColumnType.FLOAT64, { family: true })], optionsJson: '{}' },
    { id: 'scale', kind: 'standard', role: 'transform', inputs: [{ column: column('delay', ColumnType.FLOAT64), from: 'fill' }], outputs: [column('delay', ColumnType.FLOAT64)], optionsJson: '{}', state: `delay {mean ${'1'.repeat(300)}}` },
  ],
  features: [{ column: column('delay', ColumnType.FLOAT64), from: 'scale' }, { column: column('origin', ColumnType.FLOAT64, { family: true }), from: 'ports' }],
});
const asked: string[] = [];

let home: Home;
beforeAll(async () => {
  home = await startHome([
    standInService([
      standIn(RegistryServiceDefinition, { getModelVersion: async ({ name }) => ModelVersion.fromPartial({ name: 'models/late/versions/3', artifact: { digest: name } }) }),
      standIn(TrainerServiceDefinition, { describePlan: async ({ artifact }) => (asked.push(artifact?.digest ?? ''), { plan }) }),
      standIn(PipelinesServiceDefinition, { describePipelinePlan: async ({ source, name, rung }) => (asked.push(`${source}${name} ${rung}`), { plan, rungs: ['dummy', 'trees'] }) }),
    ]),
  ]);
});
afterAll(() => home.close());
const ask = (line: string, options: FakeTerminalOptions = {}) => run(`${line} --address ${home.grpcAddress}`, options);

it('a plan is a graph with the schema on each edge, of a model, a pipeline or a file', async () => {
  const { out } = await ask('plan show late@3', { columns: 70 });
  expect(out).toBe(
    [
      'Plan of model late 3 sha256:0123456789ab',
      '┌─ inputs 2',
      '│    → delay INT64?  origin STRING',
      '│',
      '├─ fill impute, clean',
      '│    ← delay INT64?  from the inputs',
      '│    → delay FLOAT64',
      '│      strategy median, flag false',
      '│      learnt delay {fill 3}',
      '│',
      '├─ ports onehot, transform',
      '│    ← origin STRING  from the inputs',
      '│    → origin FLOAT64…',
      '│',
      '├─ scale standard, transform',
      '│    ← delay FLOAT64  from fill',
      '│    → delay FLOAT64',
      '│      learnt delay {mean',
      ...Array.from({ length: 2 }, () => `│      ${'1'.repeat(63)}`),
      '│',
      '└─ features 2',
      '     ← delay FLOAT64  from scale',
      '     ← origin FLOAT64…  from ports',
      '',
    ].join('\n'),
  );
  expect((await ask('plan show late')).out).toContain('Next: millrace plan show late --rung trees\n');
  expect((await ask('plan show late --rung trees')).out).toContain('Plan of pipeline late latest, rung trees');
  expect((await ask('plan show -', { stdin: 'millrace: 1' })).out).toContain('Plan of standard input');
  await ask('plan show late@champion');
  expect(asked).toEqual(['models/late/versions/3', 'pipelines/late/versions/latest ', 'pipelines/late/versions/latest trees', 'millrace: 1 ', 'models/late/aliases/champion']);
  expect(JSON.parse((await ask('plan show late --json')).out)).toMatchObject({ of: 'pipeline late latest', rungs: ['dummy', 'trees'], steps: [{ id: 'fill', inputs: [{ column: { name: 'delay', type: 'COLUMN_TYPE_INT64', nullable: true } }], state: 'delay {fill 3}' }, {}, {}] });
  expect(await ask('plan show late@3 --rung trees')).toMatchObject({ code: 2, err: expect.stringContaining('--rung is of a file or a pipeline') });
});
