import { fork } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { entryUrl, type EventRecord } from '@millrace/core';
import type { TapRecord } from './event-tap.js';
import { SERVICES, type Home, type StartHome } from './home.js';

interface Ready {
  readonly grpcAddress: string;
  readonly httpAddress: string;
}

/** Starts every service in one process of its own, with files for everything. */
export const startEmbedded: StartHome = async ({ directory, roots, onRecord }) => {
  const dataDir = join(directory, 'data');
  const logFile = join(directory, 'millrace.log');
  const child = fork(entryUrl(import.meta.url, './embedded.main.js'), {
    env: { ...process.env, MILLRACE_DATA_DIR: dataDir, MILLRACE_SOURCE_ROOTS: roots, MILLRACE_HTTP_PORT: '0', MILLRACE_GRPC_PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    serialization: 'advanced',
    execArgv: [],
  });
  const log = createWriteStream(logFile);
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const ready = new Promise<Ready>((resolve) =>
    child.on('message', (message: { readonly record: TapRecord } | { readonly published: true } | Ready) => {
      if ('record' in message) onRecord(message.record);
      else if ('grpcAddress' in message) resolve(message);
    }),
  );
  const publish = (record: EventRecord): Promise<void> =>
    new Promise((resolve) => {
      const taken = (message: object): void => {
        if (!('published' in message)) return;
        child.off('message', taken);
        resolve();
      };
      child.on('message', taken);
      child.send({ publish: record });
    });
  const { grpcAddress, httpAddress } = await Promise.race([ready, ended.then((code) => Promise.reject(new Error(`Millrace ended with ${code} before it was ready; its log is ${logFile}.`)))]);
  const addresses = Object.fromEntries(SERVICES.map((name) => [name, grpcAddress])) as Home['addresses'];
  const close = async (): Promise<void> => {
    child.kill('SIGTERM');
    const code = await ended;
    if (code !== 0) throw new Error(`Millrace ended with ${code}.`);
  };
  return { addresses, httpAddress, gatewayAddress: httpAddress, objects: { directory: join(dataDir, 'objects') }, publish, close };
};
