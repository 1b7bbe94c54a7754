import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { guard } from '../servers/guard.mjs';
import { KINDS } from '../servers/kinds.mjs';
import { openServer } from '../servers/server.mjs';
import { openDuckdb } from './bare-duckdb.mjs';
import { LIMITS, WORK } from './flights.mjs';
import { ALL, startServer } from './home.mjs';
import { inTurns } from './in-turns.mjs';
import { runScript } from './jobs.mjs';
import { installPeers, PEER_ENV, runPeer } from './peers.mjs';
import { ENTITIES, fillWide, readingsFile, serviceOf, TAKEN, WIDTHS } from './wide.mjs';

export const title = 'read online features, 1, 10 and 100 entities × 50 and 250 features, one question at a time';

const COUNTS = [1, 10, 100];
/** The vectors of one turn: questions about many entities are fewer. */
const VECTORS = 6_000;
const MOST_REQUESTS = 2_000;
const FOLDER = join(WORK, 'wide');
const FEAST_START_MS = 120_000;

/** The product over its own file and over Redis, against Feast's server over SQLite, and against nothing but a GET of packed doubles. */
export async function run({ runs, say, peers }) {
  const missing = KINDS.redis.missing();
  if (missing !== undefined) throw new Error(missing);
  await mkdir(FOLDER, { recursive: true });
  const dir = await mkdtemp(join(tmpdir(), 'millrace-bench-redis-'));
  const release = await guard(dir);
  const stops = [() => rm(dir, { recursive: true, force: true }), release];
  try {
    const redisUrl = await openServer(KINDS.redis, { dir }).start();
    const vectors = await bareVectors(redisUrl);
    const contenders = { file: { by: 'grpc', ...(await home('file', {}, stops)) }, redis: { by: 'grpc', ...(await home('redis', { MILLRACE_REDIS_URL: redisUrl }, stops)) }, bareFile: { by: 'sqlite', address: vectors }, bareRedis: { by: 'redis', address: redisUrl } };
    if (peers) contenders.feast = { by: 'feast', ...(await serveFeast(await installPeers(say), stops)) };
    const rows = [];
    for (const width of WIDTHS) for (const entities of COUNTS) rows.push(...(await compare(contenders, { width, entities, runs, say })));
    return rows;
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}

async function compare(contenders, { width, entities, runs, say }) {
  const requests = Math.min(MOST_REQUESTS, Math.round(VECTORS / entities));
  const firsts = {};
  const read = (name, { by, address }) => async () => {
    const { first, ...waits } = await runScript('online-read.client.mjs', { by, address, service: by === 'feast' ? `machines-${width}` : serviceOf(width), width, entities, known: ENTITIES, requests, time: TAKEN.getTime() + 3_600_000 });
    firsts[name] = JSON.stringify(first);
    return waits;
  };
  const id = `online-${width}x${entities}`;
  const found = await inTurns(Object.fromEntries(Object.entries(contenders).map(([name, contender]) => [name, read(name, contender)])), { runs, say: (line) => say(`${id} ${line}`) });
  const odd = Object.keys(firsts).find((name) => firsts[name] !== firsts.file);
  if (odd !== undefined) throw new Error(`${odd} answers other values than the product: ${firsts[odd]} and ${firsts.file}.`);
  const note = ({ p50 }) => `p50 ${p50.toFixed(2)} ms`;
  const row = (store, bare) => ({ id: `${id}-${store}`, unit: 'ms p99', ours: found[store].p99, base: found.feast?.p99, raw: found[bare].p99, aim: { ratio: 0.2 }, note: `${note(found[store])}${found.feast ? `, Feast ${note(found.feast)}` : ''}` });
  return [row('file', 'bareFile'), row('redis', 'bareRedis')];
}

async function home(name, env, stops) {
  const data = join(FOLDER, `home-${name}`);
  await rm(data, { recursive: true, force: true });
  await mkdir(data, { recursive: true });
  const server = await startServer(ALL, { data, env: { ...env, MILLRACE_SOURCE_ROOTS: dirname(await readingsFile()) } });
  stops.push(() => server.stop());
  await fillWide(server);
  return { address: server.grpc };
}

/** The same values as packed doubles, by machine, in a file and in Redis; gives the file. */
async function bareVectors(redisUrl) {
  const path = join(FOLDER, 'vectors.db');
  await rm(path, { force: true });
  const database = await openDuckdb(LIMITS);
  const rows = await database.rows(`SELECT machine, COLUMNS('reading_.*') FROM read_parquet('${await readingsFile()}') ORDER BY machine`);
  database.close();
  const redis = new Redis(redisUrl);
  const file = new DatabaseSync(path);
  file.exec('CREATE TABLE vectors (machine INTEGER PRIMARY KEY, value BLOB NOT NULL); BEGIN');
  const insert = file.prepare('INSERT INTO vectors VALUES (?, ?)');
  for (const { machine, ...readings } of rows) {
    const bytes = Buffer.from(Float64Array.from(Object.values(readings)).buffer);
    insert.run(Number(machine), bytes);
    await redis.set(`bare:${machine}`, bytes);
  }
  file.exec('COMMIT');
  file.close();
  redis.disconnect();
  return path;
}

/** `feast serve` over a repository of its own; its worker is not replaced after a thousand questions, as it is by default. */
async function serveFeast(python, stops) {
  const folder = join(FOLDER, 'feast');
  await rm(folder, { recursive: true, force: true });
  await runPeer(python, 'feast.peer.py', [folder, await readingsFile(), WIDTHS.join(',')]);
  const port = await freePort();
  const child = spawn(join(dirname(python), 'feast'), ['-c', folder, 'serve', '--host', '127.0.0.1', '--port', String(port), '--no-access-log', '--max-requests', '0'], { env: PEER_ENV, stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  stops.push(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  const address = `http://127.0.0.1:${port}`;
  for (const until = performance.now() + FEAST_START_MS; performance.now() < until; await sleep(500)) {
    if (child.exitCode !== null) throw new Error(`feast serve ended with code ${child.exitCode}.`);
    if (await fetch(`${address}/health`).then(({ ok }) => ok, () => false)) return { address };
  }
  throw new Error(`feast serve was not ready after ${FEAST_START_MS / 1_000} s.`);
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
