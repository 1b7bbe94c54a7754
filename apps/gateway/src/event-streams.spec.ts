import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@millrace/core';
import { sendError } from '@millrace/service';
import { fastify, type FastifyInstance } from 'fastify';
import { afterEach, expect, it } from 'vitest';
import { EventStreams, markOf, type StreamLimits, type StreamOptions } from './event-streams.js';

let http: FastifyInstance | undefined;
afterEach(async () => {
  http?.server.closeAllConnections();
  await http?.close();
});

/** A server with one stream, and what became of it. */
async function serve(messages: (signal: AbortSignal) => AsyncIterable<unknown>, limits: Partial<StreamLimits> = {}, how: Pick<StreamOptions, 'distinct' | 'mark'> = {}) {
  const streams = new EventStreams({ firstMs: 20, ...limits });
  const server = (http = fastify());
  server.setErrorHandler((error, _, reply) => (error instanceof AppError ? sendError(reply, error) : reply.code(500).send(String(error))));
  server.get('/', async (request, reply) => {
    await streams.send(reply, { messages, ...how, lastEventId: request.headers['last-event-id'] as string | undefined });
    return reply;
  });
  const address = await server.listen({ host: '127.0.0.1', port: 0 });
  const read = (lastEventId?: string, signal?: AbortSignal) => fetch(address, { headers: lastEventId === undefined ? {} : { 'last-event-id': lastEventId }, ...(signal ? { signal } : {}) });
  return { streams, address, read };
}

/** Each event as its fields. */
const eventsOf = (text: string): Record<string, string>[] => text.split('\n\n').filter((part) => /^(data|id|event):/m.test(part)).map((part) => Object.fromEntries(part.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)])));
const until = (signal: AbortSignal) => new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));

async function* steps() {
  yield { step: 1 };
  yield { step: 2 };
}

it('sends one event a message, and says when all is said', async () => {
  const { read } = await serve(steps);
  const answer = await read();
  expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  const events = eventsOf(await answer.text());
  expect(events.map(({ event, data }) => [event, data])).toEqual([[undefined, '{"step":1}'], [undefined, '{"step":2}'], ['end', '{}']]);
  expect(new Set(events.map(({ id }) => id)).size).toBe(3);
});

async function* twice() {
  yield { same: true };
  yield { same: true };
}

it('sends the same message twice when it came twice, and once to who only watches', async () => {
  expect(eventsOf(await (await (await serve(twice)).read()).text()).length).toBe(3);
  await http?.close();
  expect(eventsOf(await (await (await serve(twice, {}, { distinct: true })).read()).text()).length).toBe(2);
});

it('goes on where the reader has stopped, also in another process, and sends nobody back to what has ended', async () => {
  const { read } = await serve(steps);
  const [first, , end] = eventsOf(await (await read()).text());
  await http?.close();
  const again = await serve(steps);
  expect(eventsOf(await (await again.read(first?.['id'])).text()).map(({ data }) => data)).toEqual(['{"step":2}', '{}']);
  expect((await again.read(end?.['id'])).status).toBe(204);
});

it('says in its ids where a message stands, where that is how a reader goes on', async () => {
  const { read } = await serve(steps, {}, { mark: () => '1700000000123' });
  const [first] = eventsOf(await (await read()).text());
  expect(markOf(first?.['id'] ?? '')).toBe('1700000000123');
  expect(markOf('PyO46qlgxmXygIJI')).toBeUndefined();
  expect(eventsOf(await (await read(first?.['id'])).text()).map(({ data }) => data)).toEqual(['{"step":2}', '{}']);
});

it('refuses before it has begun, and tells of a failure afterwards within the stream', async () => {
  const lost = new AppError('NOT_FOUND', 'a', 'LOST', 'lost');
  const refusing = await serve(async function* () {
    yield await Promise.reject(lost);
  });
  expect((await refusing.read()).status).toBe(404);
  await http?.close();
  const failing = await serve(async function* () {
    yield 1;
    throw lost;
  });
  const [, failure] = eventsOf(await (await failing.read()).text());
  expect(failure).toMatchObject({ event: 'failure' });
  expect(JSON.parse(failure?.['data'] ?? '')).toMatchObject({ error: { code: 404, details: [{ reason: 'LOST' }] } });
});

it('begins, and beats, while nothing happens', async () => {
  const { read, streams } = await serve(async function* (signal) {
    await until(signal);
    yield* [];
  }, { beatMs: 10 });
  const answer = await read();
  expect(answer.status).toBe(200);
  setTimeout(() => streams.close(), 100);
  expect(await answer.text()).toMatch(/:\n\n:\n\n/);
});

it('keeps no more open than it may, and tells the messages when a reader has gone', async () => {
  const ended = Promise.withResolvers<void>();
  const { read } = await serve(async function* (signal) {
    yield 1;
    await until(signal);
    ended.resolve();
  }, { streams: 1 });
  const leaving = new AbortController();
  await read(undefined, leaving.signal);
  const refused = await read();
  expect(refused.status).toBe(503);
  expect(await refused.json()).toMatchObject({ error: { details: [{ reason: 'STREAMS_EXHAUSTED' }] } });
  expect(refused.headers.get('retry-after')).toBe('1');
  leaving.abort();
  await ended.promise;
  while ((await read()).status !== 200) await sleep(5);
});

it('lets go of a reader that takes nothing', async () => {
  const ended = Promise.withResolvers<void>();
  const { address } = await serve(async function* () {
    try {
      for (;;) yield 'x'.repeat(100_000);
    } finally {
      ended.resolve();
    }
  }, { slowMs: 50 });
  const socket = connect(Number(new URL(address).port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
  socket.pause();
  await ended.promise;
  socket.destroy();
});
