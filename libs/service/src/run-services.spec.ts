import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentials, loadPackageDefinition, makeGenericClientConstructor, type ServiceError } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import { connect } from '@millrace/rpc';
import { service as healthService } from 'grpc-health-check';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ingestionDesk, Journal, registryDesk } from './desk.fixture.js';
import { type AnyService, type Env, runServices } from './index.js';

const REGISTRY = 'millrace.registry.v1.RegistryService';
const INGESTION = 'millrace.ingestion.v1.IngestionService';
const quiet = pino({ level: 'silent' });

/** Patience for a busy machine; nothing waits so long where all is well. */
const soon = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 20_000, interval: 10 });

let dir: string;
let journal: Journal;
const closers: (() => unknown)[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-service-'));
  journal = new Journal();
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  rmSync(dir, { recursive: true });
});

const envOf = (more: Env = {}): Env => ({ MILLRACE_DATA_DIR: dir, MILLRACE_HTTP_PORT: '0', MILLRACE_GRPC_PORT: '0', ...more });

async function run(services: readonly AnyService[] = [ingestionDesk(journal), registryDesk(journal)], more: Env = {}) {
  const running = await runServices(services, { env: envOf(more), log: quiet });
  closers.push(() => running.close());
  const { registry, ingestion } = { registry: connect(RegistryServiceDefinition, running.grpcAddress), ingestion: connect(IngestionServiceDefinition, running.grpcAddress) };
  closers.push(() => registry.close(), () => ingestion.close());
  return { running, registry, ingestion, http: running.httpAddress };
}

function healthOf(address: string) {
  const Health = makeGenericClientConstructor(healthService, 'Health') as unknown as new (...args: unknown[]) => {
    check(request: { service: string }, done: (error: ServiceError | null, answer?: { status: string }) => void): void;
    watch(request: { service: string }): AsyncIterable<{ status: string }> & { cancel(): void };
    close(): void;
  };
  const client = new Health(address, credentials.createInsecure());
  closers.push(() => client.close());
  return {
    check: (service: string) => new Promise<string | undefined>((resolve, reject) => client.check({ service }, (error, answer) => (error ? reject(error) : resolve(answer?.status)))),
    watch: (service: string) => {
      const seen: string[] = [];
      const call = client.watch({ service });
      closers.push(() => call.cancel());
      void (async () => {
        for await (const { status } of call) seen.push(status);
      })().catch(() => undefined);
      return seen;
    },
  };
}

/** Ports that are free just now. */
async function freePorts(): Promise<Env> {
  const servers = [createServer(), createServer()];
  const ports = await Promise.all(servers.map((server) => new Promise<number>((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)))));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return { MILLRACE_HTTP_PORT: String(ports[0]), MILLRACE_GRPC_PORT: String(ports[1]) };
}

it('runs several services behind one address, and their calls to each other stay in the process', async () => {
  const { running, registry, ingestion } = await run();
  expect((await registry.getModel({ name: 'models/nested' })).description).toBe('datasets/flights');
  expect((await ingestion.getDataset({ name: 'datasets/a' })).name).toBe('datasets/a');
  expect((await running.client(RegistryServiceDefinition).getModel({ name: 'models/a' })).name).toBe('models/a');
  const metrics = await readMetrics(running.httpAddress);
  const calls = (service: string, method: string, transport: string) => metrics.get(`millrace_rpc_server_duration_seconds_count{service="${service}",method="${method}",transport="${transport}",code="OK"}`);
  expect(calls(INGESTION, 'GetDataset', 'in-process')).toBe(1);
  expect(calls(INGESTION, 'GetDataset', 'grpc')).toBe(1);
  expect(calls(REGISTRY, 'GetModel', 'grpc')).toBe(1);
});

it('runs one service, which finds another where the environment says, and names the variable that is missing', async () => {
  await expect(run([registryDesk(journal)])).rejects.toMatchObject({ reason: 'SERVICE_ADDRESS_MISSING', metadata: { definition: INGESTION, variable: 'MILLRACE_INGESTION_ADDRESS' } });
  const other = await run([ingestionDesk(journal)], { MILLRACE_DATA_DIR: join(dir, 'other') });
  const { registry } = await run([registryDesk(journal)], { MILLRACE_INGESTION_ADDRESS: other.running.grpcAddress });
  expect((await registry.getModel({ name: 'models/nested' })).description).toBe('datasets/flights');
});

it('names every fault of the configuration of every service at once', async () => {
  const faulty = { MILLRACE_HTTP_PORT: '70000', LOG_LEVEL: 'loud', DESK_SEATS: '0', DESK_COLOUR: 'red', DESK_LAMPS: 'many', OTEL_EXPORTER_OTLP_ENDPOINT: 'collector' };
  const error = await run(undefined, faulty).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'CONFIGURATION_INVALID' });
  for (const variable of Object.keys(faulty)) expect((error as Error).message).toContain(`  ${variable}: `);
});

it('answers health checks for each service and for the whole, and tells those who watch', async () => {
  const ports = await freePorts();
  const starting = run([ingestionDesk(journal), registryDesk(journal, { gated: true })], ports);
  await soon(() => expect(journal.lines).toEqual(['registry starts with 3 seats']));
  const health = healthOf(`127.0.0.1:${ports['MILLRACE_GRPC_PORT']}`);
  const http = `http://127.0.0.1:${ports['MILLRACE_HTTP_PORT']}`;
  const seen = health.watch('');
  const all = ['', REGISTRY, INGESTION];
  await soon(() => expect(seen).toEqual(['NOT_SERVING']));
  for (const service of all) expect(await health.check(service)).toBe('NOT_SERVING');
  expect(await statusOf(`${http}/healthz`)).toBe(200);
  expect(await statusOf(`${http}/readyz`)).toBe(503);
  journal.open('start');
  const { running } = await starting;
  await soon(() => expect(seen).toEqual(['NOT_SERVING', 'SERVING']));
  for (const service of all) expect(await health.check(service)).toBe('SERVING');
  await expect(health.check('millrace.bakery.v1.BakeryService')).rejects.toMatchObject({ code: 5 });
  expect(await statusOf(`${http}/readyz`)).toBe(200);
  await running.close();
  await soon(() => expect(seen).toEqual(['NOT_SERVING', 'SERVING', 'NOT_SERVING']));
});

it('is not ready, and says why, while a service cannot do its work; calls are served all the same', async () => {
  let why: string | undefined;
  const { running } = await run([ingestionDesk(journal), { ...registryDesk(journal), fault: () => why }]);
  const ask = async (): Promise<unknown> => (await fetch(`${running.httpAddress}/readyz`)).json();
  expect(await ask()).toEqual({ status: 'ready' });
  why = 'its server is away';
  expect(await ask()).toEqual({ status: 'not ready', why: ['its server is away'] });
  expect(await statusOf(`${running.httpAddress}/readyz`)).toBe(503);
  expect(await statusOf(`${running.httpAddress}/healthz`)).toBe(200);
  expect(await healthOf(running.grpcAddress).check(REGISTRY)).toBe('SERVING');
  why = undefined;
  expect(await ask()).toEqual({ status: 'ready' });
});

it.each(['v1', 'v1alpha'])('lists its services by server reflection %s', async (version) => {
  const { running } = await run();
  const proto = new URL(`../../../node_modules/@grpc/reflection/build/proto/grpc/reflection/${version}/reflection.proto`, import.meta.url).pathname;
  const grpc = loadPackageDefinition(loadSync(proto, { keepCase: true, oneofs: true })) as unknown as { grpc: { reflection: Record<string, { ServerReflection: new (...args: unknown[]) => { ServerReflectionInfo(): NodeJS.ReadWriteStream & AsyncIterable<{ list_services_response: { service: { name: string }[] } }>; close(): void } }> } };
  const Reflection = grpc.grpc.reflection[version]?.ServerReflection;
  if (!Reflection) throw new Error(`There is no reflection ${version}.`);
  const client = new Reflection(running.grpcAddress, credentials.createInsecure());
  closers.push(() => client.close());
  const call = client.ServerReflectionInfo();
  call.write({ list_services: '' } as unknown as string);
  const names: string[] = [];
  for await (const { list_services_response: list } of call) {
    names.push(...list.service.map(({ name }) => name));
    call.end();
  }
  expect(names.sort()).toEqual(['millrace.archive.v1.ArchiveService', 'millrace.events.v1.DeadLetterService', INGESTION, REGISTRY]);
});

it('carries an event from one service to the other, once, in the open', async () => {
  const { running, registry, ingestion } = await run();
  await ingestion.createDataset({ dataset: { name: 'datasets/flights' } });
  await soon(() => expect(journal.lines.at(-1)).toMatch(/^heard of flights/));
  expect((await registry.listModels({})).models.map(({ name }) => name)).toEqual(['flights']);
  const metrics = await readMetrics(running.httpAddress);
  expect(metrics.get('millrace_events_handled_total{group="desk-arrivals",type="millrace.ingestion.v1.DatasetVersionCreated",outcome="done"}')).toBe(1);
  expect([...metrics.keys()]).toEqual(expect.arrayContaining([expect.stringMatching(/^process_resident_memory_bytes/)]));
});

it('gives errors over HTTP the form of google.rpc.Status, and nothing of its insides', async () => {
  const { http } = await run();
  const answer = async (path: string, init?: RequestInit) => {
    const response = await fetch(`${http}${path}`, init);
    return { status: response.status, body: (await response.json()) as { error: object } };
  };
  expect(await answer('/none')).toEqual({
    status: 404,
    body: { error: { code: 404, status: 'NOT_FOUND', message: 'Model models/none does not exist.', details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', domain: 'fixture.millrace', reason: 'MODEL_NOT_FOUND', metadata: { name: 'models/none' } }] } },
  });
  expect(await answer('/bug')).toMatchObject({ status: 500, body: { error: { status: 'INTERNAL', message: 'Internal error.' } } });
  expect(await answer('/nowhere?token=hunter2')).toEqual({ status: 404, body: { error: { code: 404, status: 'NOT_FOUND', message: 'There is nothing at GET /nowhere.', details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', domain: 'service.millrace', reason: 'PATH_UNKNOWN', metadata: { method: 'GET', path: '/nowhere' } }] } } });
});

it('finishes what is under way when it closes, refuses what is new, says so to probes, and closes in order', async () => {
  const { running, registry, ingestion, http } = await run();
  const health = healthOf(running.grpcAddress);
  await ingestion.createDataset({ dataset: { name: 'datasets/flights' } });
  await soon(() => expect(journal.lines.at(-1)).toMatch(/^heard of flights/));
  const call = registry.getModel({ name: 'models/slow' });
  const request = fetch(`${http}/slow`);
  await soon(() => expect(journal.lines).toEqual(expect.arrayContaining(['asked for models/slow', 'asked for /slow'])));
  let closed = false;
  const closing = running.close().then(() => (closed = true));
  await expect(registry.getModel({ name: 'models/late' })).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: 'SHUTTING_DOWN' });
  expect(await health.check(REGISTRY)).toBe('NOT_SERVING');
  expect(await statusOf(`${http}/readyz`)).toBe(503);
  expect(await statusOf(`${http}/healthz`)).toBe(200);
  expect(await statusOf(`${http}/metrics`)).toBe(200);
  const refused = await fetch(`${http}/none`);
  expect(refused.status).toBe(503);
  expect(await refused.json()).toMatchObject({ error: { status: 'UNAVAILABLE', details: [{ reason: 'SHUTTING_DOWN' }] } });
  expect(closed).toBe(false);
  journal.open('slow');
  expect((await call).name).toBe('models/slow');
  expect(await (await request).json()).toEqual({ seats: 3 });
  await closing;
  expect(journal.lines.slice(-2)).toEqual(['registry stops with 1 arrivals', 'ingestion stops']);
  expect(journal.lines).not.toContain('asked for models/late');
  await expect(fetch(`${http}/healthz`)).rejects.toThrow();
  await running.close();
});

it('waits for what is under way no longer than it is told, over HTTP as well', async () => {
  const { running, registry, http } = await run(undefined, { MILLRACE_SHUTDOWN_SECONDS: '0.1' });
  const call = registry.getModel({ name: 'models/slow' }).catch((error: unknown) => error);
  const request = fetch(`${http}/slow`).catch((error: unknown) => error);
  await soon(() => expect(journal.lines).toEqual(expect.arrayContaining(['asked for models/slow', 'asked for /slow'])));
  await running.close();
  expect(await call).toMatchObject({ code: 'UNAVAILABLE' });
  expect(await request).toBeInstanceOf(TypeError);
  journal.open('slow');
});

it('closes what it has opened when a start fails, so that the next one finds everything free', async () => {
  const ports = await freePorts();
  await expect(run([ingestionDesk(journal), registryDesk(journal, { failing: true })], ports)).rejects.toThrow('the desk has no legs');
  expect(journal.lines.slice(-2)).toEqual(['registry stops with 0 arrivals', 'ingestion stops']);
  await expect(run([ingestionDesk(journal), registryDesk(journal, { forgetful: true })], ports)).rejects.toMatchObject({ reason: 'CONTROLLER_MISSING', metadata: { service: 'registry', definition: REGISTRY } });
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(Number(ports['MILLRACE_HTTP_PORT']), '127.0.0.1', resolve));
  await expect(run(undefined, ports)).rejects.toMatchObject({ reason: 'HTTP_ADDRESS_IN_USE', message: expect.stringContaining('MILLRACE_HTTP_PORT') });
  await new Promise((resolve) => taken.close(resolve));
  const { running, registry } = await run(undefined, ports);
  expect(running.grpcAddress).toBe(`127.0.0.1:${ports['MILLRACE_GRPC_PORT']}`);
  expect((await registry.getModel({ name: 'models/a' })).name).toBe('models/a');
});

it('tells how far each group is behind in each of its topics, and how much waits in each outbox', async () => {
  const { running, ingestion } = await run();
  const lag = async (topic: string) => (await readMetrics(running.httpAddress)).get(`millrace_consumer_lag_records{group="desk-arrivals",topic="${topic}"}`);
  for (let i = 0; i < 3; i++) await ingestion.createDataset({ dataset: { name: 'datasets/held' } });
  await vi.waitFor(async () => expect(await lag('millrace.ingestion.v1')).toBe(3), { timeout: 20_000, interval: 10 });
  expect(await lag('millrace.retries.v1')).toBe(0);
  journal.open('held');
  await vi.waitFor(async () => expect(await lag('millrace.ingestion.v1')).toBe(0), { timeout: 20_000, interval: 10 });
  const metrics = await readMetrics(running.httpAddress);
  for (const service of ['ingestion', 'registry']) expect([metrics.get(`millrace_outbox_records{service="${service}"}`), metrics.get(`millrace_outbox_oldest_seconds{service="${service}"}`)]).toEqual([0, 0]);
});

it('serves the document of all events, whatever services it runs', async () => {
  const { http } = await run([ingestionDesk(journal)]);
  const response = await fetch(`${http}/asyncapi.json`);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^application\/vnd\.aai\.asyncapi\+json; version="3\.1\.0"/);
  expect(await response.json()).toMatchObject({ asyncapi: '3.1.0', channels: { registry: { address: 'millrace.registry.v1', messages: { ModelAliasMoved: {} } } } });
});

it('names the gRPC port that is taken', async () => {
  const { running } = await run();
  const [, port] = running.grpcAddress.split(':');
  await expect(run(undefined, { MILLRACE_DATA_DIR: join(dir, 'second'), MILLRACE_GRPC_PORT: port })).rejects.toMatchObject({ reason: 'ADDRESS_IN_USE', metadata: { address: `127.0.0.1:${port}` } });
});

const statusOf = async (url: string): Promise<number> => (await fetch(url)).status;

const HELP = /^# (?:HELP \w+ .+|TYPE \w+ (?:counter|gauge|histogram|summary))$/;
const SAMPLE = /^(\w+(?:\{(?:\w+="(?:[^"\\]|\\.)*",?)*\})?) (-?[\d.e+-]+|[+-]Inf|Nan)$/;

/** Every sample of the text format of Prometheus by name and labels; a line of another form fails. */
async function readMetrics(http: string): Promise<ReadonlyMap<string, number>> {
  const response = await fetch(`${http}/metrics`);
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const samples = new Map<string, number>();
  for (const line of (await response.text()).split('\n')) {
    if (line === '') continue;
    const sample = SAMPLE.exec(line);
    if (!sample) expect(line).toMatch(HELP);
    else samples.set(sample[1] ?? '', Number(sample[2]));
  }
  return samples;
}
