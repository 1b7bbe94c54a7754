import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@millrace/core';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { FeatureView } from '../../feature-view.js';
import { historyTable } from '../../offline/history.fixture.js';
import { openOnlineHome, valuesOf } from '../online.fixture.js';
import type { OnlineService } from '../online.service.js';
import { DAY, EXPIRED, HOUR, MINUTE, NOT_FOUND, PRESENT, row, SECOND, viewOf } from '../online-view.fixture.js';
import { openIn, onServer, ownRedis } from './redis-home.fixture.js';

let server: Awaited<ReturnType<typeof ownRedis>>;
let redis: ReturnType<typeof openIn>;
let home: Awaited<ReturnType<typeof openOnlineHome>>;
let a: OnlineService;
let b: OnlineService;
beforeAll(async () => {
  server = await ownRedis();
  redis = openIn(server.url);
  home = await openOnlineHome(redis.open);
  a = await home.open();
  b = await home.open();
});
afterAll(async () => {
  await home.close();
  await server.wipe();
});
beforeEach(async () => {
  await untilReached(a, b);
  home.faults.length = 0;
  redis.told.length = 0;
});

/** Waits until these reach the server. */
async function untilReached(...online: readonly OnlineService[]): Promise<void> {
  for (const end = Date.now() + 20_000; online.some((each) => each.fault() !== undefined); await sleep(20)) expect(Date.now(), 'the server is not reached').toBeLessThan(end);
}

/** As a client that asks again while it is told that something is away. */
async function retried<T>(work: () => Promise<T>): Promise<T> {
  for (const end = Date.now() + 20_000; ; await sleep(20)) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof AppError && error.retryable) || Date.now() > end) throw error;
    }
  }
}

const FEATURES = { rows: 3, pushed: 5 } as const;

/** A view that was filled and pushed into, with what every key must answer. */
async function filledView(change: Partial<FeatureView> = {}): Promise<FeatureView> {
  const view = viewOf(change);
  redis.views.set(view.view, view);
  await home.fill(a, view, { rows: Array.from({ length: FEATURES.rows }, (_, i) => row(i * SECOND, i, { key: `k${i % 2}` })), knownBefore: 10 * SECOND });
  for (let i = 0; i < FEATURES.pushed; i++) await (i % 2 === 0 ? a : b).push([view], historyTable([row((11 + i) * SECOND, i, { key: `k${i % 2}` })]), '');
  // Known before what it was filled up to, and pushed after it.
  await a.push([view], historyTable([row(4 * SECOND, 1000, { key: 'k0' })]), '');
  return view;
}
const all = async (online: OnlineService, view: FeatureView) => Promise.all(['k0', 'k1', 'nobody'].map((key) => valuesOf(online, view, key, 2 * MINUTE)));
const NONE = Array.from({ length: 3 }, () => [NOT_FOUND, NOT_FOUND, NOT_FOUND]);
const sweep = async (): Promise<unknown> => Promise.all(redis.opened.map((online) => online.sweep()));
const flush = (): Promise<unknown> => onServer(server.url, (client) => client.flushall());

/** Reads until the values are whole; each answer before that must be that there is none. */
async function untilWhole(online: OnlineService, view: FeatureView, wanted: readonly unknown[]): Promise<void> {
  for (const end = Date.now() + 20_000; ; await sleep(10)) {
    const found = await all(online, view);
    if (found[0]?.[0]?.status === 'PRESENT' && found[1]?.[0]?.status === 'PRESENT') return expect(found).toEqual(wanted);
    for (const key of [0, 1]) if (found[key]?.[0]?.status === 'PRESENT') expect(found[key]).toEqual(wanted[key]);
    else expect(found[key]).toEqual(NONE[key]);
    expect(Date.now(), 'the values did not come back').toBeLessThan(end);
  }
}

it('has no value after all data of the server are gone, never a wrong one, and makes them again from what is kept, bit for bit', async () => {
  const view = await filledView();
  const wanted = await all(a, view);
  expect(wanted[0]?.map(({ value }) => value)).toEqual([6n, 1008, 4]);
  expect(await all(b, view)).toEqual(wanted);
  for (let round = 0; round < 5; round++) {
    await flush();
    await untilWhole(round % 2 === 0 ? a : b, view, wanted);
    await untilWhole(round % 2 === 0 ? b : a, view, wanted);
  }
  expect(home.faults).toEqual([]);
  expect(redis.told.some(({ level, text }) => level === 'error' && text.startsWith('the online values of a view are lost'))).toBe(true);
  expect(await redis.metrics.getSingleMetricAsString('millrace_online_views_lost')).toContain('millrace_online_views_lost 0');
});

it('notices the loss without being asked', async () => {
  const view = await filledView();
  const wanted = await all(a, view);
  await flush();
  await sweep();
  expect(await all(b, view)).toEqual(wanted);
});

it('takes a push while values are lost, and answers with all of it afterwards', async () => {
  const view = await filledView();
  await flush();
  await b.push([view], historyTable([row(50 * SECOND, 7, { key: 'k1' })]), '');
  expect((await all(a, view))[1]?.map(({ value }) => value)).toEqual([4n, 12, 7]);
});

it('is made whole by a materialisation as well, and by two at once', async () => {
  const view = await filledView();
  await flush();
  const rows = Array.from({ length: 4 }, (_, i) => row(i * SECOND, 2, { key: 'k0' }));
  await Promise.all([home.fill(a, view, { rows, knownBefore: 100 * SECOND }), home.fill(b, view, { rows, knownBefore: 100 * SECOND })]);
  for (const online of [a, b]) expect((await all(online, view))[0]).toEqual([PRESENT(4n), PRESENT(8), PRESENT(2)]);
});

type Copy = readonly (readonly [string, Buffer | null])[];

/** All that the server holds of a view. */
async function copyOf({ view }: FeatureView): Promise<Copy> {
  const keys = await onServer(server.url, (client) => client.keys(`${redis.prefix}{${view}}*`));
  return onServer(server.url, (client) => Promise.all(keys.map(async (key) => [key, await client.dumpBuffer(key)] as const)));
}

/** Gives a server an older state, as if it had lost what came after. */
async function goBack(client: Redis, copy: Copy): Promise<void> {
  const all = client.multi().flushall();
  for (const [key, value] of copy) all.restore(key, 0, value ?? '');
  await all.exec();
}

it('catches up before it answers when the server has lost only its last writes: as after a failover, with a new connection or without', async () => {
  for (const cut of [true, false]) {
    const view = await filledView();
    const before = await copyOf(view);
    await a.push([view], historyTable([row(60 * SECOND, 9, { key: 'k0' }), row(60 * SECOND, 9, { key: 'fresh' })]), '');
    const wanted = [await valuesOf(a, view, 'k0', 2 * MINUTE), await valuesOf(a, view, 'fresh', 2 * MINUTE)];
    expect(wanted[0]?.[0]).toEqual(PRESENT(7n));
    await onServer(server.url, async (client) => {
      await goBack(client, before);
      if (cut) await client.call('CLIENT', 'KILL', 'TYPE', 'NORMAL', 'SKIPME', 'yes');
    });
    // The one who was told of the push knows; the other one is told by its new connection.
    for (const online of cut ? [b, a] : [a]) {
      expect([await retried(() => valuesOf(online, view, 'k0', 2 * MINUTE)), await retried(() => valuesOf(online, view, 'fresh', 2 * MINUTE))]).toEqual(wanted);
    }
  }
});

it('answers nothing of an older filling that the server has gone back to', async () => {
  const view = await filledView();
  const before = await copyOf(view);
  await home.fill(a, view, { rows: [row(0, 3, { key: 'k0' }), row(0, 4, { key: 'k1' })], knownBefore: 100 * SECOND });
  const wanted = await all(a, view);
  await onServer(server.url, (client) => goBack(client, before));
  await untilWhole(a, view, wanted);
  const fresh = await home.open();
  await untilWhole(fresh, view, wanted);
});

it('says that values cannot be made again when rows that they need are no longer kept, once, and a materialisation mends it', async () => {
  const view = viewOf();
  redis.views.set(view.view, view);
  await home.fill(a, view, { rows: [row(0, 1, { key: 'k0' }), row(0, 1, { key: 'k1' })], knownBefore: SECOND });
  await a.push([view], historyTable([row(2 * SECOND, 2, { key: 'k0' })]), '');
  await home.store.db.updateTable('online_filling').set({ forgotten: BigInt(2 * SECOND), forgotten_through: 1_000_000n }).where('view', '=', view.view).execute();
  await flush();
  // One after another: of several that look at the same time one has the lease, and the others say nothing.
  for (let i = 0; i < 3; i++) for (const online of redis.opened) await online.sweep();
  expect(await all(a, view)).toEqual(NONE);
  expect(home.faults).toHaveLength(redis.opened.length);
  expect(home.faults[0]).toMatchObject({ reason: 'ONLINE_NOT_RESTORABLE', code: 'FAILED_PRECONDITION' });
  expect(await redis.metrics.getSingleMetricAsString('millrace_online_views_lost')).toContain('millrace_online_views_lost 1');
  // A push is kept for the materialisation to come.
  expect(await a.push([view], historyTable([row(90 * SECOND, 8, { key: 'k0' })]), '')).toBe(true);
  expect(await all(a, view)).toEqual(NONE);
  await home.store.db.updateTable('online_filling').set({ forgotten: null, forgotten_through: 0n }).where('view', '=', view.view).execute();
  await home.fill(a, view, { rows: [row(0, 5, { key: 'k0' }), row(0, 5, { key: 'k1' })], knownBefore: 80 * SECOND });
  expect((await all(b, view))[0]).toEqual([PRESENT(2n), PRESENT(13), PRESENT(8)]);
});

it('says so at once while the server is away, refuses pushes before it keeps them, and comes back by itself with all data gone', async () => {
  const view = await filledView();
  const wanted = await all(a, view);
  await server.kill();
  for (const end = Date.now() + 10_000; a.fault() === undefined && Date.now() < end; ) await sleep(20);
  await expect(all(a, view)).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: 'ONLINE_UNREACHABLE' });
  const pushes = async (): Promise<unknown> => home.store.db.selectFrom('online_push').select('sequence').where('view', '=', view.view).execute();
  const kept = await pushes();
  await expect(a.push([view], historyTable([row(70 * SECOND, 7, { key: 'k0' })]), 'away')).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('check that the server runs and that MILLRACE_REDIS_URL names it') });
  await expect(home.fill(a, view, { rows: [], knownBefore: 0 })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(await pushes()).toEqual(kept);
  expect(await redis.metrics.getSingleMetricAsString('millrace_online_redis_up')).toContain('millrace_online_redis_up 0');
  // A process that starts now runs, and says what it lacks.
  const late = await home.open();
  expect(late.fault()).toContain('ECONNREFUSED');
  await server.start();
  await untilReached(late, a, b);
  for (const online of [late, a, b]) expect(await all(online, view)).toEqual(wanted);
  await server.kill();
  await server.start();
  await flush();
  await untilReached(a, b);
  for (const online of [a, b]) await untilWhole(online, view, wanted);
});

/** Longer than a command may take. */
const PAUSE_MS = 4_000;

it('does not wait for a server that takes commands and does not answer', async () => {
  const view = await filledView();
  const wanted = await all(a, view);
  await onServer(server.url, (client) => client.client('PAUSE', PAUSE_MS, 'ALL'));
  await expect(all(a, view)).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: 'ONLINE_UNREACHABLE' });
  expect(await retried(() => all(a, view))).toEqual(wanted);
});

it('refuses a server that removes keys when it is full, and says so when a full one takes no more', async () => {
  const view = await filledView();
  await onServer(server.url, async (client) => {
    await client.config('SET', 'maxmemory-policy', 'volatile-lru');
    await client.call('CLIENT', 'KILL', 'TYPE', 'NORMAL', 'SKIPME', 'yes');
  });
  for (const end = Date.now() + 10_000; !a.fault()?.includes('volatile-lru') && Date.now() < end; ) await sleep(20);
  expect(a.fault()).toContain('set maxmemory-policy to noeviction');
  await expect(all(a, view)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await onServer(server.url, async (client) => {
    await client.config('SET', 'maxmemory-policy', 'noeviction');
    await client.call('CLIENT', 'KILL', 'TYPE', 'NORMAL', 'SKIPME', 'yes');
  });
  await untilReached(a, b);
  await onServer(server.url, (client) => client.config('SET', 'maxmemory', '1'));
  await expect(a.push([view], historyTable([row(75 * SECOND, 7, { key: 'k0' })]), 'full')).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED', reason: 'ONLINE_FULL' });
  await onServer(server.url, (client) => client.config('SET', 'maxmemory', '0'));
  expect(await a.push([view], historyTable([row(75 * SECOND, 7, { key: 'k0' })]), 'full')).toBe(false);
  expect((await all(b, view))[0]?.[2]).toEqual(PRESENT(7));
});

it('lets values go by the time to live, counted from the newest event, and keeps those of an old history', async () => {
  const now = Date.now() * 1000;
  const view = await filledView({ ttl: HOUR });
  const [old] = await onServer(server.url, (client) => client.keys(`${redis.prefix}{${view.view}}:*:=k0`));
  expect(await onServer(server.url, (client) => client.pttl(old ?? ''))).toBe(-1);
  await a.push([view], historyTable([row(now, 1, { key: 'live' })]), '');
  const [live] = await onServer(server.url, (client) => client.keys(`${redis.prefix}{${view.view}}:*:=live`));
  const left = await onServer(server.url, (client) => client.pttl(live ?? ''));
  expect(left * 1000).toBeGreaterThan(31 * DAY + HOUR);
  expect(left * 1000).toBeLessThan(31 * DAY + 4 * HOUR);
  expect((await valuesOf(b, view, 'live', now + 30 * MINUTE))[2]).toEqual(PRESENT(1));
  expect((await valuesOf(b, view, 'live', now + 2 * HOUR))[2]).toEqual(EXPIRED(now));
});

it('says that a newer version wrote a value, and does not guess', async () => {
  const view = await filledView();
  const [key] = await onServer(server.url, (client) => client.keys(`${redis.prefix}{${view.view}}:*:=k0`));
  await onServer(server.url, (client) => client.setrange(key ?? '', 0, '\u0007'));
  const fresh = await home.open();
  await expect(valuesOf(fresh, view, 'k0', 2 * MINUTE)).rejects.toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'ONLINE_FORMAT_UNKNOWN' });
  expect((await valuesOf(fresh, view, 'k1', 2 * MINUTE))[0]?.status).toBe('PRESENT');
});

it('removes what fillings left behind that never ended', async () => {
  const view = await filledView();
  const wanted = await all(a, view);
  const old = `${redis.prefix}{${view.view}}:00000000-0000-7000-8000-000000000000:=k0`;
  await onServer(server.url, (client) => client.set(old, 'left behind'));
  expect(await a.collect()).toEqual({ deleted: 1 });
  expect(await onServer(server.url, (client) => client.exists(old))).toBe(0);
  expect(await all(a, view)).toEqual(wanted);
});
