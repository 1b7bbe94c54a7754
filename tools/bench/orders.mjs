import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { Contract } from '@millrace/contracts/millrace/ingestion/v1/contract';
import { ColumnType } from '@millrace/contracts/millrace/type/v1/schema';
import { parseContract } from '../../apps/ingestion/dist/contract.wire.js';
import { CHANCE, openDuckdb } from './bare-duckdb.mjs';
import { LIMITS, WORK } from './flights.mjs';

/** Orders of a made-up shop as CSV, ten columns: gaps, a long tail of amounts, and one row in a hundred that repeats the one before it. */
const COLUMNS = { order_id: 'INT64', ordered: 'TIMESTAMP', shop: 'STRING', channel: 'STRING', amount: 'FLOAT64', price: 'FLOAT64', quantity: 'INT64', age: 'INT64', weight: 'FLOAT64', score: 'FLOAT64' };

/** The contract as the ingestion job takes it: whole rows are compared, and the first of equal ones stays. */
export const contract = parseContract(Contract.create({ columns: Object.entries(COLUMNS).map(([name, type]) => ({ name, type: ColumnType[type], required: name === 'order_id' })), eventTime: 'ordered' }));

/** What is made of the kept rows. */
export const PLAN = {
  steps: [
    { impute: { columns: ['amount', 'quantity', 'age'], strategy: 'mean' } },
    { impute: { column: 'channel', strategy: 'constant', value: 'none' } },
    { clip: { columns: ['amount', 'weight'], min: 0, max: 500 } },
    { standard: { columns: ['amount', 'quantity', 'age', 'weight', 'score'] } },
    { minmax: { column: 'price' } },
    { onehot: { columns: ['shop', 'channel'] } },
  ],
  features: ['amount', 'price', 'quantity', 'age', 'weight', 'score', 'shop_onehot', 'channel_onehot'],
};

/** The file with so many rows; made once. */
export async function ordersFile(rows, say) {
  const folder = join(WORK, 'orders');
  const path = join(folder, `orders-${rows}.csv`);
  if (existsSync(path)) return path;
  say(`writing ${rows} orders as CSV`);
  await mkdir(folder, { recursive: true });
  const database = await openDuckdb(LIMITS);
  const cells = [
    'i AS order_id',
    `strftime(TIMESTAMP '2024-01-01' + to_seconds(i * 3), '%Y-%m-%d %H:%M:%S') AS ordered`,
    `'shop ' || chr(CAST(97 + floor(12 * ${CHANCE(1)} * ${CHANCE(2)}) AS INTEGER)) AS shop`,
    `CASE WHEN ${CHANCE(3)} >= 0.02 THEN ['web', 'app', 'phone', 'store'][CAST(1 + floor(4 * ${CHANCE(4)}) AS INTEGER)] END AS channel`,
    `CASE WHEN ${CHANCE(5)} >= 0.05 THEN round(20 / (${CHANCE(6)} + 0.001), 2) END AS amount`,
    `round(1 + 99 * ${CHANCE(7)}, 2) AS price`,
    `CASE WHEN ${CHANCE(8)} >= 0.01 THEN CAST(1 + floor(9 * ${CHANCE(9)} * ${CHANCE(9)}) AS BIGINT) END AS quantity`,
    `CASE WHEN ${CHANCE(10)} >= 0.03 THEN CAST(18 + floor(70 * ${CHANCE(11)}) AS BIGINT) END AS age`,
    `round(-5 + 800 * ${CHANCE(12)} * ${CHANCE(13)}, 3) AS weight`,
    `round(sqrt(-2 * ln(${CHANCE(14)} + 1e-12)) * cos(6.283185307179586 * ${CHANCE(15)}), 6) AS score`,
  ];
  await database.run(`COPY (SELECT ${cells.join(', ')} FROM (SELECT CASE WHEN n % 100 = 99 THEN n - 1 ELSE n END AS i FROM range(${rows}) AS t(n))) TO '${path}.part' (FORMAT csv, HEADER)`);
  database.close();
  await rename(`${path}.part`, path);
  return path;
}
