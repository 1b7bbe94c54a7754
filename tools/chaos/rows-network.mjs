import { setTimeout as sleep } from 'node:timers/promises';

const LATENCY = { latency: 400, jitter: 300 };
/** Longer than the deadline of any call, so that every kind of waiting shows. */
const HOLE_MS = 25_000;

/** Rows that harm the lines between any two: a service and a server, or a service and an instance of another. */
export const networkRows = {
  'net-latency': row(`${LATENCY.latency} ms more on one line, each way`, 'slower, and nothing else', {
    ms: [5_000, 12_000],
    toxics: [['latency', 'upstream', LATENCY], ['latency', 'downstream', LATENCY]],
  }),
  'net-reset': row('connections of one line are reset, again and again', 'repeated or refused as UNAVAILABLE', {
    ms: [3_000, 8_000],
    toxics: [['reset_peer', 'downstream', { timeout: 50 }]],
  }),
  'net-half-open': row('what is said arrives on one line, and no answer comes back', 'deadlines hold', {
    ms: [HOLE_MS, HOLE_MS],
    toxics: [['timeout', 'downstream', { timeout: 0 }]],
  }),
  'net-black-hole': row('nothing passes on one line, and nothing closes it', 'deadlines hold', {
    ms: [HOLE_MS, HOLE_MS],
    toxics: [['timeout', 'upstream', { timeout: 0 }], ['timeout', 'downstream', { timeout: 0 }]],
  }),
};

function row(fault, holds, { ms: [least, most], toxics }) {
  return {
    fault,
    holds: `${holds}; no call outlives its deadline, nothing lost or doubled`,
    needs: { proxied: true },
    recoverMs: 60_000,
    async strike({ world, random }) {
      const line = random.pick(world.lines);
      const ms = random.between(least, most);
      await world.servers.proxies.harm(line, toxics);
      await sleep(ms);
      await world.servers.proxies.heal(line);
      return { told: `the line to ${line} for ${(ms / 1_000).toFixed(0)} s` };
    },
  };
}
