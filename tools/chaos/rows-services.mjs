/** Rows that end processes of services. */
export const serviceRows = {
  'kill-service': {
    fault: 'kill -9 of a service at random while the story runs, started again at once',
    holds: 'nothing acknowledged lost, nothing doubled, the same digests',
    async strike({ world, random, link }) {
      const { service, id, name } = random.pick(world.parts);
      const before = link.answered;
      const killedAt = performance.now();
      await world.services[service].kill9({ only: id });
      return { told: `kill -9 of ${name} after ${before} answers`, killedAt, end: () => world.services[service].start({ only: id }) };
    },
  },
};
