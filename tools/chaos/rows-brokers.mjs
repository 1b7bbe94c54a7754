import { setTimeout as sleep } from 'node:timers/promises';
import { hasTroubles } from './during.mjs';

const DOWN_MS = 60_000;

/** Rows that take brokers away. */
export const brokerRows = {
  'kill-broker': {
    fault: 'kill -9 of one of three brokers; its partitions move under load, and it comes back',
    holds: 'no event lost or doubled, services stay up and go on',
    needs: { brokers: 3 },
    recoverMs: 60_000,
    async strike({ world, random }) {
      const { kafka } = world.servers;
      const id = random.pick(['1', '2', '3']);
      await kafka.kill9({ only: id });
      const ms = random.between(5_000, 15_000);
      await sleep(ms);
      await kafka.start({ only: id });
      return { told: `kill -9 of broker ${id}, away for ${(ms / 1_000).toFixed(0)} s` };
    },
  },
  'brokers-down': {
    fault: `all brokers down for ${DOWN_MS / 1_000} s`,
    holds: 'no event lost; services stay up, report not ready and why, and recover by themselves',
    recoverMs: 60_000,
    async strike({ world, findings }) {
      const { kafka } = world.servers;
      await kafka.kill9();
      await hasTroubles(world, findings, { ms: DOWN_MS, what: 'bus' });
      await kafka.start();
      return { told: 'kill -9 of all brokers' };
    },
  },
};
