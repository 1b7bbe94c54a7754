import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PipelineRun } from '@millrace/contracts/millrace/pipelines/v1/pipeline_run';
import { JobState } from '@millrace/contracts/millrace/type/v1/job';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Home, startAll } from './start-all.js';

const SHOPS = 12;
const DAY = 86_400_000;

/** Orders of some shops, four a day: those of a busy day are late more often on the next one. The same every time. */
function ordersCsv(from: number, to: number): string {
  const rows = ['placed,shop,amount,late'];
  for (let day = from; day < to; day++)
    for (let shop = 0; shop < SHOPS; shop++) {
      const busy = (shop + day - 1) % 3 === 0;
      for (let order = 0; order < ((shop + day) % 3 === 0 ? 6 : 2); order++) rows.push(`${new Date(Date.UTC(2001, 0, 1) + day * DAY + order * 3_600_000).toISOString()},s${shop},${(order * 7 + day) % 40},${(order * 31 + day * 17 + shop * 13) % 10 < (busy ? 7 : 1) ? 1 : 0}`);
    }
  return `${rows.join('\n')}\n`;
}

const file = (path: string): string => `millrace: 1
pipeline: lateness
sources:
  # Stands before what it is made from.
  daily:
    rollup:
      of: orders
      by: [shop]
      every: 1d
      columns:
        orders: { count: true }
        amount: { sum: amount }
        dear: { quantile: amount, share: 0.9 }
    contract: { event_time: until }
  orders:
    path: ${path}
    contract:
      event_time: placed
      columns:
        placed: { type: TIMESTAMP, required: true }
        shop: { type: STRING, required: true }
        amount: { type: INT64 }
        late: { type: INT64 }
entities:
  shop: { join_keys: { shop: STRING } }
feature_views:
  yesterday:
    entity: shop
    source: daily
    keys: { shop: shop }
    event_time: until
    features:
      orders: { latest: orders }
      dear: { latest: dear }
feature_services:
  lateness: [{ view: yesterday, prefix: shop_, keys: { shop: shop } }]
training:
  spine: orders
  features: lateness
  target: late
  split: { evaluate: 20d, train: 60d }
plan:
  steps:
    - split: { column: placed }
    - sample: { id: shares, by: stratified, columns: [late, shop], share: 0.5, seed: 7 }
    - impute: { columns: [shop_orders, shop_dear] }
  features: [amount, shop_orders, shop_dear]
ladder:
  - { name: dummy, estimator: dummy }
  - { name: trees, estimator: trees, params: { trees: 20, leaves: 8 } }
gate:
  metrics: { auc: { at_least: 0.7 } }
register: { model: lateness }
`;

let home: Home;
beforeAll(async () => void (home = await startAll()));
afterAll(() => home.close());

async function run(source: string): Promise<PipelineRun> {
  const { pipelines } = home.clients;
  await pipelines.applyPipeline({ source, basePath: home.directory });
  const { name } = await pipelines.createPipelineRun({ pipeline: 'pipelines/lateness' });
  let last: PipelineRun | undefined;
  for await (const state of pipelines.watchPipelineRun({ name })) last = state;
  if (!last) throw new Error(`${name} was never seen.`);
  expect(last.status?.state, last.steps.map(({ id, error }) => `${id}: ${error?.message ?? ''}`).join('\n')).toBe(JobState.SUCCEEDED);
  return last;
}

const outputs = ({ steps }: PipelineRun, id: string) => steps.find((step) => step.id === id)?.outputs ?? {};

it('rolls orders up to days of shops, learns from a sample of them that a busy day makes the next one late, and reads only what is new', async () => {
  const { ingestion, trainer } = home.clients;
  writeFileSync(join(home.directory, 'orders-1.csv'), ordersCsv(0, 80));
  const first = await run(file('orders-1.csv'));
  expect(first.steps.map(({ id }) => id).slice(0, 2)).toEqual(['ingest-orders', 'ingest-daily']);
  expect(first.outcome?.why).toMatch(/auc of trees/);
  const daily = await ingestion.getDatasetVersion({ name: outputs(first, 'ingest-daily')['dataset_version'] ?? '' });
  expect(daily).toMatchObject({ rows: BigInt(80 * SHOPS), rollup: { datasetVersion: outputs(first, 'ingest-orders')['dataset_version'], objects: 1n, objectsRead: 1n } });

  const { samples: [shares] } = await trainer.getEvaluation({ name: outputs(first, 'train')['evaluation'] ?? '' });
  expect(shares).toMatchObject({ step: 'shares', by: 'stratified', columns: ['late', 'shop'], beforeSplit: false, seed: 7n, rows: ((shares?.rowsBefore ?? 0n) + 1n) / 2n });
  expect(shares?.strata).toHaveLength(2 * SHOPS);
  expect(outputs(first, 'train')['sample_shares']).toBe(`${shares?.rows} of ${shares?.rowsBefore} rows, stratified on late and shop, seed 7`);

  writeFileSync(join(home.directory, 'orders-2.csv'), ordersCsv(80, 90));
  const second = await run(file('orders-2.csv'));
  const grown = await ingestion.getDatasetVersion({ name: outputs(second, 'ingest-daily')['dataset_version'] ?? '' });
  expect(grown).toMatchObject({ name: 'datasets/daily/versions/2', rows: BigInt(90 * SHOPS), rollup: { objects: 2n, objectsRead: 1n } });
});
