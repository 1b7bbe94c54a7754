import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { untilReady } from '../calls/until-ready.js';
import { errors } from '../errors.js';
import { type DemoHome, type DemoHomeOptions, SERVICES, type ServiceName } from './demo-home.js';

/** Variables that say where the servers are. */
const ASKED = ['MILLRACE_DATABASE_URL', 'MILLRACE_KAFKA_BROKERS', 'MILLRACE_S3_BUCKET'] as const;
const FOLDERS: Readonly<Record<ServiceName, string>> = { ingestion: 'ingestion', features: 'feature-store', trainer: 'trainer', registry: 'registry', inference: 'inference', monitor: 'monitor', pipelines: 'pipelines' };
const START_MS = 90_000;
const STOP_MS = 20_000;

/** Starts each service as a process of its own on the servers that the environment names, and waits until all are ready. */
export async function startCluster({ directory, roots }: DemoHomeOptions): Promise<DemoHome> {
  const absent = ASKED.filter((name) => process.env[name] === undefined);
  if (absent.length > 0) throw errors.SERVERS_MISSING({ variables: absent.join(', ') });
  await rm(directory, { recursive: true, force: true });
  await mkdir(join(directory, 'logs'), { recursive: true });
  const ports = await freePorts(SERVICES.length * 2);
  const port = (index: number): number => ports[index] ?? 0;
  const addresses = Object.fromEntries(SERVICES.map((name, i) => [name, `127.0.0.1:${port(i)}`])) as DemoHome['addresses'];
  const found = Object.fromEntries(SERVICES.map((name) => [`MILLRACE_${name.toUpperCase()}_ADDRESS`, addresses[name]]));
  const http = SERVICES.map((_, i) => `http://127.0.0.1:${port(SERVICES.length + i)}`);
  const children = SERVICES.map((name, i) =>
    start(name, directory, { ...process.env, ...found, MILLRACE_DATA_DIR: join(directory, 'data', name), MILLRACE_SOURCE_ROOTS: roots, MILLRACE_GRPC_PORT: String(port(i)), MILLRACE_HTTP_PORT: String(port(SERVICES.length + i)) }),
  );
  const stop = async (): Promise<void> => {
    for (const { child } of children) child.kill('SIGTERM');
    const timer = setTimeout(() => children.forEach(({ child }) => child.kill('SIGKILL')), STOP_MS);
    await Promise.all(children.map(({ ended }) => ended));
    clearTimeout(timer);
  };
  const ended = Promise.race(children.map(({ name, ended: end }) => end.then((code) => ({ name, code }))));
  const waiting = new AbortController();
  const late = sleep(START_MS, undefined, { signal: waiting.signal, ref: false }).then(() => Promise.reject(errors.NOT_READY({ seconds: String(START_MS / 1_000) })));
  late.catch(() => undefined);
  try {
    await Promise.race([Promise.all(http.map((address) => untilReady(address, waiting.signal))), late, ended.then(({ name, code }) => Promise.reject(errors.SERVICE_NOT_STARTED({ service: name, code: String(code), log: join(directory, 'logs', `${name}.log`) })))]);
  } catch (error) {
    await stop();
    throw error;
  } finally {
    waiting.abort();
  }
  const { MILLRACE_S3_BUCKET: bucket = '', MILLRACE_S3_ENDPOINT: endpoint, MILLRACE_S3_PREFIX: prefix = '', AWS_REGION: region = 'us-east-1' } = process.env;
  return {
    addresses,
    httpAddress: http[SERVICES.indexOf('inference')] ?? '',
    pids: children.map(({ child }) => child.pid ?? 0),
    objects: { bucket: { bucket, region, prefix, ...(endpoint === undefined ? {} : { endpoint }) }, cacheDirectory: join(directory, 'objects') },
    ended,
    stop,
  };
}

function start(name: ServiceName, directory: string, env: NodeJS.ProcessEnv): { readonly name: string; readonly child: ChildProcess; readonly ended: Promise<number | null> } {
  const entry = fileURLToPath(new URL(`../../../${FOLDERS[name]}/dist/main.js`, import.meta.url));
  const child = spawn(process.execPath, [entry], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const log = createWriteStream(join(directory, 'logs', `${name}.log`));
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  return { name, child, ended: new Promise((resolve) => child.once('exit', (code) => (log.end(), resolve(code)))) };
}

/** Ports that nobody has now; each service must know those of the others before it starts. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
