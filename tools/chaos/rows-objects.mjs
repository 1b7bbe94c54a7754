import { setTimeout as sleep } from 'node:timers/promises';

const SLOW_KB = 40;
const FAILING_SHARE = 0.4;

/** Rows that harm the object store. */
export const objectRows = {
  's3-slow': {
    fault: `S3 takes and gives ${SLOW_KB} KB/s for each connection`,
    holds: 'slower, and nothing else',
    needs: { proxied: true },
    strike: ({ world, random }) => harm(world, { ms: random.between(5_000, 12_000), toxics: [['bandwidth', 'upstream', { rate: SLOW_KB }], ['bandwidth', 'downstream', { rate: SLOW_KB }]] }),
  },
  's3-errors': {
    fault: `S3 answers ${FAILING_SHARE * 100} % of all requests with 500 or 503`,
    holds: 'no half object is named; retried or reported',
    needs: { proxied: true },
    async strike({ world, random }) {
      const { failing } = world.servers;
      const before = failing.refused;
      failing.fail(FAILING_SHARE, random);
      await sleep(random.between(4_000, 12_000));
      failing.fail(0, random);
      return { told: `${failing.refused - before} requests refused` };
    },
  },
  's3-cut': {
    fault: 'every connection to S3 is cut after some KB of an upload',
    holds: 'no half object is named; retried or reported',
    needs: { proxied: true },
    async strike({ world, random }) {
      const bytes = Math.round(random.between(500, 60_000));
      const { told } = await harm(world, { ms: random.between(3_000, 8_000), toxics: [['limit_data', 'upstream', { bytes }]] });
      return { told: `${told}, after ${bytes} bytes` };
    },
  },
};

async function harm(world, { ms, toxics }) {
  await world.servers.proxies.harm('s3', toxics);
  await sleep(ms);
  await world.servers.proxies.heal('s3');
  return { told: `for ${(ms / 1_000).toFixed(0)} s` };
}
