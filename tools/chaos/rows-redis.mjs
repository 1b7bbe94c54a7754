import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HOUR_MS, LIVE_TO } from '../faults/flights-slice.mjs';
import { NAME, VIEWS } from '../faults/pipeline-file.mjs';

const RESTORED_MS = 60_000;
const POLL_MS = 200;
/** Airports with many flights, whose counts only grow. */
const AIRPORTS = ['ORD', 'DFW', 'ATL', 'LAX', 'PHX', 'STL', 'DTW', 'MSP'];

/** Rows that take Redis away with all that it held. */
export const redisRows = {
  'redis-lost': {
    fault: 'Redis dies with its data, and comes back empty after some seconds',
    holds: 'online features are away or right, never wrong, and are made again by themselves',
    // Before it there are no values that could be lost.
    phase: 'replay',
    recoverMs: 60_000,
    async strike({ world, random, link, findings }) {
      const { redis } = world.servers;
      const before = await counts(link);
      await redis.kill9();
      rmSync(join(world.servers.directory, 'redis', 'data'), { recursive: true });
      const ms = random.between(0, 8_000);
      await sleep(ms);
      await redis.start();
      const began = performance.now();
      let absent = 0;
      for (let whole = false; !whole; await sleep(POLL_MS)) {
        const now = await counts(link);
        whole = true;
        for (const [what, count] of before) {
          if (now.get(what) === undefined) absent++;
          else findings.that(now.get(what) >= count, 'never a wrong value', `${what} was ${count} and is ${now.get(what)} after the loss`);
          whole &&= now.get(what) !== undefined;
        }
        if (performance.now() - began > RESTORED_MS) break;
      }
      const seconds = (performance.now() - began) / 1_000;
      findings.that(before.size > 0, 'there is something to lose', 'no value was there before');
      findings.that(seconds * 1_000 < RESTORED_MS, 'values are made again', `not within ${RESTORED_MS / 1_000} s`);
      return { told: `away for ${(ms / 1_000).toFixed(1)} s, ${before.size} values back after ${seconds.toFixed(1)} s, ${absent} answers without a value` };
    },
  },
};

/** How many flights the online features count at some airports; nothing for those that are not answered. */
async function counts(link) {
  const keys = AIRPORTS.map((airport) => ({ values: Object.fromEntries(Object.values(VIEWS).map((key) => [key, { kind: { $case: 'stringValue', value: airport } }])) }));
  const ask = ({ features }) => features.getOnlineFeatures({ featureService: `featureServices/${NAME}`, keys, time: new Date(LIVE_TO + 48 * HOUR_MS) }).catch((error) => {
    // Before the first materialisation there is nothing to ask for.
    if (error.code === 'NOT_FOUND' || error.code === 'FAILED_PRECONDITION') return undefined;
    throw error;
  });
  const answer = await link.call('GetOnlineFeatures', ask);
  const found = new Map();
  if (answer === undefined) return found;
  for (const key of Object.values(VIEWS)) {
    const place = answer.features.indexOf(`${key}_flights_all`);
    AIRPORTS.forEach((airport, i) => {
      const value = answer.vectors[i].values[place]?.kind?.value;
      if (value !== undefined) found.set(`${key} ${airport}`, Number(value));
    });
  }
  return found;
}
