import { once } from 'node:events';
import { connect } from 'node:net';
import { fastify } from 'fastify';
import { expect, it } from 'vitest';
import { letGoOfSlowReaders } from './slow-readers.js';

/** Reader and server share a process here: a moment in which neither gets to anything is no stillness. */
const STILL_MS = 2_000;

it('lets go of who asks for a large answer and does not read it, and of nobody else', async () => {
  const http = fastify();
  letGoOfSlowReaders(http, STILL_MS);
  const large = 'x'.repeat(16 * 1024 * 1024);
  const sent = Promise.withResolvers<boolean>();
  http.get('/', async (_, reply) => {
    reply.raw.once('close', () => sent.resolve(reply.raw.writableFinished));
    return reply.send(large);
  });
  const address = await http.listen({ host: '127.0.0.1', port: 0 });
  try {
    const socket = connect(Number(new URL(address).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    socket.pause();
    expect(await sent.promise).toBe(false);
    socket.destroy();
    expect((await (await fetch(address)).text()).length).toBe(large.length);
  } finally {
    http.server.closeAllConnections();
    await http.close();
  }
});
