import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { contract, FLIGHTS, LIMITS, WORK } from './flights.mjs';
import { inTurns, timed } from './in-turns.mjs';
import { runBaseJob, runProductJob } from './jobs.mjs';

export const title = 'ingest and clean 3 M flights into Parquet, with quarantine and profile';

/** The ingestion job with the flights' contract against the same work written by hand for bare DuckDB, each in a process of its own. */
export async function run({ runs, say }) {
  const folder = join(WORK, 'ingest');
  await mkdir(folder, { recursive: true });
  const argument = { source: { path: FLIGHTS }, contract, objects: { directory: join(folder, 'objects') }, ...LIMITS };
  const script = { source: FLIGHTS, folder, limits: LIMITS };
  let [ours, base] = [{}, {}];
  const found = await inTurns(
    {
      ours: () => timed(async () => (ours = await runProductJob('apps/ingestion/dist/ingest.job.js', argument))),
      base: () => timed(async () => (base = await runBaseJob('ingest.base.mjs', script))),
      raw: () => timed(() => runBaseJob('ingest.raw.mjs', script)),
    },
    { runs, say },
  );
  for (const count of ['read', 'kept', 'quarantined']) if (ours.counts[count] !== base[count]) throw new Error(`The two sides differ in rows ${count}: ${ours.counts[count]} and ${base[count]}.`);
  const unit = 's';
  return [
    { id: 'ingest', unit, ours: found.ours.seconds, base: found.base.seconds, raw: found.raw.seconds, aim: { ratio: 1.25 } },
    { id: 'ingest-cpu', unit: 'CPU s', ours: found.ours.cpu, base: found.base.cpu, raw: found.raw.cpu },
  ];
}
