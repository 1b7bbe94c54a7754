import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { CHANCE, openDuckdb } from './bare-duckdb.mjs';
import { LIMITS, WORK } from './flights.mjs';
import { inTurns } from './in-turns.mjs';
import { runBaseJob } from './jobs.mjs';
import { measured } from './memory.mjs';

export const title = 'profile 10 M rows × 20';

const [FEW, MANY] = [1_000_000, 10_000_000];
const FOLDER = join(WORK, 'profile');
const COLUMNS = [
  ...Array.from({ length: 9 }, (_, i) => [`real_${i}`, 'FLOAT64', `CASE WHEN ${CHANCE(i + 1)} > 0.01 * ${i} THEN ${CHANCE(i + 20)} * ${10 ** i} END`]),
  ...Array.from({ length: 5 }, (_, i) => [`whole_${i}`, 'INT64', `CAST(floor(${CHANCE(i + 40)} * ${10 ** (i + 1)}) AS BIGINT)`]),
  ...Array.from({ length: 4 }, (_, i) => [`text_${i}`, 'STRING', `'text ' || CAST(floor(${CHANCE(i + 60)} * ${8 ** (i + 1)}) AS BIGINT)`]),
  ['flag', 'BOOL', `${CHANCE(80)} < 0.3`],
  ['time', 'TIMESTAMP', `TIMESTAMP '2024-01-01' + to_seconds(i)`],
];

/** The profile of a version against DuckDB's own SUMMARIZE, which has no histograms, no most frequent values, no correlations, and estimates quartiles and numbers of distinct values. */
export async function run({ runs, say }) {
  await mkdir(FOLDER, { recursive: true });
  const columns = COLUMNS.map(([name, type]) => ({ name, type }));
  const work = (script, rows) => () => measured(async () => runBaseJob(script, { file: await tableOf(rows, say), columns, rows, limits: LIMITS }));
  for (const rows of [FEW, MANY]) await tableOf(rows, say);
  const found = await inTurns({ few: work('profile.ours.mjs', FEW), ours: work('profile.ours.mjs', MANY), base: work('profile.base.mjs', MANY) }, { runs, say });
  return [
    { id: 'profile', unit: 's', ours: found.ours.seconds, base: found.base.seconds, aim: { ratio: 1.5 }, note: 'ours has histograms, most frequent values and correlations as well' },
    { id: 'profile-cpu', unit: 'CPU s', ours: found.ours.cpu, base: found.base.cpu },
    { id: 'profile-growth', unit: 's', ours: found.ours.seconds, base: found.few.seconds * (MANY / FEW), aim: { ratio: 1 }, note: `10 M rows against ten times 1 M; memory ${found.few.peak.toFixed(0)} and ${found.ours.peak.toFixed(0)} MB` },
  ];
}

async function tableOf(rows, say) {
  const path = join(FOLDER, `rows-${rows}.parquet`);
  if (existsSync(path)) return path;
  say(`writing ${rows} rows of 20 columns`);
  const database = await openDuckdb(LIMITS);
  await database.run(`COPY (SELECT ${COLUMNS.map(([name, , sql]) => `${sql} AS ${name}`).join(', ')} FROM range(${rows}) AS t(i)) TO '${path}.part' (FORMAT parquet, COMPRESSION zstd)`);
  database.close();
  await rename(`${path}.part`, path);
  return path;
}
