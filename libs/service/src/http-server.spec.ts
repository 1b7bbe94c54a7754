import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Module } from '@nestjs/common';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { defineService, runServices } from './index.js';

let dataDir: string;
beforeEach(() => (dataDir = mkdtempSync(join(tmpdir(), 'millrace-http-'))));
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

@Module({})
class Nothing {}

const takesCalls = (address: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(Number(new URL(address).port), '127.0.0.1');
    socket.once('connect', () => socket.destroy()).once('close', (failed) => resolve(!failed)).on('error', () => undefined);
  });

it('closes when the requests under way are answered, though their callers keep their connections for the next one', async () => {
  const arrived = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const slow = defineService({
    name: 'slow',
    config: z.object({}),
    serves: [],
    migrations: {},
    module: () => ({ module: Nothing }),
    routes: (http) =>
      void http.get('/slow', async () => {
        arrived.resolve();
        await gate.promise;
        return { answered: true };
      }),
  });
  const running = await runServices([slow], { env: { MILLRACE_DATA_DIR: dataDir, MILLRACE_HTTP_PORT: '0', MILLRACE_GRPC_PORT: '0', LOG_LEVEL: 'silent' } });
  const agent = new Agent({ keepAlive: true });
  try {
    const answered = new Promise<number | undefined>((resolve, reject) => {
      request(`${running.httpAddress}/slow`, { agent }, (response) => response.resume().once('end', () => resolve(response.statusCode))).once('error', reject).end();
    });
    await arrived.promise;
    const silent = connect(Number(new URL(running.httpAddress).port), '127.0.0.1');
    silent.on('error', () => undefined);
    await once(silent, 'connect');
    const closed = running.close();
    while (await takesCalls(running.httpAddress)) await sleep(5);
    gate.resolve();
    expect(await answered).toBe(200);
    // Without an end of the connection this would wait for Node's patience of more than a minute.
    await closed;
  } finally {
    agent.destroy();
  }
}, 30_000);

it('says what the body was, and what it may be, where it cannot read that', async () => {
  const echo = defineService({ name: 'echo', config: z.object({}), serves: [], migrations: {}, module: () => ({ module: Nothing }), routes: (http) => void http.post('/echo', async () => ({})) });
  const running = await runServices([echo], { env: { MILLRACE_DATA_DIR: dataDir, MILLRACE_HTTP_PORT: '0', MILLRACE_GRPC_PORT: '0', LOG_LEVEL: 'silent' } });
  try {
    const response = await fetch(`${running.httpAddress}/echo`, { method: 'POST', headers: { 'content-type': 'text/csv' }, body: 'a,b' });
    expect({ status: response.status, body: await response.json() }).toEqual({ status: 415, body: { error: { code: 415, status: 'INVALID_ARGUMENT', message: 'The body is text/csv; say what it is by content-type, which most calls want to be application/json.', details: [] } } });
  } finally {
    await running.close();
  }
});
