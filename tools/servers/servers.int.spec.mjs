import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { KINDS } from './kinds.mjs';
import { isOpen } from './port.mjs';
import { openServer } from './server.mjs';

const below = process.env['MILLRACE_TEST_SERVERS'] ?? '';

it.each(Object.values(KINDS))('$name is ready again after kill -9, on the same port, and goes when it is wiped', async (kind) => {
  const dir = mkdtempSync(join(below, 'kill9-'));
  const server = openServer(kind, { dir });
  const url = await server.start();
  const port = Number(/:(\d+)(\D|$)/.exec(url)?.[1]);
  await server.kill9();
  expect(await isOpen(port)).toBe(false);
  expect(await server.start()).toBe(url);
  expect(await isOpen(port)).toBe(true);
  await server.stop();
  expect(server.status().map(({ alive }) => alive)).toEqual([false]);
  await server.start();
  await server.wipe();
  expect(await isOpen(port)).toBe(false);
});

it('keeps what PostgreSQL and Redis acknowledged over kill -9', async () => {
  const dir = mkdtempSync(join(below, 'kept-'));
  const postgres = openServer(KINDS.postgres, { dir });
  const redis = openServer(KINDS.redis, { dir, fsync: 'always' });
  await Promise.all([postgres.start(), redis.start()]);
  const sql = (text) => spawnSync('psql', ['-tAc', text, postgres.url], { encoding: 'utf8' });
  const cli = (...args) => spawnSync('redis-cli', ['-u', redis.url, ...args], { encoding: 'utf8' }).stdout.trim();
  expect(sql('create table kept as select 42 as answer').status).toBe(0);
  expect(cli('set', 'answer', '42')).toBe('OK');
  await Promise.all([postgres.kill9(), redis.kill9()]);
  await Promise.all([postgres.start(), redis.start()]);
  expect([sql('select answer from kept').stdout.trim(), cli('get', 'answer')]).toEqual(['42', '42']);
  await Promise.all([postgres.wipe(), redis.wipe()]);
});

it('listens on this machine alone', async () => {
  const outside = Object.values(networkInterfaces()).flat().find((each) => each?.family === 'IPv4' && !each.internal)?.address;
  const ports = Object.keys(KINDS).map((name) => Number(/:(\d+)(\D|$)/.exec(process.env[`MILLRACE_TEST_${name.toUpperCase()}`] ?? '')?.[1]));
  expect(await Promise.all(ports.map(isOpen))).toEqual(ports.map(() => true));
  // A machine without a network has nothing else to listen on.
  if (outside !== undefined) for (const port of ports) expect(await refuses(outside, port)).toBe(true);
});

function refuses(host, port) {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once('connect', () => (socket.destroy(), resolve(false))).once('error', () => resolve(true));
  });
}
