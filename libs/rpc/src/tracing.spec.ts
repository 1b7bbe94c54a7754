import { SpanKind } from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { InMemorySpanExporter, ParentBasedSampler, SimpleSpanProcessor, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Client } from './definition.js';
import { errors } from './errors.js';
import { connect, currentTraceparent, RpcHost } from './index.js';
import type { Observer } from './observer.js';
import { plainHandlers, ProbeDefinition } from './probe.fixture.js';
import { tracing } from './tracing.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const spans = new InMemorySpanExporter();
/** Of the traces that begin here none is kept. */
const sampler = new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(0) });
const sdk = new NodeSDK({ sampler, spanProcessors: [new SimpleSpanProcessor({ exporter: spans })], resourceDetectors: [], metricReaders: [], logRecordProcessors: [], instrumentations: [] });
const hosts: RpcHost[] = [];
const clients: { close(): void }[] = [];
/** What each handler found to be under way. */
let seen: string[] = [];
let client: Client<typeof ProbeDefinition>;

beforeAll(async () => {
  sdk.start();
  const far = await serve({ inner: async (row) => (note(), row) }, [tracing]);
  const near = new RpcHost();
  near.register(ProbeDefinition, { ...plainHandlers, inner: async (row) => (note(), far.inner(row)) });
  const within = near.client(ProbeDefinition);
  client = await serve({ echo: async (row) => (note(), within.inner(row)), inner: () => Promise.reject(errors.CANCELLED({ method: 'Inner' })) }, []);
});
beforeEach(() => {
  seen = [];
  spans.reset();
});
afterAll(async () => {
  for (const each of clients) each.close();
  await Promise.all(hosts.map((host) => host.close()));
  await sdk.shutdown();
});

const note = (): void => void seen.push(currentTraceparent() ?? 'nothing');

/** A service, and a client of it; one without observers is that of a stranger, who says himself what is traced. */
async function serve(handlers: Partial<typeof plainHandlers>, observers: readonly Observer[]): Promise<Client<typeof ProbeDefinition>> {
  const host = new RpcHost();
  hosts.push(host);
  host.register(ProbeDefinition, { ...plainHandlers, ...handlers });
  const connected = connect(ProbeDefinition, await host.listen('127.0.0.1:0'), { observers });
  clients.push(connected);
  return connected;
}

/** The trace and the decision of a traceparent, without the span. */
const tracesOf = (parents: readonly string[]): readonly string[] => parents.map((parent) => parent.replace(/-[0-9a-f]{16}-/, ' '));

describe('a call through three services, two of them in one process', () => {
  it('is in one trace, all of which is told, when its caller says so', async () => {
    await client.echo({}, { metadata: { traceparent: `00-${TRACE}-${PARENT}-01` } });
    expect(tracesOf(seen)).toEqual(Array.from({ length: 3 }, () => `00-${TRACE} 01`));
    const told = spans.getFinishedSpans();
    expect(told.map(({ name, kind }) => `${name.split('/')[1]} ${kind === SpanKind.SERVER ? 'served' : 'asked'}`)).toEqual(['Inner served', 'Inner asked', 'Inner served', 'Inner asked', 'Echo served']);
    expect(new Set(told.map((span) => span.spanContext().traceId))).toEqual(new Set([TRACE]));
    expect(told.map(({ attributes }) => attributes)).toContainEqual({ 'rpc.system.name': 'grpc', 'rpc.method': 'millrace.fixture.v1.Probe/Echo', 'rpc.status_code': 'OK' });
    expect(told.map(({ attributes }) => attributes)).toContainEqual({ 'rpc.system.name': 'millrace', 'rpc.method': 'millrace.fixture.v1.Probe/Inner', 'rpc.status_code': 'OK' });
  });

  it('is told nowhere when its caller says so, and goes on under the number that it came with', async () => {
    await client.echo({}, { metadata: { traceparent: `00-${TRACE}-${PARENT}-00` } });
    expect(tracesOf(seen)).toEqual(Array.from({ length: 3 }, () => `00-${TRACE} 00`));
    expect(spans.getFinishedSpans()).toEqual([]);
  });

  it('has one number, and is told nowhere, when nobody has decided before and this is none of those that are kept', async () => {
    await client.echo({});
    expect(new Set(tracesOf(seen))).toEqual(new Set([expect.stringMatching(/^00-[0-9a-f]{32} 00$/) as string]));
    expect(seen).toHaveLength(3);
    expect(spans.getFinishedSpans()).toEqual([]);
  });
});

it('tells why a call failed by the name of the error alone', async () => {
  await expect(client.inner({}, { metadata: { traceparent: `00-${TRACE}-${PARENT}-01` } })).rejects.toMatchObject({ reason: 'CANCELLED' });
  expect(spans.getFinishedSpans().map(({ status, attributes }) => [status.message, attributes['rpc.status_code']])).toContainEqual(['AppError', 'CANCELLED']);
});
