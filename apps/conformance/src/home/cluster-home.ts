import { startCluster } from '@millrace/cli';
import { openKafkaBus } from '@millrace/events';
import { DEAD_LETTER_TOPICS, TAP_GROUP, TOPICS } from './event-tap.js';
import type { StartHome } from './home.js';

/** Starts each service as a process of its own on the servers that the environment names, and reads their bus beside them. */
export const startOnServers: StartHome = async ({ directory, roots, onRecord }) => {
  const cluster = await startCluster({ directory, roots, keep: false });
  const prefix = process.env['MILLRACE_KAFKA_PREFIX'] ?? '';
  const bus = await openKafkaBus({ brokers: (process.env['MILLRACE_KAFKA_BROKERS'] ?? '').split(','), ...(prefix === '' ? {} : { prefix }) });
  await bus.subscribe({ group: TAP_GROUP, topics: [...TOPICS, ...DEAD_LETTER_TOPICS], handler: async (record) => onRecord(record) });
  const close = async (): Promise<void> => {
    await bus.close();
    await cluster.stop();
  };
  return { addresses: cluster.addresses, httpAddress: cluster.httpAddress, objects: cluster.objects, close };
};
