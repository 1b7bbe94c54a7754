import { clusterHome } from '@millrace/cli';
import { openKafkaBus } from '@millrace/events';
import { DEAD_LETTER_TOPICS, TAP_GROUP, TOPICS } from './event-tap.js';
import type { StartHome } from './home.js';

/** The services that the environment names run already, each as a process of its own; their bus is read beside them. */
export const joinCluster: StartHome = async ({ directory, onRecord }) => {
  const { addresses, httpAddress, objects } = clusterHome(process.env, directory);
  const prefix = process.env['MILLRACE_KAFKA_PREFIX'] ?? '';
  const bus = await openKafkaBus({ brokers: (process.env['MILLRACE_KAFKA_BROKERS'] ?? '').split(','), ...(prefix === '' ? {} : { prefix }) });
  await bus.subscribe({ group: TAP_GROUP, topics: [...TOPICS, ...DEAD_LETTER_TOPICS], handler: async (record) => onRecord(record) });
  const [gatewayAddress = ''] = (process.env['MILLRACE_GATEWAY_HTTP_ADDRESS'] ?? '').split(',');
  return { addresses, httpAddress, gatewayAddress, objects, publish: (record) => bus.publish([record]), close: () => bus.close() };
};
