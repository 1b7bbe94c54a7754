import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { context, propagation, trace } from '@opentelemetry/api';
import { startTelemetry, withTraceparent } from '@millrace/telemetry';
import { afterEach, expect, it } from 'vitest';
import { startOtlpReceiver } from './index.js';

/** A process starts telemetry once; here it is started anew for each spec. */
afterEach(() => [trace, context, propagation].forEach((api) => api.disable()));

it('receives what our telemetry sends: names, parents, the process, and which failed', async () => {
  const receiver = await startOtlpReceiver();
  const telemetry = await startTelemetry(receiver.endpoint, 'bakery');
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  await withTraceparent(`00-${traceId}-b7ad6b7169203331-01`, 'bake', async () => {
    await withTraceparent(undefined, 'burn', async () => Promise.reject(new TypeError('password=hunter2'))).catch(() => undefined);
  });
  await telemetry.close();
  const [burn, bake] = receiver.spans;
  expect(bake).toMatchObject({ traceId, parentSpanId: 'b7ad6b7169203331', name: 'bake', service: 'bakery', failed: false });
  expect(burn).toMatchObject({ traceId, parentSpanId: bake?.spanId, name: 'burn', failed: true });
  expect(receiver.spans.length).toBe(2);
  await receiver.close();
});

it('holds nobody up when the receiver takes what is sent and never answers', async () => {
  let asked = 0;
  const silent = createServer(() => void asked++);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const telemetry = await startTelemetry(`http://127.0.0.1:${(silent.address() as AddressInfo).port}`, 'bakery');
  await withTraceparent(undefined, 'bake', async () => undefined);
  await telemetry.close();
  expect(asked).toBe(1);
  silent.closeAllConnections();
  await new Promise((resolve) => silent.close(resolve));
});

it('refuses what is no trace by protobuf', async () => {
  const receiver = await startOtlpReceiver();
  expect((await fetch(`${receiver.endpoint}/v1/traces`, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } })).status).toBe(400);
  await receiver.close();
});
