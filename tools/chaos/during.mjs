import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 500;
/** A service says within this time that something which it needs is away. */
const NOTICE_MS = 20_000;

/** Lets a fault last for so long. Every service must stay up, and say that it is not ready and `what` is away. */
export async function hasTroubles(world, findings, { ms, what }) {
  const wanted = new Set(world.parts.map(({ name }) => name));
  const silent = new Set(wanted);
  const until = performance.now() + ms;
  while (performance.now() < until) {
    for (const { name, trouble } of await world.troubles()) if (trouble.includes(what)) silent.delete(name);
    await sleep(POLL_MS);
  }
  if (ms >= NOTICE_MS) for (const name of wanted) findings.that(!silent.has(name), 'reports that it is not ready', `${name} did not say that the ${what} is away`);
  for (const name of world.dead) findings.that(false, 'services stay up', `${name} has ended, see ${world.logs}`);
}
