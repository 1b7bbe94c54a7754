import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import type { FeatureView } from '../../feature-view.js';
import type { OpenOnline } from '../online.fixture.js';
import { openRedisOnline } from './open-redis-online.js';
import type { RedisOnline } from './redis-online.js';

const SERVERS = fileURLToPath(new URL('../../../../../tools/servers/servers.mjs', import.meta.url));
const run = promisify(execFile);

/** The server that all specs of a run share. */
export const sharedRedis = (): string => {
  const url = process.env['MILLRACE_TEST_REDIS'];
  if (url === undefined) throw new Error('MILLRACE_TEST_REDIS is not set; run npm run test:cluster, which starts a server.');
  return url;
};

let prefixes = 0;
/** Keys of one spec alone. */
export const newPrefix = (): string => `t${process.pid}-${Date.now().toString(36)}-${++prefixes}:`;

/** Opens sides in Redis, all below one prefix; they are told of the definitions that a spec makes. */
export function openIn(url: string, { prefix = newPrefix(), sweepMs = 60_000, clock = () => new Date() }: { readonly prefix?: string; readonly sweepMs?: number; readonly clock?: () => Date } = {}) {
  const views = new Map<string, FeatureView>();
  const opened: RedisOnline[] = [];
  const told: { readonly level: string; readonly text: string }[] = [];
  const level = (name: string) => (_: unknown, text?: string): void => void told.push({ level: name, text: text ?? String(_) });
  const metrics = new Registry();
  const open: OpenOnline = async ({ store, objects, options }) => {
    const online = await openRedisOnline({
      ...options,
      place: { url, options: {}, prefix },
      store,
      objects,
      log: { info: level('info'), warn: level('warn'), error: level('error') } as unknown as Logger,
      // One registry holds a name once; a process opens one side.
      metrics: opened.length === 0 ? metrics : new Registry(),
      clock,
      sweepMs,
      viewOf: async (name) => {
        const view = views.get(name);
        if (!view) throw new Error(`The spec knows no view ${name}.`);
        return view;
      },
    });
    opened.push(online);
    return online;
  };
  return { open, views, opened, told, metrics, prefix };
}

/** A Redis of one spec alone, to be killed, emptied and started again. */
export async function ownRedis() {
  const dir = mkdtempSync(join(process.env['MILLRACE_TEST_SERVERS'] ?? '', 'redis-'));
  const servers = async (command: string): Promise<string> => (await run(process.execPath, [SERVERS, command, 'redis', '--dir', dir, '--json'])).stdout;
  const { redis } = JSON.parse(await servers('start')) as { readonly redis: string };
  return {
    url: redis,
    kill: async () => void (await servers('kill9')),
    start: async () => void (await servers('start')),
    wipe: async () => void (await servers('wipe')),
  };
}

/** Runs commands on a server as an operator would. */
export async function onServer<T>(url: string, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url);
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}
