import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AnyService, type Running, runServices } from '@millrace/service';

/** How a home of a spec is started. */
export interface HomeOptions {
  /** Where everything is kept; without it a fresh directory that goes with the home. */
  readonly directory?: string;
  readonly clock?: () => Date;
  readonly env?: Readonly<Record<string, string>>;
}

/** Services at work over a directory of their own, on free ports of this machine. */
export interface Home extends Running {
  readonly directory: string;
}

/** Starts services as one process would; `close` ends them and, unless the directory was given, clears it away. */
export async function startHome(services: readonly AnyService[], { directory, clock, env = {} }: HomeOptions = {}): Promise<Home> {
  const own = directory ?? (await mkdtemp(join(tmpdir(), 'millrace-')));
  const running = await runServices(services, { env: { MILLRACE_DATA_DIR: own, MILLRACE_HTTP_PORT: '0', MILLRACE_GRPC_PORT: '0', LOG_LEVEL: 'silent', ...env }, ...(clock ? { clock } : {}) });
  const close = async (): Promise<void> => {
    await running.close();
    if (directory === undefined) await rm(own, { recursive: true, force: true });
  };
  return { ...running, directory: own, close };
}

const POLL_MS = 10;
const PATIENCE_MS = 20_000;

/** What `look` finds once it finds something; fails with `what` when it never does. */
export async function eventually<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`Waited in vain for ${what}.`);
    await sleep(POLL_MS);
  }
}
