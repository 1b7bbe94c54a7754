import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KINDS } from '../servers/kinds.mjs';
import { openServer } from '../servers/server.mjs';
import { openServices } from './services.mjs';
import { makeBucket, variablesOf } from './variables.mjs';

/** The file in a cluster's folder that says how it was made. */
const MADE = 'cluster.json';
const READY_MS = 60_000;
const POLL_MS = 200;

/**
 * Starts what does not run of the cluster in the folder `directory` (Kafka with 1 or 3 `brokers`, PostgreSQL, Redis, S3, and `instances` of every service, which
 * read sources below `roots` and have the variables `env` besides), and resolves to its handle when all is ready. What it began is ended again when something
 * does not start. It outlives this process: see `withCluster` for one that does not.
 */
export async function startCluster({ directory, brokers = 1, instances = 1, roots = [process.cwd()], env = {}, logs = join(directory, 'logs'), onStage = () => undefined }) {
  const missing = Object.values(KINDS).map((kind) => kind.missing()).filter((why) => why !== undefined);
  if (missing.length > 0) throw new Error(missing.join('\n'));
  refuseOther(directory, { brokers, instances });
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeFileSync(join(directory, MADE), JSON.stringify({ brokers, instances, roots: roots.map((root) => resolve(root)), env, logs: resolve(logs) }));
  const cluster = openCluster(directory);
  const before = new Set(aliveOf(cluster).map(({ pid }) => pid));
  try {
    onStage('Kafka, PostgreSQL, Redis and S3');
    await Promise.all(Object.values(cluster.servers).map((server) => server.start()));
    await makeBucket(cluster.serverVariables());
    await cluster.reserve();
    onStage('the services');
    await Promise.all(Object.values(cluster.services).map((service) => service.start()));
    await untilAllReady(cluster);
    return cluster;
  } catch (error) {
    // What ran before is not ours to end.
    if (before.size === 0) await cluster.stop();
    throw error;
  }
}

/** The cluster that was made in this folder, running or not; undefined when none was. */
export function openCluster(directory) {
  const made = madeIn(directory);
  if (made === undefined) return undefined;
  const { brokers, instances, roots, env, logs } = made;
  const servers = Object.fromEntries(Object.values(KINDS).map((kind) => [kind.name, openServer(kind, { dir: directory, logs, ...(kind === KINDS.kafka ? { brokers } : {}) })]));
  const serverVariables = () => variablesOf(Object.fromEntries(Object.entries(servers).map(([name, { url }]) => [name, url])));
  const { services, addresses, reserve, stop: stopServices } = openServices({ directory, env: () => ({ ...serverVariables(), ...env }), instances, roots, logs });
  return {
    directory: resolve(directory),
    brokers,
    instances,
    roots,
    env,
    logs,
    /** kafka, postgres, redis and s3, each with start, stop, restart and kill9 (of one broker by `only`). */
    servers,
    /** The services by name, with the same verbs (of one instance by `only`). */
    services,
    reserve,
    /** The variables by which a service finds the servers. */
    serverVariables,
    /** The variables by which a client finds everything. */
    variables: () => ({ ...serverVariables(), ...addresses() }),
    /** Ends all in order, the services first, each only if it is the very process that was started. */
    async stop() {
      await stopServices();
      await Promise.all(Object.values(servers).map((server) => server.stop()));
    },
    /** Ends all and removes what it kept, logs as well. */
    async wipe() {
      await this.stop();
      rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
    /** Every part of it as it is now. */
    async health() {
      const parts = await Promise.all([...Object.values(servers), ...Object.values(services)].map(async (server) => (await server.health()).map((part) => ({ ...part, of: server.name }))));
      return parts.flat();
    },
  };
}

/** What ran before may have missed a server that was started just now, and takes a moment to find it. */
async function untilAllReady(cluster) {
  for (const until = Date.now() + READY_MS; ; await sleep(POLL_MS)) {
    const waiting = (await cluster.health()).find(({ trouble }) => trouble !== undefined);
    if (waiting === undefined) return;
    if (Date.now() > until) throw new Error(`${waiting.name} is not ready after ${READY_MS / 1_000} s: it ${waiting.trouble}. Its log is ${waiting.log}.`);
  }
}

function madeIn(directory) {
  const file = join(directory, MADE);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

const aliveOf = ({ servers, services }) => [...Object.values(servers), ...Object.values(services)].flatMap((server) => server.status().filter(({ alive }) => alive));

/** Brokers are made once; instances may be others after a stop. */
function refuseOther(directory, { brokers, instances }) {
  const made = openCluster(directory);
  if (made === undefined) return;
  if (made.brokers !== brokers) throw new Error(`The cluster in ${directory} was made with ${made.brokers} ${made.brokers === 1 ? 'broker' : 'brokers'}, which cannot be changed: \`npm run cluster -- stop --wipe\` removes it with its data.`);
  if (made.instances !== instances && aliveOf(made).length > 0) throw new Error(`The cluster in ${directory} runs with ${made.instances} of each service: \`npm run cluster -- stop\` it first, then start it with ${instances}.`);
}
