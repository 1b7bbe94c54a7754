import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT, WORK } from './flights.mjs';
import { startProcess } from './home.mjs';
import { cpuOf, inTurns } from './in-turns.mjs';
import { runScript } from './jobs.mjs';

export const title = 'RPCs over HTTP by the transcoder, against a route of Fastify written by hand: server CPU a request';

const REQUESTS = 20_000;
const AT_ONCE = 8;
const DATA = join(WORK, 'homes', 'transcoder');
/** What is asked of both, and what it costs beside the hand: a small answer, a page, and a body to read. */
const CASES = { get: 'one model version', list: 'a page of 50 model versions', log: 'a body with 20 metric points' };

/** Both sides stand in one process and call the same handler by the same client; a handler answers at once, so that the way to it is all that costs. */
export async function run({ runs, say }) {
  const server = await startProcess([join(ROOT, 'tools/bench/transcoder.server.mjs')], {
    env: { LOG_LEVEL: 'warn', MILLRACE_DATA_DIR: DATA, MILLRACE_HTTP_PORT: '0', MILLRACE_GRPC_PORT: '0' },
    ready: (line) => (line.includes('"bench":"ready"') ? JSON.parse(line) : undefined),
  });
  const load = async (what, by) => {
    const before = cpuOf(server.pid);
    const figures = await runScript('transcoder.client.mjs', { address: server.http, what, by, requests: REQUESTS, atOnce: AT_ONCE });
    return { cpu: ((cpuOf(server.pid) - before) / REQUESTS) * 1e6, ...figures };
  };
  const rows = [];
  try {
    for (const [what, words] of Object.entries(CASES)) {
      const found = await inTurns({ ours: () => load(what, 'gateway'), base: () => load(what, 'hand') }, { runs, warmUps: 2, say: (line) => say(`${what}: ${line}`) });
      rows.push({ id: `transcoder-${what}`, unit: 'µs CPU', ours: found.ours.cpu, base: found.base.cpu, aim: { ratio: 1.3 }, note: `${words}; p50 ${found.ours.p50.toFixed(2)} ms against ${found.base.p50.toFixed(2)} ms` });
    }
  } finally {
    await server.stop();
    await rm(DATA, { recursive: true, force: true });
  }
  return rows;
}
