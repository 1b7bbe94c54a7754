import { setTimeout as sleep } from 'node:timers/promises';

const STEADY_POLL_MS = 50;

/** Rows that end processes of services. */
export const serviceRows = {
  'kill-service': {
    fault: 'kill -9 of a service at random while the story runs; it is started again at once, and the next one is not waited with',
    holds: 'nothing acknowledged lost, nothing doubled, the same digests',
    overlaps: true,
    recoverMs: 60_000,
    async strike({ world, random }) {
      for (; world.steady.length === 0; ) await sleep(STEADY_POLL_MS);
      const part = random.pick(world.steady);
      const killedAt = performance.now();
      await world.services[part.service].kill9({ only: part.id });
      return { told: `kill -9 of ${part.name}`, killedAt, end: () => world.startLater(part) };
    },
  },
};
