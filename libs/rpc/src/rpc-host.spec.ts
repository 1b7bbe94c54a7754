import { getEventListeners, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, connect as dial, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { loadPackageDefinition, makeGenericClientConstructor, Metadata, credentials, Server, ServerCredentials, type ServiceClientConstructor, status as Status, type ServiceError, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { defineErrors } from '@millrace/core';
import { afterEach, expect, it, vi } from 'vitest';
import { connect, type Definition, type RpcHostOptions, MAX_MESSAGE_BYTES, RpcHost } from './index.js';
import { toGrpc } from './definition.js';
import { plainHandlers, point, ProbeDefinition, type ProbeHandlers } from './probe.fixture.js';

const PATIENCE_MS = 30_000;
/** Patience for a busy machine; nothing waits so long where all is well. */
const soon = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 20_000, interval: 10 });
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function serve(handlers: Partial<ProbeHandlers> = {}, options: RpcHostOptions = {}) {
  const host = new RpcHost(options);
  host.register(ProbeDefinition, { ...plainHandlers, ...handlers });
  const address = await host.listen('127.0.0.1:0');
  closers.push(() => host.close());
  return { host, address, client: reach(address) };
}

function reach(address: string) {
  const client = connect(ProbeDefinition, address);
  closers.push(() => client.close());
  return client;
}

const textOf = (length: number) => ({ values: { text: { kind: { $case: 'stringValue', value: 'x'.repeat(length) } } } }) as const;

it('refuses messages above the limit, in both directions, and goes on', async () => {
  const { client } = await serve({ inner: async () => ({ values: { text: { kind: { $case: 'stringValue', value: 'x'.repeat(MAX_MESSAGE_BYTES) } } } }) });
  await expect(client.echo(textOf(MAX_MESSAGE_BYTES))).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
  await expect(client.inner({})).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
  expect(await client.echo(textOf(MAX_MESSAGE_BYTES - 1_024))).toEqual(textOf(MAX_MESSAGE_BYTES - 1_024));
});

it('carries an error whose values are as long as errors take, whatever their characters', async () => {
  const errors = defineErrors('probe.millrace', { LONG: { code: 'FAILED_PRECONDITION', message: '{first} and {second}.' } });
  for (const char of ['x', 'ü', '粉']) {
    const long = char.repeat(1_000_000);
    const { client } = await serve({ inner: () => Promise.reject(errors.LONG({ first: long, second: long })) });
    const error: unknown = await client.inner({}).catch((fault: unknown) => fault);
    expect(error).toMatchObject({ code: 'FAILED_PRECONDITION', domain: 'probe.millrace', reason: 'LONG', metadata: { first: expect.stringMatching(new RegExp(`^${char}{1000,}…$`, 'u')) } });
    expect((error as Error).message.length).toBeGreaterThan(2_000);
  }
});

it('refuses a message above the limit from a caller that keeps none', async () => {
  let begun = 0;
  const { address } = await serve({ echo: async (row) => (begun++, row) });
  const Stranger = loadPackageDefinition({ Probe: toGrpc(ProbeDefinition) })['Probe'] as unknown as new (...args: unknown[]) => { echo(row: unknown, done: (error: ServiceError | null) => void): void; close(): void };
  const stranger = new Stranger(address, credentials.createInsecure(), { 'grpc.max_send_message_length': -1 });
  closers.push(() => stranger.close());
  const error = await new Promise<ServiceError | null>((resolve) => stranger.echo(textOf(MAX_MESSAGE_BYTES), resolve));
  expect(error?.code).toBe(Status.RESOURCE_EXHAUSTED);
  expect(begun).toBe(0);
});

it('takes a message that it cannot read for a fault of the caller, in a stream as well', async () => {
  const bugs: unknown[] = [];
  const { address } = await serve({}, { onBug: (error) => bugs.push(error) });
  const garbled = Object.fromEntries(Object.entries(toGrpc(ProbeDefinition)).map(([key, method]) => [key, { ...method, requestSerialize: () => Buffer.from([255, 255]) }]));
  const Stranger = makeGenericClientConstructor(garbled, 'Probe') as unknown as new (...args: unknown[]) => { echo(row: unknown, done: (error: ServiceError) => void): void; sum(done: (error: ServiceError) => void): NodeJS.WritableStream; close(): void };
  const stranger = new Stranger(address, credentials.createInsecure());
  closers.push(() => stranger.close());
  expect(await new Promise((resolve) => stranger.echo({}, resolve))).toMatchObject({ code: Status.INVALID_ARGUMENT, details: expect.stringMatching(/^The request of Echo cannot be read: /) });
  expect(await new Promise((resolve) => stranger.sum(resolve).end({} as unknown as string))).toMatchObject({ code: Status.INVALID_ARGUMENT });
  expect(bugs).toEqual([]);
});

it('leaves no listener behind on a signal that outlives its calls, nor one for each wait of a stream', async () => {
  let most = 0;
  const { client } = await serve({
    async *watch({ step }, { signal }) {
      for (let i = 0n; i < step; i++) {
        yield point(i, 'x'.repeat(64 * 1_024));
        most = Math.max(most, getEventListeners(signal, 'abort').length);
      }
    },
  });
  const { signal } = new AbortController();
  for (let i = 0; i < 20; i++) await client.echo({}, { signal });
  await client.sum([point(1n)], { signal });
  let read = 0;
  for await (const _ of client.watch({ step: 200n }, { signal })) if (read++ % 20 === 0) await sleep(1);
  expect(read).toBe(200);
  expect(getEventListeners(signal, 'abort').length).toBe(0);
  expect(most).toBeLessThan(4);
});

it('does not take the upload of a caller that dies for a whole one', async () => {
  const ends: string[] = [];
  const { address } = await serve({
    async sum(points) {
      try {
        for await (const _ of points) ends.push('read');
        ends.push('whole');
      } catch (error) {
        ends.push((error as { readonly reason: string }).reason);
      }
      return point(0n);
    },
  });
  const [, port] = address.split(':');
  const sockets: Socket[] = [];
  const wire = createServer((near) => {
    const far = dial(Number(port), '127.0.0.1');
    sockets.push(near, far);
    for (const socket of [near, far]) socket.on('error', () => undefined);
    near.pipe(far).pipe(near);
  }).listen(0, '127.0.0.1');
  await once(wire, 'listening');
  closers.push(() => wire.close());
  const { port: wirePort } = wire.address() as { readonly port: number };
  async function* source() {
    yield point(1n);
    await soon(() => expect(ends).toEqual(['read']));
    sockets.forEach((socket) => socket.destroy());
    await sleep(PATIENCE_MS, undefined, { ref: false });
  }
  await expect(reach(`127.0.0.1:${wirePort}`).sum(source())).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
  await soon(() => expect(ends).toEqual(['read', 'CANCELLED']));
});

it('finishes calls in flight while it drains, streams among them, and refuses new ones from outside', async () => {
  const go = Promise.withResolvers<void>();
  const begun: string[] = [];
  const served: { host?: RpcHost } = {};
  const { host, client } = await serve({
    async echo(row) {
      begun.push('echo');
      await go.promise;
      // Part of a call that was let in before.
      return served.host?.client(ProbeDefinition).inner(row) ?? row;
    },
    async *watch() {
      begun.push('watch');
      yield point(1n);
      await go.promise;
      yield point(2n);
    },
  });
  served.host = host;
  host.setServing(true);
  const answer = client.echo(textOf(3));
  const steps: bigint[] = [];
  const reading = (async () => {
    for await (const { step } of client.watch({})) steps.push(step);
  })();
  await soon(() => expect([...begun].sort()).toEqual(['echo', 'watch']));
  let drained = false;
  const draining = host.drain(PATIENCE_MS).then(() => (drained = true));
  await expect(client.inner({})).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: 'SHUTTING_DOWN', retryable: true });
  expect(drained).toBe(false);
  go.resolve();
  expect(await answer).toEqual(textOf(3));
  await reading;
  expect(steps).toEqual([1n, 2n]);
  await draining;
});

it('has sent the answers of calls in flight when it has drained', async () => {
  const go = Promise.withResolvers<void>();
  let begun = false;
  const { host, client } = await serve({ echo: async (row) => (begun = true, await go.promise, row) });
  const answer = client.echo(textOf(4 * 1_024 * 1_024));
  await soon(() => expect(begun).toBe(true));
  const closing = host.drain(PATIENCE_MS).then(() => host.close());
  go.resolve();
  expect(await answer).toEqual(textOf(4 * 1_024 * 1_024));
  await closing;
});

it('waits no longer for calls in flight than it is told', async () => {
  const { host, client } = await serve({ echo: () => new Promise(() => undefined) });
  const answer = client.echo({}).catch((error: unknown) => error);
  await sleep(50);
  await host.drain(20);
  await host.close();
  expect(await answer).toMatchObject({ code: 'UNAVAILABLE', reason: 'CALL_CUT_OFF', metadata: { method: 'Echo' }, retryable: true });
});

it('is not kept by who only watches, nor by calls within the process', async () => {
  const never = () => new Promise<never>(() => undefined);
  const { host, client } = await serve({
    async *watch() {
      yield point(1n);
      await never();
    },
    echo: never,
  });
  const watching = client.watch(point(1n))[Symbol.asyncIterator]();
  expect((await watching.next()).value).toMatchObject({ step: 1n });
  const cut = watching.next().catch((error: unknown) => error);
  void host.client(ProbeDefinition).echo({}).catch(() => undefined);
  // Longer than any spec may take.
  await host.drain(10 * 60_000);
  await host.close();
  expect(await cut).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
});

it('names the address that is taken', async () => {
  const { address } = await serve();
  await expect(new RpcHost().listen(address)).rejects.toMatchObject({ reason: 'ADDRESS_IN_USE', metadata: { address } });
});

it('says that a service is not served here', async () => {
  const host = new RpcHost();
  await expect(host.client(ProbeDefinition).echo({})).rejects.toMatchObject({ reason: 'NOT_SERVED', metadata: { service: 'millrace.fixture.v1.Probe' } });
  await expect(reach('127.0.0.1:1').echo({}, { deadlineMs: 5_000 })).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
});

it('keeps the code and the text of a server that knows no ErrorInfo, and survives one whose details are garbage', async () => {
  const server = new Server();
  const answers: Partial<ServiceError>[] = [];
  const garbage = new Metadata();
  garbage.set('grpc-status-details-bin', Buffer.from([255, 255, 255, 255]));
  answers.push({ code: Status.NOT_FOUND, details: 'no such row' }, { code: Status.ABORTED, details: 'try later', metadata: garbage }, { code: Status.DATA_LOSS, details: 'gone' });
  server.addService(toGrpc(ProbeDefinition as Definition), { echo: (_: ServerUnaryCall<unknown, unknown>, reply: sendUnaryData<unknown>) => reply(answers.shift() ?? {}) });
  const port = await new Promise<number>((resolve, reject) => server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound))));
  closers.push(() => server.forceShutdown());
  const client = reach(`127.0.0.1:${port}`);
  await expect(client.echo({})).rejects.toMatchObject({ code: 'NOT_FOUND', domain: 'grpc', reason: 'NOT_FOUND', message: 'no such row' });
  await expect(client.echo({})).rejects.toMatchObject({ code: 'ABORTED', domain: 'grpc', reason: 'ABORTED', message: 'try later' });
  await expect(client.echo({})).rejects.toMatchObject({ code: 'INTERNAL', reason: 'DATA_LOSS', message: 'gone' });
  await expect(client.inner({})).rejects.toMatchObject({ code: 'INTERNAL', reason: 'UNIMPLEMENTED' });
});

it('describes what it serves as the build described it, and nothing that it does not serve', async () => {
  const image = readFileSync(new URL('../../contracts/dist/image.binpb', import.meta.url));
  const host = new RpcHost({ image });
  const definition = { ...ProbeDefinition, fullName: 'millrace.registry.v1.RegistryService' };
  host.register(definition, plainHandlers);
  const address = await host.listen('127.0.0.1:0');
  closers.push(() => host.close());
  const proto = fileURLToPath(new URL('../../../node_modules/@grpc/reflection/build/proto/grpc/reflection/v1/reflection.proto', import.meta.url));
  const { grpc } = loadPackageDefinition(loadSync(proto)) as unknown as { grpc: { reflection: { v1: { ServerReflection: ServiceClientConstructor } } } };
  const client = new grpc.reflection.v1.ServerReflection(address, credentials.createInsecure());
  closers.push(() => client.close());
  const call = (client['ServerReflectionInfo'] as () => NodeJS.WritableStream & AsyncIterable<Answer>).call(client);
  for (const request of [{ listServices: '' }, { fileContainingSymbol: 'millrace.registry.v1.Run' }]) call.write(request as unknown as string);
  call.end();
  const answers: Answer[] = [];
  for await (const answer of call) answers.push(answer);
  expect(answers[0]?.listServicesResponse?.service).toEqual([{ name: definition.fullName }]);
  const files = answers[1]?.fileDescriptorResponse?.fileDescriptorProto ?? [];
  // Byte for byte what buf wrote: the file with its own name, and the imports that it names.
  for (const file of files) expect(image.includes(file)).toBe(true);
  expect(files.map((file) => file.subarray(2, 2 + (file[1] ?? 0)).toString())).toEqual(expect.arrayContaining(['millrace/registry/v1/experiment.proto', 'millrace/type/v1/object.proto', 'google/protobuf/timestamp.proto']));
});

interface Answer {
  readonly listServicesResponse?: { readonly service: readonly { readonly name: string }[] };
  readonly fileDescriptorResponse?: { readonly fileDescriptorProto: readonly Buffer[] };
}

it('gives a stream up whose connection leads nowhere any more, though nothing has closed it', async () => {
  const { address } = await serve({
    async *watch() {
      yield point(1n);
      await new Promise(() => undefined);
    },
  });
  const line = await layLine(address);
  const client = connect(ProbeDefinition, line.address, { keepAlive: { everyMs: 100, answerMs: 100 } });
  closers.push(() => client.close());
  const states = client.watch(point(2n))[Symbol.asyncIterator]();
  expect(await states.next()).toMatchObject({ value: { step: 1n } });
  line.hold();
  await expect(states.next()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

/** A line to a server on which nothing passes, and nothing ends, once it is held. */
async function layLine(address: string): Promise<{ readonly address: string; hold(): void }> {
  const sockets: Socket[] = [];
  const server = createServer((client) => {
    const upstream = dial(Number(address.split(':')[1]), '127.0.0.1');
    client.pipe(upstream).pipe(client);
    for (const socket of [client, upstream]) sockets.push(socket.on('error', () => undefined));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return {
    address: `127.0.0.1:${(server.address() as { readonly port: number }).port}`,
    hold: () => sockets.forEach((socket) => socket.unpipe().pause()),
  };
}
