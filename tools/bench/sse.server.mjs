import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { FeatureStoreServiceDefinition } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import { InferenceServiceDefinition } from '@millrace/contracts/millrace/inference/v1/inference_service';
import { IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { Alert } from '@millrace/contracts/millrace/monitor/v1/monitor';
import { MonitorServiceDefinition } from '@millrace/contracts/millrace/monitor/v1/monitor_service';
import { PipelinesServiceDefinition } from '@millrace/contracts/millrace/pipelines/v1/pipelines_service';
import { RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import { TrainerServiceDefinition } from '@millrace/contracts/millrace/trainer/v1/trainer_service';
import { gatewayService } from '@millrace/gateway';
import { runServices } from '@millrace/service';
import { standIn, standInService } from '@millrace/testing';

/** Tells every reader the same alerts, once as many are there as are awaited: by the gateway, or by a bare server that writes one text to all. */
const { by, readers, events, everyMs } = JSON.parse(process.argv[2]);
const LAST = 'the last';
const alertOf = (number) => Alert.fromPartial({ name: `alerts/${number}`, monitor: 'monitors/late-flights', endpoint: 'endpoints/late-flights', message: number === events ? LAST : 'distance has drifted: PSI 0.31', figures: { psi: 0.31, sentMs: Date.now() }, updateTime: new Date() });

const feeds = new Set();
function join(tell) {
  feeds.add(tell);
  if (feeds.size === readers) void speak();
}
async function speak() {
  // The figures are of readers that are all there.
  await sleep(1_000);
  for (let number = 1; number <= events; number++) {
    const alert = alertOf(number);
    for (const tell of feeds) tell(alert);
    await sleep(everyMs);
  }
}

async function* watchAlerts(_, { signal }) {
  const waiting = [];
  let wake = () => undefined;
  const tell = (alert) => (waiting.push(alert), wake());
  signal.addEventListener('abort', () => wake());
  join(tell);
  try {
    while (!signal.aborted) {
      const next = waiting.shift();
      if (next) yield next;
      else await new Promise((resolve) => (wake = resolve));
    }
  } finally {
    feeds.delete(tell);
  }
}

async function serveByGateway() {
  const others = [IngestionServiceDefinition, FeatureStoreServiceDefinition, TrainerServiceDefinition, InferenceServiceDefinition, RegistryServiceDefinition, PipelinesServiceDefinition].map((definition) => standIn(definition, {}));
  const running = await runServices([standInService([standIn(MonitorServiceDefinition, { watchAlerts }), ...others]), gatewayService], { env: process.env });
  process.once('SIGTERM', () => void running.close().finally(() => process.exit(0)));
  return running.httpAddress;
}

async function serveByHand() {
  let told;
  let text = '';
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write('retry: 2000\n\n');
    const tell = (alert) => {
      if (told !== alert) [told, text] = [alert, `id: ${alert.name}\ndata: ${JSON.stringify(Alert.toJSON(alert))}\n\n`];
      response.write(text);
    };
    response.once('close', () => feeds.delete(tell));
    join(tell);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  process.once('SIGTERM', () => process.exit(0));
  return `http://127.0.0.1:${server.address().port}`;
}

const http = await (by === 'hand' ? serveByHand() : serveByGateway());
process.stderr.write(`${JSON.stringify({ bench: 'ready', http })}\n`);
