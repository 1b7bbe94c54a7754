import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openDuckdb } from './bare-duckdb.mjs';
import { LIMITS, WORK } from './flights.mjs';
import { inTurns } from './in-turns.mjs';
import { runBaseJob, runProductJob } from './jobs.mjs';
import { measured } from './memory.mjs';
import { contract, ordersFile, PLAN } from './orders.mjs';
import { installPeers, runPeer } from './peers.mjs';

export const title = 'from CSV, 10 M rows × 10, to typed, clean, scaled, one-hot Parquet';

const [FEW, MANY] = [1_000_000, 10_000_000];
const FOLDER = join(WORK, 'etl');
const PLACE = { directory: join(FOLDER, 'objects') };
/** What the process of a job takes beside the buffers of its tables. */
const BESIDE_MB = 500;
const LIMIT_MB = Number.parseFloat(LIMITS.memoryLimit) * 1_000;
/** Floats of 32 bits whose means were summed in another order. */
const NEAR = 1e-5;

/** The ingestion job and a plan over what it kept against the same work by hand for bare DuckDB, for pandas and for polars, each in processes of their own. */
export async function run({ runs, say, peers }) {
  await mkdir(FOLDER, { recursive: true });
  const out = join(FOLDER, 'base.parquet');
  const made = {};
  const ours = (rows) => measured(async () => (made.ours = await mill(await ordersFile(rows, say))));
  const base = () => measured(async () => (made.base = await runBaseJob('etl.base.mjs', { source: await ordersFile(MANY, say), out, limits: LIMITS })));
  const contenders = { few: () => ours(FEW), ours: () => ours(MANY), base };
  const python = peers ? await installPeers(say) : undefined;
  for (const tool of python === undefined ? [] : ['pandas', 'polars']) {
    contenders[tool] = () => measured(async () => (made[tool] = await runPeer(python, 'etl.peer.py', [tool, await ordersFile(MANY, say), join(FOLDER, `${tool}.parquet`)])));
  }
  for (const rows of [FEW, MANY]) await ordersFile(rows, say);
  const found = await inTurns(contenders, { runs, say });
  for (const [name, { rows }] of Object.entries(made)) if (rows !== made.base.rows) throw new Error(`${name} made ${rows} rows, and bare DuckDB ${made.base.rows}.`);
  await assertNear(made.ours.file, out);
  const unit = 's';
  return [
    { id: 'etl', unit, ours: found.ours.seconds, base: found.base.seconds, aim: { ratio: 1.15 }, note: `with quarantine, ledger, duplicates listed and profile; ingestion ${made.ours.ingested.toFixed(1)} s of the last run` },
    { id: 'etl-cpu', unit: 'CPU s', ours: found.ours.cpu, base: found.base.cpu },
    ...(python === undefined ? [] : [
      { id: 'etl-pandas', unit, ours: found.ours.seconds, base: found.pandas.seconds, aim: { ratio: 0.333 }, note: `pandas held ${(found.pandas.peak / 1024).toFixed(1)} GB` },
      { id: 'etl-polars', unit, ours: found.ours.seconds, base: found.polars.seconds, aim: { ratio: 1 }, note: `polars held ${(found.polars.peak / 1024).toFixed(1)} GB` },
    ]),
    { id: 'etl-memory', unit: 'MB', ours: found.ours.peak, base: found.base.peak, aim: { atMost: LIMIT_MB + BESIDE_MB } },
    { id: 'etl-growth', unit, ours: found.ours.seconds, base: found.few.seconds * (MANY / FEW), aim: { ratio: 1 }, note: `10 M rows against ten times 1 M; memory ${found.few.peak.toFixed(0)} and ${found.ours.peak.toFixed(0)} MB` },
  ];
}

async function mill(source) {
  const began = performance.now();
  const { object, schema } = await runProductJob('apps/ingestion/dist/ingest.job.js', { source: { path: source }, contract, objects: PLACE, ...LIMITS });
  const ingested = (performance.now() - began) / 1_000;
  return { ingested, ...(await runBaseJob('etl.plan.mjs', { place: PLACE, digest: object.digest, schema, plan: PLAN, limits: LIMITS, order: 'order_id' })) };
}

/** Row by row the same order, and every cell near the other side's. */
async function assertNear(ours, base) {
  const database = await openDuckdb(LIMITS);
  const columns = await database.rows(`DESCRIBE SELECT * FROM read_parquet('${base}')`);
  const other = columns.map(({ column_name: name }) => `NOT coalesce(abs(a."${name}" - b."${name}") <= ${NEAR} * greatest(1, abs(b."${name}")), false)`).join(' OR ');
  const [{ n, both }] = await database.rows(`SELECT count(*) FILTER (${other}) AS n, count(*) AS both FROM read_parquet('${ours}') AS a JOIN read_parquet('${base}') AS b USING (order_id)`);
  const [{ rows }] = await database.rows(`SELECT count(*) AS rows FROM read_parquet('${base}')`);
  database.close();
  if (n > 0n || both !== rows) throw new Error(`${n} of ${both} rows in both differ; bare DuckDB has ${rows}.`);
}
