import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openObjects } from '@millrace/objects';
import { sampleSql } from '../../apps/feature-store/dist/offline/training-set-sql.js';
import { openDuckdb } from './bare-duckdb.mjs';
import { contract, FLIGHTS, LIMITS, references, WORK } from './flights.mjs';
import { inTurns, timed } from './in-turns.mjs';
import { runBaseJob, runProductJob } from './jobs.mjs';

export const title = 'point-in-time training set, 1 M rows × 14 windows';

const SHARE = 1 / 3;
const SEED = 7;

/** The training-set job against ASOF joins written by hand for bare DuckDB, each in a process of its own, over the same clean flights. */
export async function run({ runs, say }) {
  const folder = join(WORK, 'training-set');
  await mkdir(folder, { recursive: true });
  const place = { directory: join(folder, 'objects') };
  const clean = await runProductJob('apps/ingestion/dist/ingest.job.js', { source: { path: FLIGHTS }, contract, objects: place, ...LIMITS });
  const objects = await openObjects(place);
  const source = await objects.file(clean.object.digest);
  const table = { objects: [clean.object.digest], schema: clean.schema };
  const spine = { datasetVersion: 'datasets/flights/versions/1', eventTime: 'date', columns: [], sampleShare: SHARE, sampleSeed: SEED, labels: [{ name: 'late', column: 'delay', greaterThan: 15 }] };
  const argument = { spine, table, references: references().map((reference) => ({ reference, source: table })), objects: place, ...LIMITS };
  const out = join(folder, 'base.parquet');
  const rows = sampleSql(clean.schema.map(({ name }) => name), SHARE, SEED);
  let [ours, base] = [{}, {}];
  const found = await inTurns(
    {
      ours: () => timed(async () => (ours = await runProductJob('apps/feature-store/dist/make-training-set.job.js', argument))),
      base: () => timed(async () => (base = await runBaseJob('training-set.base.mjs', { source, rows, out, limits: LIMITS }))),
      raw: () => timed(() => runBaseJob('training-set.raw.mjs', { source: out, out: join(folder, 'raw.parquet'), limits: LIMITS })),
    },
    { runs, say },
  );
  if (ours.object.rows !== base.rows) throw new Error(`The two sides differ in rows: ${ours.object.rows} and ${base.rows}.`);
  await assertEqual(await objects.file(ours.object.digest), out, ours.schema);
  return [
    { id: 'training-set', unit: 's', ours: found.ours.seconds, base: found.base.seconds, raw: found.raw.seconds, aim: { ratio: 1.3 } },
    { id: 'training-set-cpu', unit: 'CPU s', ours: found.ours.cpu, base: found.base.cpu, raw: found.raw.cpu },
  ];
}

/** Every cell of every row is the same, to the bit. */
async function assertEqual(ours, base, schema) {
  const database = await openDuckdb(LIMITS);
  const other = schema.map(({ name }) => `(a."${name}" IS DISTINCT FROM b."${name}")`).join(' OR ');
  const [{ n }] = await database.rows(`SELECT count(*) AS n FROM read_parquet('${ours}') AS a POSITIONAL JOIN read_parquet('${base}') AS b WHERE ${other}`);
  database.close();
  if (n > 0n) throw new Error(`${n} rows of the two training sets differ.`);
}
