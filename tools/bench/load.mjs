import { setTimeout as sleep } from 'node:timers/promises';
import { ENDPOINT } from './home.mjs';
import { cpuOf } from './in-turns.mjs';
import { runScript } from './jobs.mjs';

/** Questions of one turn, and how many of them are under way at once. */
export const REQUESTS = 10_000;
export const AT_ONCE = 8;
/** What was answered is logged a little later; that belongs to the request. */
const SETTLE_MS = 500;

/** Asks a server from a process of its own; gives the scores, the waits, and the CPU microseconds a request of all processes that serve it: `pids`, or its own alone. */
export async function load({ pid, pids = [pid], http, grpc }, { by, rowsFile }) {
  const spent = () => pids.reduce((sum, one) => sum + cpuOf(one), 0);
  const before = spent();
  const answer = await runScript('predict.client.mjs', { by, address: by === 'rest' ? http : grpc, endpoint: ENDPOINT, rowsFile, requests: REQUESTS, atOnce: AT_ONCE });
  await sleep(SETTLE_MS);
  return { ...answer, cpu: ((spent() - before) / REQUESTS) * 1e6 };
}
