import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { WORK } from './flights.mjs';
import { machine, table } from './report.mjs';
import { finish } from './row.mjs';

/** `npm run bench`: what the product costs beside the least that the same work could cost, on this machine, now. A benchmark, not a test: a missed aim is told, and the exit code stays 0. */
const FILES = { ingest: 'ingest', etl: 'etl', profile: 'profile', 'online-read': 'online-read', 'training-set': 'training-set', trees: 'trees', predict: 'predict', 'predict-online': 'predict-online', up: 'start-up', bus: 'bus', 'bus-kafka': 'bus-kafka', outbox: 'outbox', 'under-load': 'under-load', 'runs-search': 'runs-search', 'runs-scroll': 'runs-scroll', 'runs-curves': 'runs-curves', 'first-view': 'first-view', tracing: 'tracing', chassis: 'chassis', transcoder: 'transcoder', sse: 'sse', 'cli-help': 'cli-help' };
const USAGE = `Usage: npm run bench [-- --only ${Object.keys(FILES).join('|')}] [--runs 5] [--json FILE] [--peers]
  --peers  installs LightGBM, pandas, polars and Feast from PyPI into a virtual environment below .millrace/ and has them do the same`;
const FEWEST_RUNS = 1;

const { only, runs, json, peers } = options();
const say = (line) => process.stderr.write(`  ${line}\n`);
await mkdir(WORK, { recursive: true });
const rows = [];
for (const [id, file] of Object.entries(FILES)) {
  if (only !== undefined && only !== id) continue;
  const { title, run } = await import(`./${file}.mjs`);
  process.stderr.write(`→ ${id}: ${title}\n`);
  const began = performance.now();
  rows.push(...(await run({ runs, peers, say })).map(finish));
  say(`done in ${((performance.now() - began) / 1_000).toFixed(0)} s`);
}
await rm(join(WORK, 'homes'), { recursive: true, force: true });
process.stdout.write(`${machine()}\nMedians of ${runs}, contenders in turns.\n\n${table(rows)}\n`);
if (json !== undefined) await writeFile(resolve(json), `${JSON.stringify(rows, undefined, 2)}\n`);

function options() {
  try {
    const { values } = parseArgs({ options: { only: { type: 'string' }, runs: { type: 'string', default: '5' }, json: { type: 'string' }, peers: { type: 'boolean', default: false } } });
    const count = Number(values.runs);
    if (!Number.isInteger(count) || count < FEWEST_RUNS) throw new Error(`--runs ${values.runs} is no whole number from ${FEWEST_RUNS}.`);
    if (values.only !== undefined && !Object.hasOwn(FILES, values.only)) throw new Error(`There is no benchmark "${values.only}".`);
    return { ...values, runs: count };
  } catch (error) {
    process.stderr.write(`${error.message}\n${USAGE}\n`);
    process.exit(2);
  }
}
