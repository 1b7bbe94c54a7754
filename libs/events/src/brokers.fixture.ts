import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const SERVERS = fileURLToPath(new URL('../../../tools/servers/servers.mjs', import.meta.url));
const run = promisify(execFile);

/** The broker that all specs of a run share. */
export const sharedBrokers = (): readonly string[] => (process.env['MILLRACE_TEST_KAFKA'] ?? '').split(',');

/** A Kafka of one spec alone, to be killed and started again. */
export interface OwnBrokers {
  readonly brokers: readonly string[];
  /** kill -9. */
  kill(broker: number): Promise<void>;
  /** Starts what does not run. */
  start(): Promise<void>;
  wipe(): Promise<void>;
}

/** Starts a Kafka of so many brokers. */
export async function ownBrokers(count: 1 | 3): Promise<OwnBrokers> {
  const dir = mkdtempSync(join(process.env['MILLRACE_TEST_SERVERS'] ?? '', 'kafka-'));
  const servers = async (command: string, ...more: readonly string[]): Promise<string> => (await run(process.execPath, [SERVERS, command, 'kafka', '--dir', dir, '--json', ...more])).stdout;
  const { kafka } = JSON.parse(await servers('start', '--brokers', String(count))) as { readonly kafka: string };
  return {
    brokers: kafka.split(','),
    kill: async (broker) => void (await servers('kill9', '--only', String(broker))),
    start: async () => void (await servers('start')),
    wipe: async () => void (await servers('wipe')),
  };
}
