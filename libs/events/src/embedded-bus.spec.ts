import { AsyncLocalStorage } from 'node:async_hooks';
import { spawn } from 'node:child_process';
import { mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { entryUrl } from '@millrace/core';
import { openStore } from '@millrace/store';
import { afterAll, expect, it } from 'vitest';
import { busSuite } from './bus.suite.js';
import { openBus, type StoredRecord } from './index.js';
import { collect, noteOf, recordOf, unavailable } from './records.fixture.js';
import { mountSmallDisk } from './small-disk.fixture.js';

const root = mkdtempSync(join(tmpdir(), 'millrace-bus-'));
afterAll(() => rm(root, { recursive: true }));
let count = 0;
const freshFile = (): string => join(root, `bus-${++count}.db`);

busSuite('the embedded bus', (place, hooks) => openBus({ file: join(root, 'suite', `${place}.db`), ...hooks }));

it('writes what many publish at once with few fsyncs, and all of it', async () => {
  const bus = await openBus({ file: freshFile() });
  await Promise.all(Array.from({ length: 300 }, (_, publisher) => bus.publish([recordOf('t', `k${publisher % 10}`, publisher), recordOf('t', `k${publisher % 10}`, publisher + 0.5)])));
  const records = await collect(bus.replay('t', { from: 0n }));
  expect(records.length).toBe(600);
  // One transaction has one time of taking; 300 publications in one round share a handful.
  expect(new Set(records.map((record) => record.time.getTime())).size).toBeLessThan(20);
  await bus.close();
});

it('belongs to one process at a time', async () => {
  const file = freshFile();
  const bus = await openBus({ file });
  await expect(openBus({ file })).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: 'STORE_BUSY', metadata: { file } });
  await bus.close();
  await (await openBus({ file })).close();
});

it('refuses a second reader of the same group and a file of a later format', async () => {
  const file = freshFile();
  const bus = await openBus({ file });
  const first = await bus.subscribe({ group: 'g', topics: ['t', 'u'], handler: async () => {} });
  await expect(bus.subscribe({ group: 'g', topics: ['u'], handler: async () => {} })).rejects.toMatchObject({ reason: 'GROUP_TAKEN', metadata: { group: 'g', topic: 'u' } });
  await first.stop();
  await (await bus.subscribe({ group: 'g', topics: ['u'], handler: async () => {} })).stop();
  await bus.close();
  const database = new DatabaseSync(file);
  database.exec('pragma user_version = 99');
  database.close();
  await expect(openBus({ file })).rejects.toMatchObject({ reason: 'BUS_NEWER', metadata: { format: '99' } });
});

it('names a file that is no bus', async () => {
  const file = freshFile();
  writeFileSync(file, 'this is a text file that is long enough to be taken for a database header of one hundred bytes or more, truly.');
  await expect(openBus({ file })).rejects.toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'STORE_CORRUPT', metadata: { file } });
});

it('runs a handler in the context of its subscription, not of the publisher that woke it', async () => {
  const bus = await openBus({ file: freshFile() });
  const context = new AsyncLocalStorage<string>();
  const seen: unknown[] = [];
  const subscription = await context.run('subscriber', () => bus.subscribe({ group: 'g', topics: ['t'], handler: async () => void seen.push(context.getStore()) }));
  await context.run('publisher', () => bus.publish([recordOf('t', 'k', 1)]));
  await subscription.idle();
  expect(seen).toEqual(['subscriber']);
  await bus.close();
});

it('carries a change from one store to the other: emitted with it, handled once however often it comes', async () => {
  const [source, sink, bus] = await Promise.all([openStore({ file: freshFile(), migrations: {} }), openStore({ file: freshFile(), migrations: {} }), openBus({ file: freshFile() })]);
  let effects = 0;
  let failures = 3;
  const subscription = await bus.subscribe({
    group: 'sink',
    topics: ['t'],
    retry: { firstPauseMs: 1 },
    handler: async ({ headers }) => {
      await sink.once('sink', headers['ce_id'] ?? '', async (_, emit) => {
        effects++;
        emit(recordOf('u', 'k', headers['ce_id'] ?? ''));
      });
      // The effect is kept, the offset is not: the record comes again.
      if (failures-- > 0) throw unavailable;
    },
  });
  const relays = [source, sink].map((store) => store.relay((records) => bus.publish(records)));
  for (let note = 0; note < 20; note++) await source.write(async (_, emit) => emit(recordOf('t', `k${note % 3}`, note)));
  for (const relay of relays) await relay.idle();
  await subscription.idle();
  for (const relay of relays) await relay.idle();
  expect(effects).toBe(20);
  expect((await collect(bus.replay('u', { from: 0n }))).length).toBe(20);
  await Promise.all([source.close(), sink.close(), bus.close()]);
});

it('removes what is too old or too much, but not before the slowest group has read it', async () => {
  const losses: number[] = [];
  const bus = await openBus({ file: freshFile(), partitions: 3, retention: { maxAgeMs: 60_000, maxBytes: 20_000, hold: 4 }, onUnreadRemoved: ({ records }) => losses.push(records) });
  const publish = (from: number, to: number): Promise<void> => bus.publish(Array.from({ length: to - from }, (_, index) => ({ ...recordOf('t', `k${index % 7}`, from + index), value: new TextEncoder().encode(String(from + index).padStart(500, ' ')) })));
  const gate = Promise.withResolvers<void>();
  const handled: number[] = [];
  const slow = await bus.subscribe({ group: 'slow', topics: ['t'], handler: async (record) => { await gate.promise; handled.push(Number(noteOf(record))); } });
  const size = async (): Promise<{ records: number; bytes: number }> => (await bus.topics())[0] ?? { records: 0, bytes: 0 };

  await publish(0, 100);
  await bus.enforceRetention();
  expect((await size()).records).toBe(100);
  gate.resolve();
  await slow.idle();
  await slow.stop();
  await bus.enforceRetention();
  const kept = await size();
  expect(kept.bytes).toBeLessThanOrEqual(20_000);
  expect(kept.bytes).toBeGreaterThan(15_000);
  expect(losses).toEqual([]);

  await publish(100, 400);
  await bus.enforceRetention();
  expect((await size()).bytes).toBeLessThanOrEqual(80_000);
  expect(losses.reduce((sum, each) => sum + each, 0)).toBeGreaterThan(100);
  const again: number[] = [];
  await (await bus.subscribe({ group: 'slow', topics: ['t'], handler: async (record) => void again.push(Number(noteOf(record))) })).idle();
  expect(again.length).toBe(300 - losses.reduce((sum, each) => sum + each, 0));
  expect(Math.max(...again)).toBe(399);

  await new Promise((resolve) => setTimeout(resolve, 50));
  await bus.enforceRetention(new Date(Date.now() + 120_000));
  expect(await size()).toMatchObject({ records: 0, bytes: 0 });
  await publish(400, 401);
  expect((await collect(bus.replay('t', { from: 0n }))).map((record) => Number(noteOf(record)))).toEqual([400]);
  await bus.close();
});

it('holds a bounded part of what a slow handler has not taken yet', async () => {
  const bus = await openBus({ file: freshFile(), partitions: 1 });
  const gate = Promise.withResolvers<void>();
  let calls = 0;
  const subscription = await bus.subscribe({ group: 'g', topics: ['t'], handler: async () => { calls++; await gate.promise; } });
  const block = Array.from({ length: 100 }, (_, note) => ({ ...recordOf('t', 'k', note), value: new Uint8Array(20_000) }));
  for (let round = 0; round < 20; round++) await bus.publish(block);
  expect(calls).toBe(1);
  expect(subscription.lag()).toBe(2000);
  gate.resolve();
  await subscription.idle();
  expect(calls).toBe(2000);
  await bus.close();
});

it('refuses, retryably, when more waits than memory should hold', async () => {
  const bus = await openBus({ file: freshFile() });
  const block = Array.from({ length: 50 }, (_, note) => ({ ...recordOf('t', 'k', note), value: new Uint8Array(900_000) }));
  const outcomes = await Promise.allSettled([bus.publish(block), bus.publish(block), bus.publish(block.slice(0, 1))]);
  expect(outcomes.map((outcome) => (outcome.status === 'fulfilled' ? 'durable' : (outcome.reason as { code: string; reason: string; retryable: boolean })))).toMatchObject(['durable', { code: 'UNAVAILABLE', reason: 'BUS_OVERLOADED', retryable: true }, 'durable']);
  await bus.publish(block.slice(0, 1));
  await bus.close();
});

const disk = mountSmallDisk(1024);
afterAll(() => disk?.unmount());
it.skipIf(!disk)('says RESOURCE_EXHAUSTED on a full disk, keeps all that was acknowledged, and goes on when there is room', async () => {
  const file = join(disk?.path ?? '', 'bus.db');
  const ballast = join(disk?.path ?? '', 'ballast');
  const bus = await openBus({ file });
  writeFileSync(ballast, new Uint8Array(300_000));
  const acked: string[] = [];
  let failure: unknown;
  for (let note = 0; failure === undefined; note++) {
    await bus.publish([{ ...recordOf('t', 'k', note), headers: { pad: 'x'.repeat(3_000) } }]).then(() => acked.push(String(note)), (error: unknown) => (failure = error));
  }
  expect(failure).toMatchObject({ code: 'RESOURCE_EXHAUSTED', reason: 'STORE_FULL', metadata: { file } });
  await rm(ballast);
  await bus.publish([recordOf('t', 'k', 'room again')]);
  await bus.close();
  const again = await openBus({ file });
  expect((await collect(again.replay('t', { from: 0n }))).map(noteOf)).toEqual([...acked, 'room again']);
  await again.close();
});

it('loses nothing that it acknowledged when its process is killed, and handles all of it at least once', { timeout: 60_000 }, async () => {
  const file = freshFile();
  const [published, handled] = [new Set<string>(), new Set<string>()];
  for (let round = 0; round < 5; round++) {
    for (const line of await runUntilKilled(file, `r${round}`, 200 + Math.floor(Math.random() * 1_000))) (line.startsWith('p ') ? published : handled).add(line.slice(2));
  }
  const bus = await openBus({ file });
  const kept = (await collect(bus.replay('t', { from: 0n }))).map(noteOf);
  expect(published.size).toBeGreaterThan(100);
  expect([...published].filter((id) => !kept.includes(id))).toEqual([]);
  expect(new Set(kept).size).toBe(kept.length);
  const redelivered: StoredRecord[] = [];
  await (await bus.subscribe({ group: 'g', topics: ['t'], handler: async (record) => void redelivered.push(record) })).idle();
  expect(kept.filter((id) => !handled.has(id) && !redelivered.some((record) => noteOf(record) === id))).toEqual([]);
  expect(redelivered.length).toBeLessThan(kept.length);
  await bus.close();
  expect(statSync(file).size).toBeGreaterThan(0);
});

/** A kill comes so long after its line at most, to meet the next write wherever it is. */
const MID_WRITE_MS = 20;

function runUntilKilled(file: string, prefix: string, afterLines: number): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [fileURLToPath(entryUrl(import.meta.url, './crash-bus.fixture.js')), file, prefix], { stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    let lines = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      const before = lines;
      out += chunk.toString();
      lines = out.split('\n').length - 1;
      // After a count and not a time: a busy machine must not decide how much was acknowledged.
      if (before < afterLines && lines >= afterLines) setTimeout(() => child.kill('SIGKILL'), Math.random() * MID_WRITE_MS);
    });
    child.on('error', reject);
    child.on('close', () => resolve(out.split('\n').slice(0, -1)));
  });
}
