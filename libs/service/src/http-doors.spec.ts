import { fastify, type FastifyInstance } from 'fastify';
import { afterEach, expect, it } from 'vitest';
import { type Doors, guardDoors } from './http-doors.js';

let http: FastifyInstance | undefined;
afterEach(async () => http?.close());

const asked = async (doors: Partial<Doors>, headers: Record<string, string>, method: 'GET' | 'POST' | 'OPTIONS' = 'GET') => {
  http = fastify();
  guardDoors(http, { host: '127.0.0.1', names: [], origins: [], ...doors });
  http.route({ method: ['GET', 'POST'], url: '/', handler: async () => 'answered' });
  const { statusCode, body, headers: answered } = await http.inject({ method, url: '/', headers });
  return { statusCode, body, headers: answered };
};

it.each(['127.0.0.1:4300', 'localhost:4300', '[::1]:4300', '10.1.2.3', 'LOCALHOST'])('answers who calls it %s', async (host) => {
  expect(await asked({}, { host })).toMatchObject({ statusCode: 200, body: 'answered' });
});

it.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example:4300', '127.1', '2130706433'])('refuses a name that was made to lead here: %s', async (host) => {
  const { statusCode, body } = await asked({}, { host });
  expect(statusCode).toBe(500);
  expect(body).toContain('is not called');
});

it('is called by the names that it was given', async () => {
  expect(await asked({ names: ['Mill.example'] }, { host: 'mill.example:4300' })).toMatchObject({ statusCode: 200 });
  expect(await asked({ names: ['mill.example'], host: '0.0.0.0' }, { host: 'other.example' })).toMatchObject({ statusCode: 500 });
  // In a cluster without a list, resolvers decide.
  expect(await asked({ host: '0.0.0.0' }, { host: 'gateway.millrace.svc' })).toMatchObject({ statusCode: 200 });
});

it('refuses pages from elsewhere, also where they send what needs no preflight', async () => {
  for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1:9999']) expect(await asked({}, { host: '127.0.0.1:4300', origin }, 'POST')).toMatchObject({ statusCode: 500 });
  expect(await asked({}, { host: '127.0.0.1:4300', origin: 'http://127.0.0.1:4300' }, 'POST')).toMatchObject({ statusCode: 200 });
});

it('lets in the pages that it was told of, and says so to their browser', async () => {
  const doors = { origins: ['https://tools.example'] };
  const origin = 'https://tools.example';
  expect(await asked(doors, { host: '127.0.0.1', origin }, 'OPTIONS')).toMatchObject({ statusCode: 204, headers: { 'access-control-allow-origin': origin, 'access-control-allow-methods': expect.stringContaining('PUT') as string } });
  expect(await asked(doors, { host: '127.0.0.1', origin })).toMatchObject({ statusCode: 200, headers: { 'access-control-allow-origin': origin, vary: 'Origin' } });
});

it('lets nothing of an answer run, be framed or be guessed at', async () => {
  expect((await asked({}, { host: 'localhost' })).headers).toMatchObject({ 'content-security-policy': expect.stringContaining("default-src 'none'") as string, 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY', 'referrer-policy': 'no-referrer' });
});
