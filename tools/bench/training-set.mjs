import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { openObjects } from '@millrace/objects';
import { sampleSql } from '../../apps/feature-store/dist/offline/training-set-sql.js';
import { openDuckdb } from './bare-duckdb.mjs';
import { contract, featureService, FLIGHTS, LIMITS, WORK } from './flights.mjs';
import { inTurns } from './in-turns.mjs';
import { runBaseJob, runProductJob } from './jobs.mjs';
import { measured } from './memory.mjs';
import { installPeers, runPeer } from './peers.mjs';

export const title = 'point-in-time training sets, 1 M and 10 M rows × 14 windows';

const SEED = 7;
const FOLDER = join(WORK, 'training-set');
const PLACE = { directory: join(FOLDER, 'objects') };
/** Rows that Feast is asked for: its join in a file store holds every row of an entity's history for each of them. */
const FEAST_ROWS = 2_000;

/** The training-set job against ASOF joins written by hand for bare DuckDB, each in a process of its own, over the same clean flights; and against the same by pandas, and against Feast over windows made beforehand. */
export async function run({ runs, say, peers }) {
  await mkdir(FOLDER, { recursive: true });
  const objects = await openObjects(PLACE);
  const few = await compare(objects, { name: 'few', path: FLIGHTS, share: 1 / 3, runs, say });
  const many = await compare(objects, { name: 'many', path: await manyFlights(say), share: 2 / 3, runs: Math.min(runs, 3), say });
  const [a, b] = [few.found, many.found];
  const grown = many.rows / few.rows;
  return [
    { id: 'training-set', unit: 's', ours: a.ours.seconds, base: a.base.seconds, raw: a.raw.seconds, aim: { ratio: 1.2 }, note: `${few.rows} rows` },
    { id: 'training-set-cpu', unit: 'CPU s', ours: a.ours.cpu, base: a.base.cpu, raw: a.raw.cpu },
    { id: 'training-set-10m', unit: 's', ours: b.ours.seconds, base: b.base.seconds, raw: b.raw.seconds, aim: { ratio: 1.2 }, note: `${many.rows} rows` },
    { id: 'training-set-10m-cpu', unit: 'CPU s', ours: b.ours.cpu, base: b.base.cpu, raw: b.raw.cpu },
    { id: 'training-set-growth', unit: 's', ours: b.ours.seconds, base: a.ours.seconds * grown, aim: { ratio: 1 }, note: `${grown.toFixed(1)} times the rows; memory ${a.ours.peak.toFixed(0)} and ${b.ours.peak.toFixed(0)} MB` },
    ...(peers ? await besidePeers(few, { runs, say }) : []),
  ];
}

async function compare(objects, { name, path, share, runs, say }) {
  const clean = await runProductJob('apps/ingestion/dist/ingest.job.js', { source: { path }, contract, objects: PLACE, ...LIMITS });
  const source = await objects.file(clean.object.digest);
  const table = { objects: [clean.object.digest], schema: clean.schema };
  const spine = { datasetVersion: 'datasets/flights/versions/1', eventTime: 'date', columns: [], sampleShare: share, sampleSeed: SEED, labels: [{ name: 'late', column: 'delay', greaterThan: 15 }] };
  const argument = { spine, table, references: featureService().reads.map((reference) => ({ reference, source: table })), computed: [], features: featureService().features, objects: PLACE, ...LIMITS };
  const out = join(FOLDER, `base-${name}.parquet`);
  const rows = sampleSql(clean.schema.map((column) => column.name), share, SEED);
  let [ours, base] = [{}, {}];
  const found = await inTurns(
    {
      ours: () => measured(async () => (ours = await runProductJob('apps/feature-store/dist/make-training-set.job.js', argument))),
      base: () => measured(async () => (base = await runBaseJob('training-set.base.mjs', { source, rows, out, limits: LIMITS }))),
      raw: () => measured(() => runBaseJob('training-set.raw.mjs', { source: out, out: join(FOLDER, 'raw.parquet'), limits: LIMITS })),
    },
    { runs, say: (line) => say(`${name}: ${line}`) },
  );
  if (ours.object.rows !== base.rows) throw new Error(`The two sides differ in rows: ${ours.object.rows} and ${base.rows}.`);
  await assertEqual(await objects.file(ours.object.digest), out, ours.schema);
  return { found, rows: base.rows, source, out };
}

/** The peers print seconds without the start of Python; ours are those of the whole job. */
async function besidePeers({ found, rows, source, out }, { runs, say }) {
  const python = await installPeers(say);
  const ask = (tool, most) => async () => {
    const { rows: made, seconds, peak } = await runPeer(python, 'training-set.peer.py', [tool, source, out, join(FOLDER, tool), most]);
    return { rows: made, seconds, peak };
  };
  const peers = await inTurns({ pandas: ask('pandas', rows), feast: ask('feast', FEAST_ROWS) }, { runs: Math.min(runs, 3), say });
  if (peers.pandas.rows !== rows) throw new Error(`pandas made ${peers.pandas.rows} rows instead of ${rows}.`);
  const gb = (mb) => `${(mb / 1024).toFixed(1)} GB`;
  return [
    { id: 'training-set-pandas', unit: 's', ours: found.ours.seconds, base: peers.pandas.seconds, note: `merge_asof, all windows; pandas held ${gb(peers.pandas.peak)}` },
    { id: 'training-set-feast', unit: 'ms/row', ours: (found.ours.seconds / rows) * 1_000, base: (peers.feast.seconds / FEAST_ROWS) * 1_000, aim: { ratio: 0.2 }, note: `Feast asked for the first ${FEAST_ROWS} rows (it answered ${peers.feast.rows}, in ${peers.feast.seconds.toFixed(1)} s) over windows made beforehand, ours for ${rows}; Feast held ${gb(peers.feast.peak)}` },
  ];
}

/** The flights five times, two hundred days apart: fifteen million. */
async function manyFlights(say) {
  const path = join(FOLDER, 'flights-15m.parquet');
  if (existsSync(path)) return path;
  say('writing 15 M flights');
  const database = await openDuckdb(LIMITS);
  await database.run(`COPY (SELECT date + to_days(CAST(200 * k AS INTEGER)) AS date, * EXCLUDE (date, k) FROM read_parquet('${FLIGHTS}'), range(5) AS t(k) ORDER BY k) TO '${path}.part' (FORMAT parquet, COMPRESSION zstd)`);
  database.close();
  await rename(`${path}.part`, path);
  return path;
}

/** Every cell of every row is the same, to the bit. */
async function assertEqual(ours, base, schema) {
  const database = await openDuckdb(LIMITS);
  const other = schema.map(({ name }) => `(a."${name}" IS DISTINCT FROM b."${name}")`).join(' OR ');
  const [{ n }] = await database.rows(`SELECT count(*) AS n FROM read_parquet('${ours}') AS a POSITIONAL JOIN read_parquet('${base}') AS b WHERE ${other}`);
  database.close();
  if (n > 0n) throw new Error(`${n} rows of the two training sets differ.`);
}
