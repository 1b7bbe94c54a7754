import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type DemoHome, type DemoHomeOptions, everywhere } from './demo-home.js';

const ENTRY = fileURLToPath(new URL('../../../standalone/dist/main.js', import.meta.url));
const READY = /HTTP (\S+), gRPC (\S+)$/;
const START_MS = 30_000;
const STOP_MS = 20_000;

/** Starts every service over an empty directory and waits until they are ready; their log goes to a file. */
export async function startStandalone({ directory, roots, keep }: DemoHomeOptions): Promise<DemoHome> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  const dataDir = join(directory, 'data');
  const env = {
    ...process.env,
    MILLRACE_DATA_DIR: dataDir,
    MILLRACE_SOURCE_ROOTS: roots,
    // What is kept running is found where people look for it; what is not must not stand in the way of another one.
    MILLRACE_HTTP_PORT: keep ? (process.env['MILLRACE_HTTP_PORT'] ?? '4300') : '0',
    MILLRACE_GRPC_PORT: keep ? (process.env['MILLRACE_GRPC_PORT'] ?? '4301') : '0',
  };
  const child = spawn(process.execPath, [ENTRY], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const log = createWriteStream(join(directory, 'millrace.log'));
  child.stderr.pipe(log);
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const ready = await firstLine(child, ended, join(directory, 'millrace.log'));
  const [, httpAddress = '', grpcAddress = ''] = READY.exec(ready) ?? [];
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(timer);
  };
  return { addresses: everywhere(grpcAddress), httpAddress, processes: [httpAddress], objects: { directory: join(dataDir, 'objects') }, ended, stop };
}

async function firstLine(child: ChildProcess, ended: Promise<number | null>, log: string): Promise<string> {
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  const line = new Promise<string>((resolve) => lines.on('line', (text) => READY.test(text) && resolve(text)));
  const timeout = new Promise<never>((_, reject) => setTimeout(() => reject(new Error(`Millrace was not ready after ${START_MS / 1_000} s; its log is ${log}.`)), START_MS).unref());
  const died = ended.then((code) => Promise.reject(new Error(`Millrace ended with code ${code} before it was ready; its log is ${log}.`)));
  return Promise.race([line, timeout, died]);
}
