import { setTimeout as sleep } from 'node:timers/promises';
import { askedRows } from './asked-rows.mjs';
import { ENDPOINT, INFERENCE, startServer, trainedHome } from './home.mjs';
import { cpuOf, inTurns } from './in-turns.mjs';
import { runScript } from './jobs.mjs';
import { receiveTraces } from './traces.mjs';

export const title = 'tracing: predict one row by gRPC with traces sent, against without';

const REQUESTS = 20_000;
const AT_ONCE = 8;
/** The last traces are sent within this time. */
const SETTLE_MS = 1_500;

/** The inference service that sends its traces to a receiver of this process, against the same service without. */
export async function run({ runs, say }) {
  const { completeFile } = await askedRows(say);
  const receiver = await receiveTraces();
  const [on, off] = [
    await startServer(INFERENCE, { data: await trainedHome('traced', say), env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.address } }),
    await startServer(INFERENCE, { data: await trainedHome('untraced', say) }),
  ];
  try {
    const load = async ({ pid, grpc }) => {
      const before = cpuOf(pid);
      const { p50 } = await runScript('predict.client.mjs', { by: 'grpc', address: grpc, endpoint: ENDPOINT, rowsFile: completeFile, requests: REQUESTS, atOnce: AT_ONCE });
      await sleep(SETTLE_MS);
      return { cpu: ((cpuOf(pid) - before) / REQUESTS) * 1e6, p50 };
    };
    const found = await inTurns({ ours: () => load(on), base: () => load(off) }, { runs, say });
    if (receiver.bytes() === 0) throw new Error('No trace has come to the receiver.');
    return [{ id: 'tracing', unit: 'µs CPU', ours: found.ours.cpu, base: found.base.cpu, note: `a request; p50 ${found.ours.p50.toFixed(2)} ms against ${found.base.p50.toFixed(2)} ms` }];
  } finally {
    await Promise.all([on.stop(), off.stop()]);
    receiver.close();
  }
}
