import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT, WORK } from './flights.mjs';
import { startProcess } from './home.mjs';
import { inTurns, memoryOf } from './in-turns.mjs';
import { runScript } from './jobs.mjs';

export const title = 'a thousand readers of one stream of server-sent events: memory of the gateway, and how long an event is on its way';

const READERS = 1_000;
const EVENTS = 50;
const EVERY_MS = 200;
const LOOK_MS = 100;
const DATA = join(WORK, 'homes', 'sse');

/** One process serves, another reads over a thousand connections; memory is the most that the server has while it does, less what it had before. */
export async function run({ runs, say }) {
  const found = await inTurns({ ours: () => measure('gateway'), base: () => measure('hand') }, { runs, say });
  const note = `${EVENTS} events to ${READERS} readers, one in ${EVERY_MS} ms`;
  return [
    { id: 'sse-1000-memory', unit: 'MB', ours: found.ours.memory, base: found.base.memory, aim: { atMost: 200 }, note },
    { id: 'sse-1000-p99', unit: 'ms', ours: found.ours.p99, base: found.base.p99, note: `${note}; p50 ${found.ours.p50.toFixed(0)} ms against ${found.base.p50.toFixed(0)} ms` },
  ];
}

async function measure(by) {
  const server = await startProcess([join(ROOT, 'tools/bench/sse.server.mjs'), JSON.stringify({ by, readers: READERS, events: EVENTS, everyMs: EVERY_MS })], {
    env: { LOG_LEVEL: 'warn', MILLRACE_DATA_DIR: DATA, MILLRACE_HTTP_PORT: '0', MILLRACE_GRPC_PORT: '0' },
    ready: (line) => (line.includes('"bench":"ready"') ? JSON.parse(line) : undefined),
  });
  const before = memoryOf(server.pid);
  let most = before;
  const look = setInterval(() => (most = Math.max(most, memoryOf(server.pid))), LOOK_MS);
  try {
    const waits = await runScript('sse.client.mjs', { address: server.http, readers: READERS, events: EVENTS });
    return { memory: most - before, ...waits };
  } finally {
    clearInterval(look);
    await server.stop();
    await rm(DATA, { recursive: true, force: true });
  }
}
