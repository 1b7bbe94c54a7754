import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PipelinesServiceDefinition } from '@millrace/contracts/millrace/pipelines/v1/pipelines_service';
import { JobState } from '@millrace/contracts/millrace/type/v1/job';
import { connect } from '@millrace/rpc';
import { DATA, PIPELINE, ROOT, WORK } from './flights.mjs';

const START_MS = 60_000;
const STOP_MS = 20_000;
/** Every service in one process, as `millrace up` starts it. */
export const ALL = 'apps/standalone/dist/main.js';
/** The inference service in a process of its own, as a container starts it. */
export const INFERENCE = 'apps/inference/dist/main.js';
export const ENDPOINT = 'late-flights';

let trained;

/** A home in which the flights have gone all the way to an endpoint; made once, and copied for whoever needs one of their own. */
export async function trainedHome(name, say) {
  trained ??= train(say);
  const [source, target] = [await trained, join(WORK, 'homes', name)];
  await rm(target, { recursive: true, force: true });
  await cp(source, target, { recursive: true });
  return target;
}

async function train(say) {
  say('training the flights once, from the source to the endpoint');
  const data = join(WORK, 'homes', 'trained');
  await rm(data, { recursive: true, force: true });
  await mkdir(data, { recursive: true });
  const home = await startServer(ALL, { data });
  const pipelines = connect(PipelinesServiceDefinition, home.grpc);
  try {
    await pipelines.applyPipeline({ source: await readFile(PIPELINE, 'utf8'), basePath: DATA });
    const { name } = await pipelines.createPipelineRun({ pipeline: 'pipelines/late-flights', eventTime: new Date('2001-04-01T00:00:00Z'), requestId: 'bench' });
    let last;
    for await (const run of pipelines.watchPipelineRun({ name })) last = run;
    if (last?.status?.state !== JobState.SUCCEEDED) throw new Error(`The pipeline did not end well: ${last?.status?.error?.message ?? last?.status?.state}.`);
  } finally {
    pipelines.close();
    await home.stop();
  }
  return data;
}

/** A home that `fill` has filled by the API, made once as `made` and kept over runs; copied under a name for whoever asks. */
export async function madeOnce(made, name, fill) {
  const [kept, data] = [join(WORK, made), join(WORK, 'homes', name)];
  if (!existsSync(kept)) await make(kept, fill);
  await rm(data, { recursive: true, force: true });
  await mkdir(join(WORK, 'homes'), { recursive: true });
  await cp(kept, data, { recursive: true });
  return data;
}

/** Under its name only once it is whole. */
async function make(target, fill) {
  const part = `${target}.part`;
  await rm(part, { recursive: true, force: true });
  await mkdir(part, { recursive: true });
  const home = await startServer(ALL, { data: part });
  try {
    await fill(home);
  } finally {
    await home.stop();
  }
  await rename(part, target);
}

/** Starts a program of the product over a data directory; ready when it says so. */
export function startServer(entry, { data, env = {} }) {
  return startProcess([join(ROOT, entry)], {
    env: { LOG_LEVEL: 'info', MILLRACE_DATA_DIR: data, MILLRACE_SOURCE_ROOTS: ROOT, MILLRACE_HTTP_PORT: '0', MILLRACE_GRPC_PORT: '0', MILLRACE_REGISTRY_ADDRESS: '127.0.0.1:1', MILLRACE_FEATURES_ADDRESS: '127.0.0.1:1', ...env },
    ready: (line) => (line.includes('"msg":"ready"') ? JSON.parse(line) : undefined),
  });
}

/** Starts a Node program and waits for the line of its error output that says what it listens on. */
export async function startProcess(args, { env = {}, ready }) {
  const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'ignore', 'pipe'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const told = [];
  const answer = new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${args[0]} was not ready after ${START_MS / 1_000} s.`)), START_MS);
    void ended.then((code) => reject(new Error(`${args[0]} ended with code ${code}: ${told.join('\n')}`)));
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (told.length < 20) told.push(line);
      const found = ready(line);
      if (!found) return;
      clearTimeout(timer);
      resolve(found);
    });
  });
  const stop = async () => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(timer);
  };
  try {
    return { ...(await answer), pid: child.pid, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
