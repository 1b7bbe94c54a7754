import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FeatureStoreServiceDefinition } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import { JobState } from '@millrace/contracts/millrace/type/v1/job';
import { connect } from '@millrace/rpc';
import { Redis } from 'ioredis';
import { guard } from '../servers/guard.mjs';
import { KINDS } from '../servers/kinds.mjs';
import { openServer } from '../servers/server.mjs';
import { askedRows } from './asked-rows.mjs';
import { writeVectors } from './bare-vectors.mjs';
import { featureService, ROOT, WORK } from './flights.mjs';
import { ALL, INFERENCE, startProcess, startServer, trainedHome } from './home.mjs';
import { inTurns } from './in-turns.mjs';
import { runScript } from './jobs.mjs';
import { AT_ONCE, load, REQUESTS } from './load.mjs';

export const title = 'predict one row by key with online features from Redis: server CPU a request';

/** The feature store in a process of its own, as a container starts it. */
const FEATURE_STORE = 'apps/feature-store/dist/main.js';
const KNOWN_BEFORE = new Date('2001-04-01T00:00:00Z');

/** The product in one process, and with the feature store in a process of its own, against a bare server with packed vectors of the same values; all on one Redis. */
export async function run({ runs, say }) {
  const { modelFile, completeFile, keysFile } = await askedRows(say);
  const missing = KINDS.redis.missing();
  if (missing !== undefined) throw new Error(missing);
  const dir = await mkdtemp(join(tmpdir(), 'millrace-bench-redis-'));
  const release = await guard(dir);
  const stops = [];
  const started = (server) => (stops.push(server), server);
  try {
    const redisUrl = await openServer(KINDS.redis, { dir }).start();
    const vectorsFile = await fillVectors(redisUrl, completeFile);
    const { data, featuresData, inferenceData } = await fillHome(redisUrl, say);
    const env = { MILLRACE_REDIS_URL: redisUrl };
    const bare = started(await startProcess([join(ROOT, 'tools/bench/predict-online.base.mjs'), JSON.stringify({ modelFile, vectorsFile, redisUrl })], { ready: (line) => JSON.parse(line) }));
    const all = started(await startServer(ALL, { data, env }));
    const features = started(await startServer(FEATURE_STORE, { data: featuresData, env: { ...env, MILLRACE_INGESTION_ADDRESS: '127.0.0.1:1' } }));
    const inference = started(await startServer(INFERENCE, { data: inferenceData, env: { MILLRACE_FEATURES_ADDRESS: features.grpc } }));
    const two = { ...inference, pids: [inference.pid, features.pid] };
    const { raw } = await inTurns({ raw: () => runScript('predict-online.raw.mjs', { modelFile, vectorsFile, redisUrl, rowsFile: completeFile, requests: REQUESTS, atOnce: AT_ONCE }) }, { runs, say, warmUps: 0 });
    const rows = [];
    for (const by of ['rest', 'grpc']) {
      const scores = {};
      const asked = (name, server) => async () => {
        const { scores: found, ...figures } = await load(server, { by, rowsFile: keysFile });
        scores[name] = found;
        return figures;
      };
      const found = await inTurns({ ours: asked('ours', all), base: asked('base', bare), two: asked('two', two) }, { runs, warmUps: 3, say: (line) => say(`${by}: ${line}`) });
      for (const [name, other] of Object.entries(scores)) if (JSON.stringify(other) !== JSON.stringify(scores.base)) throw new Error(`${name} scores other than the bare server by ${by}.`);
      const unit = 'µs CPU';
      const waits = (figures) => `p50 ${figures.p50.toFixed(2)} ms against ${found.base.p50.toFixed(2)} ms`;
      rows.push(
        { id: `predict-online-${by}`, unit, ours: found.ours.cpu, base: found.base.cpu, raw, aim: { ratio: 1.5 }, note: `every service in one process; ${waits(found.ours)}` },
        { id: `predict-online-${by}-apart`, unit, ours: found.two.cpu, base: found.base.cpu, raw, note: `inference and feature store in two processes; ${waits(found.two)}` },
      );
    }
    return rows;
  } finally {
    await Promise.all(stops.map((server) => server.stop()));
    await release();
    await rm(dir, { recursive: true, force: true });
  }
}

/** The values that the product answered, as vectors of doubles: one a view, airport and hour. */
async function fillVectors(redisUrl, completeFile) {
  const views = featureService().reads.map(({ features, keys: [column] }) => ({ prefix: `bare:${column}:`, column, names: features.map(({ as }) => as) }));
  const vectorsFile = join(WORK, 'vectors.json');
  await writeFile(vectorsFile, JSON.stringify(views));
  const redis = new Redis(redisUrl);
  await writeVectors(redis, views, JSON.parse(await readFile(completeFile, 'utf8')));
  redis.disconnect();
  return vectorsFile;
}

/** A trained home whose views are in Redis, and a copy of it for each of the processes apart. */
async function fillHome(redisUrl, say) {
  const data = await trainedHome('online', say);
  const home = await startServer(ALL, { data, env: { MILLRACE_REDIS_URL: redisUrl } });
  const features = connect(FeatureStoreServiceDefinition, home.grpc);
  try {
    const { featureViews } = await features.listFeatureViews({});
    for (const { name } of featureViews) {
      let last = await features.createMaterialization({ materialization: { featureView: name, knownBefore: KNOWN_BEFORE } });
      for await (const job of features.watchMaterialization({ name: last.name })) last = job;
      if (last.status?.state !== JobState.SUCCEEDED) throw new Error(`${name} could not be materialised: ${last.status?.error?.message}`);
    }
  } finally {
    features.close();
    await home.stop();
  }
  const [featuresData, inferenceData] = await Promise.all(['features', 'inference'].map(async (name) => {
    const copy = `${data}-${name}`;
    await rm(copy, { recursive: true, force: true });
    await cp(data, copy, { recursive: true });
    return copy;
  }));
  return { data, featuresData, inferenceData };
}
