import type { EventRecord } from '@millrace/core';
import { runProcess } from '@millrace/service';
import { services } from '@millrace/standalone';
import { DEAD_LETTER_TOPICS, TAP_GROUP, TOPICS } from './event-tap.js';

/** Every service in one process, as the standalone runs them, with a tap on its bus: each record goes to the process that started this one, and what that sends is published. */
await runProcess(services, ({ grpcAddress, httpAddress, bus, log }) => {
  const handler = async (record: unknown): Promise<void> => void process.send?.({ record });
  process.on('message', ({ publish }: { readonly publish: EventRecord }) => {
    bus.publish([publish]).then(
      () => process.send?.({ published: true }),
      (error: unknown) => log.error({ err: error }, 'the bus took nothing'),
    );
  });
  bus.subscribe({ group: TAP_GROUP, topics: [...TOPICS, ...DEAD_LETTER_TOPICS], handler }).then(
    () => process.send?.({ grpcAddress, httpAddress }),
    (error: unknown) => log.error({ err: error }, 'the bus cannot be tapped'),
  );
});
