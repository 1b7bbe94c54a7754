import { join } from 'node:path';
import { rm } from 'node:fs/promises';
import { ROOT, WORK } from './flights.mjs';
import { startProcess } from './home.mjs';
import { cpuOf, inTurns } from './in-turns.mjs';
import { runScript } from './jobs.mjs';
import { receiveTraces } from './traces.mjs';

export const title = 'one gRPC call through health, errors, deadline and metrics, against bare grpc-js: server CPU';

const REQUESTS = 30_000;
const AT_ONCE = 8;
const DATA = join(WORK, 'homes', 'chassis');

/** A handler that answers at once: what is measured is the way to it. */
export async function run({ runs, say }) {
  const receiver = await receiveTraces();
  const start = (kind, name, env = {}) =>
    startProcess([join(ROOT, 'tools/bench/chassis.server.mjs'), kind], {
      env: { LOG_LEVEL: 'warn', MILLRACE_DATA_DIR: join(DATA, name), MILLRACE_HTTP_PORT: '0', MILLRACE_GRPC_PORT: '0', ...env },
      ready: (line) => (line.includes('"bench":"ready"') ? JSON.parse(line) : undefined),
    });
  const servers = {
    ours: await start('ours', 'plain'),
    base: await start('base', 'bare'),
    traced: await start('ours', 'traced', { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.address, OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.01' }),
  };
  try {
    const load = async ({ pid, grpc }) => {
      const before = cpuOf(pid);
      const { p50 } = await runScript('chassis.client.mjs', { address: grpc, requests: REQUESTS, atOnce: AT_ONCE });
      return { cpu: ((cpuOf(pid) - before) / REQUESTS) * 1e6, p50 };
    };
    const found = await inTurns(Object.fromEntries(Object.entries(servers).map(([name, server]) => [name, () => load(server)])), { runs, say, warmUps: 2 });
    if (receiver.bytes() === 0) throw new Error('No trace has come to the receiver.');
    const unit = 'µs CPU';
    return [
      { id: 'chassis', unit, ours: found.ours.cpu, base: found.base.cpu, aim: { ratio: 1.3 }, note: `p50 ${found.ours.p50.toFixed(2)} ms against ${found.base.p50.toFixed(2)} ms` },
      { id: 'chassis-traced', unit, ours: found.traced.cpu, base: found.ours.cpu, aim: { ratio: 1.1 }, note: 'one call in a hundred is traced' },
    ];
  } finally {
    await Promise.all(Object.values(servers).map((server) => server.stop()));
    receiver.close();
    await rm(DATA, { recursive: true, force: true });
  }
}
