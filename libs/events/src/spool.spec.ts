import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventRecord } from '@millrace/core';
import { afterAll, expect, it, vi } from 'vitest';
import { openBus, openSpool } from './index.js';
import { collect, noteOf, recordOf, unavailable } from './records.fixture.js';
import { mountSmallDisk } from './small-disk.fixture.js';

const root = mkdtempSync(join(tmpdir(), 'millrace-spool-'));
afterAll(() => rm(root, { recursive: true }));
let count = 0;
const freshFile = (): string => join(root, `spool-${++count}.db`);

it('forwards what it took to the bus, in order and unchanged', async () => {
  const bus = await openBus({ file: freshFile() });
  const spool = await openSpool({ file: freshFile(), forward: (records) => bus.publish(records) });
  for (let note = 0; note < 1200; note++) expect(spool.offer(recordOf(note % 2 ? 't' : 'u', 'k', note))).toBe(true);
  expect(await spool.append(recordOf('t', 'k', 'last'))).toBe(true);
  await spool.flush();
  const forwarded = await collect(bus.replay('t', { from: 0n }));
  expect(forwarded.map(noteOf)).toEqual([...Array.from({ length: 600 }, (_, index) => String(index * 2 + 1)), 'last']);
  expect(forwarded.at(-1)?.headers).toEqual(recordOf('t', 'k', 'last').headers);
  expect(spool.stats()).toEqual({ rows: 0, bytes: 0, appended: 1201, forwarded: 1201, shed: 0 });
  await Promise.all([spool.close(), bus.close()]);
});

it('forwards the first record at once, and those that follow together, without keeping a flush or its end waiting', async () => {
  const together: number[] = [];
  const spool = await openSpool({ file: freshFile(), gatherMs: 600_000, forward: async (records) => void together.push(records.length) });
  await spool.append(recordOf('t', 'k', 0));
  await vi.waitFor(() => expect(together).toEqual([1]));
  for (const note of [1, 2, 3]) await spool.append(recordOf('t', 'k', note));
  expect(together).toEqual([1]);
  await spool.flush();
  expect(together).toEqual([1, 3]);
  await Promise.all(Array.from({ length: 600 }, (_, note) => spool.append(recordOf('t', 'k', note))));
  await vi.waitFor(() => expect(together[2]).toBeGreaterThanOrEqual(500));
  await spool.append(recordOf('t', 'k', 'last'));
  await spool.close();
  expect(spool.stats().rows).toBeGreaterThan(0);
});

it('keeps records through an outage and a restart, and sheds beyond its bound, counted and told', async () => {
  const file = freshFile();
  const sheds: unknown[] = [];
  const failures: unknown[] = [];
  const down = await openSpool({ file, maxRows: 10, forward: () => Promise.reject(unavailable), onShed: (shed) => sheds.push(shed), onError: (error) => failures.push(error) });
  const taken = await Promise.all(Array.from({ length: 15 }, (_, note) => down.append(recordOf('t', 'k', note))));
  expect(taken).toEqual([...Array.from({ length: 10 }, () => true), ...Array.from({ length: 5 }, () => false)]);
  expect(down.offer(recordOf('t', 'k', 15))).toBe(false);
  expect(down.stats()).toMatchObject({ rows: 10, appended: 10, forwarded: 0, shed: 6 });
  await down.close();
  expect(sheds).toEqual([{ records: 1, reason: 'FULL' }, { records: 5, reason: 'FULL' }]);
  expect(failures[0]).toBe(unavailable);
  expect(down.offer(recordOf('t', 'k', 16))).toBe(false);

  const seen: EventRecord[] = [];
  const up = await openSpool({ file, maxRows: 10, forward: async (records) => void seen.push(...records) });
  await up.flush();
  expect(seen.map(noteOf)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
  expect(await up.append(recordOf('t', 'k', 'room again'))).toBe(true);
  await up.flush();
  await up.close();
  const third = await openSpool({ file, forward: async (records) => void seen.push(...records) });
  await third.flush();
  expect(seen.length).toBe(11);
  await third.close();
});

it('sheds by bytes as well', async () => {
  const spool = await openSpool({ file: freshFile(), maxBytes: 1_000, forward: () => Promise.reject(unavailable) });
  expect(spool.offer({ ...recordOf('t', 'k', 1), value: new Uint8Array(600) })).toBe(true);
  expect(spool.offer({ ...recordOf('t', 'k', 2), value: new Uint8Array(600) })).toBe(false);
  expect(spool.offer(recordOf('t', 'k', 3))).toBe(true);
  await spool.close();
});

it('sends records again only while forwarding them fails', async () => {
  let outages = 2;
  const seen: string[] = [];
  const spool = await openSpool({
    file: freshFile(),
    forward: async (records) => {
      if (outages-- > 0) throw unavailable;
      seen.push(...records.map(noteOf));
    },
  });
  await Promise.all([1, 2, 3].map((note) => spool.append(recordOf('t', 'k', note))));
  await spool.flush();
  expect(seen).toEqual(['1', '2', '3']);
  await spool.close();
});

const disk = mountSmallDisk(1024);
afterAll(() => disk?.unmount());
it.skipIf(!disk)('sheds on a full disk, tells why, and still forwards what it has', async () => {
  const gate = Promise.withResolvers<void>();
  const seen: string[] = [];
  const sheds: { readonly reason: string }[] = [];
  const errors: unknown[] = [];
  const ballast = join(disk?.path ?? '', 'ballast');
  const spool = await openSpool({
    file: join(disk?.path ?? '', 'spool.db'),
    forward: async (records) => {
      await gate.promise;
      seen.push(...records.map(noteOf));
    },
    onShed: (shed) => sheds.push(shed),
    onError: (error) => errors.push(error),
  });
  writeFileSync(ballast, new Uint8Array(300_000));
  let taken = 0;
  while (await spool.append({ ...recordOf('t', 'k', taken), headers: { pad: 'x'.repeat(3_000) } })) taken++;
  expect(taken).toBeGreaterThan(10);
  expect(sheds[0]?.reason).toBe('DISK');
  expect(errors[0]).toMatchObject({ code: 'RESOURCE_EXHAUSTED', reason: 'STORE_FULL' });
  await rm(ballast);
  gate.resolve();
  await spool.flush();
  expect(seen).toEqual(Array.from({ length: taken }, (_, note) => String(note)));
  expect(await spool.append(recordOf('t', 'k', 'room again'))).toBe(true);
  await spool.close();
});
