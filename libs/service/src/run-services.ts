import 'reflect-metadata';
import { mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DeadLetterServiceDefinition } from '@millrace/contracts/millrace/events/v1/dead_letter_service';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type BusHooks, DeadLetters, dispatch, type EventBus, type EventRoute, RETRY_TOPIC, type StoredRecord, topicsOf, traceparentOf } from '@millrace/events';
import { openJobRunner } from '@millrace/jobs';
import type { ObjectStore } from '@millrace/objects';
import { type Client, type Definition, RpcHost, tracing, withTraceparent } from '@millrace/rpc';
import type { Store } from '@millrace/store';
import { startTelemetry } from '@millrace/telemetry';
import { SpanKind } from '@opentelemetry/api';
import type { Logger } from 'pino';
import { ArchiveServiceDefinition } from '@millrace/contracts/millrace/archive/v1/archive_service';
import { ArchiveDesk } from './archive/archive-desk.js';
import { serveAsyncApi } from './asyncapi-route.js';
import { type Chore, Chores } from './chores.js';
import { Clients } from './clients.js';
import { Closers } from './closers.js';
import { type Env, type HomeConfig, readConfig } from './config.js';
import { DeadLetterHandlers } from './dead-letter-handlers.js';
import { controllerOf } from './grpc-controller.js';
import { doorsOf } from './http-doors.js';
import { closeHttp, listenHttp, makeHttp } from './http-server.js';
import { openInstance } from './instance.js';
import { openLog } from './log.js';
import { Metrics } from './metrics.js';
import { NestLog } from './nest-log.js';
import { Ports } from './ports.js';
import { warnOfOpenDoors } from './open-doors.js';
import { Readiness } from './readiness.js';
import { openSecurity } from './security.js';
import type { AnyService, ServiceContext } from './service.js';

/** How a process of services is started. */
export interface RunOptions {
  readonly env: Env;
  readonly clock?: () => Date;
  readonly log?: Logger;
}

/** A process of services at work. */
export interface Running {
  /** host:port */
  readonly grpcAddress: string;
  /** http://host:port */
  readonly httpAddress: string;
  readonly log: Logger;
  readonly bus: EventBus;
  client<D extends Definition>(definition: D): Client<D>;
  /** Refuses new calls, finishes what is under way, and closes everything in order. */
  close(): Promise<void>;
}

interface Booted {
  readonly service: AnyService;
  readonly app: INestApplicationContext;
  readonly context: ServiceContext<never, never>;
  readonly store: Store<never>;
}

/** Nobody ever puts it: asking for it tells whether the place of objects answers. */
const NO_OBJECT = `sha256:${'0'.repeat(64)}`;

/** Starts services together: one gRPC port, one HTTP port, one bus, a store for each. Whatever was opened is closed again when the start fails. */
export async function runServices(services: readonly AnyService[], { env, clock = () => new Date(), log: given }: RunOptions): Promise<Running> {
  const { home, of } = readConfig(services, env);
  const log = given ?? openLog(home.LOG_LEVEL);
  const closers = new Closers(log);
  try {
    const telemetry = await startTelemetry(home.OTEL_EXPORTER_OTLP_ENDPOINT, services.length === 1 ? (services[0]?.name ?? 'millrace') : 'millrace');
    closers.add('telemetry', () => telemetry.close());
    const dataDir = resolve(home.MILLRACE_DATA_DIR);
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    const instance = openInstance(dataDir);
    closers.add('instance', async () => instance.close());
    const metrics = new Metrics();
    const security = await openSecurity(home, log);
    closers.add('security', async () => security.close());
    warnOfOpenDoors(home, log);
    const ports = new Ports(home, dataDir, { id: instance.id, clock, security });
    const bus = await ports.openBus(busHooks(log, metrics));
    closers.add('bus', () => bus.close());
    const objects = await ports.openObjects();
    const image = await readImage(log);
    const observers = [tracing, metrics.observer];
    const host = new RpcHost({ observers, onBug: (error, { service, method }) => log.error({ err: error, service, method }, 'a call failed for a reason of ours'), ...(image ? { image } : {}), tls: security.server });
    const clients = new Clients(host, new Set([DeadLetterServiceDefinition, ...services.flatMap(({ serves }) => serves)].map(({ fullName }) => fullName)), { env, observers: [tracing], tls: security.client });
    closers.add('clients', async () => clients.close());
    host.register(DeadLetterServiceDefinition, new DeadLetterHandlers(new DeadLetters(bus), { log, clock }));

    const booted: Booted[] = [];
    for (const service of services) {
      const directory = join(dataDir, service.name);
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const store = await ports.openStore(service.name, service.migrations);
      closers.add(`${service.name} store`, () => store.close());
      metrics.watchLeases(service.name, store.leases);
      const jobs = await openJobRunner({ dir: join(directory, 'jobs'), env: { ...process.env, ...env } });
      closers.add(`${service.name} jobs`, () => jobs.close({ leave: false }));
      const context: ServiceContext<never, never> = { name: service.name, config: of(service), store, bus, objects, jobs, redis: ports.redis, client: (definition) => clients.of(definition), log: log.child({ service: service.name }), dataDir: directory, metrics: metrics.registry, image, clock };
      const app = await NestFactory.createApplicationContext(await service.module(context), { logger: new NestLog(context.log), abortOnError: false });
      closers.add(`${service.name} module`, () => app.close());
      closers.add(`${service.name} stop`, async () => service.stop?.(app, context));
      for (const definition of service.serves) host.register(definition, controllerOf(app, definition, service.name));
      booted.push({ service, app, context, store });
    }

    const archived = booted.flatMap(({ service, app, context, store }) => (service.archive ? [{ service: service.name, store, objects, archive: service.archive, dataDir: context.dataDir, takeUp: async () => service.imported?.(app, context) }] : []));
    host.register(ArchiveServiceDefinition, new ArchiveDesk(archived, objects));

    const probes = { bus: () => bus.ping(), objects: () => objects.has(NO_OBJECT), ...Object.fromEntries(booted.map(({ store, service }) => [`store of ${service.name}`, async () => metrics.outbox(service.name, await store.outboxLag())])) };
    const readiness = new Readiness(probes, { onChange: (faults) => log.warn({ why: faults }, faults.length === 0 ? 'everything that was away is back' : 'not ready: something does not answer') });
    closers.add('readiness', async () => readiness.close());
    let state: 'STARTING' | 'READY' | 'DRAINING' = 'STARTING';
    const http = makeHttp({ metrics, log, isReady: () => state === 'READY', faults: () => [...readiness.faults, ...booted.flatMap(({ service, app, context }) => service.fault?.(app, context) ?? [])], isDraining: () => state === 'DRAINING', tls: security.server, doors: doorsOf(home) });
    if (image) serveAsyncApi(http, { image, ...ports.kafka });
    for (const { service, app, context } of booted) service.routes?.(http, app, context);
    const grpcAddress = await host.listen(`${home.MILLRACE_HOST}:${home.MILLRACE_GRPC_PORT}`);
    closers.add('gRPC', () => host.close());
    const httpAddress = await listenHttp(http, home.MILLRACE_HOST, home.MILLRACE_HTTP_PORT);
    const subscriptions: { stop(): Promise<void> }[] = [];
    closers.add('subscriptions', async () => void (await Promise.all(subscriptions.map((subscription) => subscription.stop()))));
    closers.add('calls in flight', async () => {
      state = 'DRAINING';
      const end = Date.now() + home.MILLRACE_SHUTDOWN_SECONDS * 1_000;
      await host.drain(end - Date.now());
      // The port stays open until here: who asks whether this process is ready is to hear that it is not.
      await closeHttp(http, Math.max(0, end - Date.now()));
    });

    for (const { store, context } of booted) store.relay((records) => bus.publish(records), { onError: (error: unknown) => context.log.error({ err: error }, 'events wait: the bus did not take them') });
    for (const { context } of booted) await context.jobs.recover();
    for (const { service, app, context } of booted) await service.start?.(app, context);
    for (const { context } of booted) {
      const ids = await context.jobs.forgetUnexpected();
      if (ids.length > 0) context.log.info({ jobs: ids }, 'forgot jobs whose end the last process had kept');
    }
    for (const { service, app, context } of booted) {
      for (const { group, routes } of service.subscriptions?.(app, context) ?? []) {
        const subscription = await bus.subscribe({ group, topics: [...topicsOf(routes), RETRY_TOPIC], handler: traced(group, routes, metrics) });
        subscriptions.push(subscription);
        metrics.watchLag(group, () => subscription.lags());
      }
    }
    const chores = new Chores(booted.flatMap(({ service, app, context, store: { leases } }, i) => {
      const own = [...(i === 0 ? objectChores(objects, home) : []), ...(service.chores?.(app, context) ?? []), { name: 'forget old leases', run: () => leases.sweep() }];
      return own.map((chore) => ({ ...chore, leases }));
    }), { log });
    closers.add('chores', () => chores.stop());
    host.setServing(true);
    state = 'READY';
    log.info({ grpc: grpcAddress, http: httpAddress, services: services.map(({ name }) => name) }, 'ready');
    return { grpcAddress, httpAddress, log, bus, client: (definition) => clients.of(definition), close: () => closers.close() };
  } catch (error) {
    await closers.close();
    throw error;
  }
}

const DAY_MS = 24 * 3_600_000;
const OTHER_TYPE = 'other';

const objectChores = (objects: ObjectStore, { MILLRACE_OBJECTS_UNNAMED_DAYS: days }: HomeConfig): readonly Chore[] => (days === 0 ? [] : [{ name: 'collect objects', run: () => objects.collect({ olderThanMs: days * DAY_MS }) }]);

/** Goes on with the trace that caused the event. What others publish under names of theirs is counted as one type, or they could make series without end. */
function traced(group: string, routes: readonly EventRoute[], metrics: Metrics) {
  const handle = dispatch(routes);
  const types = new Set(routes.map((route) => route.type));
  return async (record: StoredRecord): Promise<void> => {
    const found = record.headers['ce_type'] ?? '';
    const type = types.has(found) ? found : OTHER_TYPE;
    try {
      await withTraceparent(traceparentOf(record), `${group} ${type}`, () => handle(record), SpanKind.CONSUMER);
      metrics.handled(group, type, 'done');
    } catch (error) {
      metrics.handled(group, type, 'failed');
      throw error;
    }
  };
}

const busHooks = (log: Logger, metrics: Metrics): BusHooks => ({
  onRetry: ({ group, record, attempt, error }) => log.warn({ group, type: record.headers['ce_type'], id: record.headers['ce_id'], attempt, err: error }, 'an event is tried again'),
  onDeadLetter: ({ group, record, error }) => {
    metrics.deadLetter(group, record.topic);
    log.error({ group, type: record.headers['ce_type'], id: record.headers['ce_id'], err: error }, 'an event became a dead letter');
  },
  onError: (error) => log.error({ err: error }, 'the bus failed and tries again'),
  onUnreadRemoved: ({ topic, records }) => log.error({ topic, records }, 'retention removed events that a group had not read'),
});

/** The descriptors that the build made; without them there is neither reflection nor the AsyncAPI document, and everything else works. */
async function readImage(log: Logger): Promise<Uint8Array | undefined> {
  try {
    return await readFile(new URL('../../contracts/dist/image.binpb', import.meta.url));
  } catch {
    log.warn('no descriptors were built, so there is neither server reflection nor /asyncapi.json; run the set-up');
    return undefined;
  }
}

