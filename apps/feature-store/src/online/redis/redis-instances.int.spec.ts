import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FeatureView, meaningOf } from '../../feature-view.js';
import { migrations } from '../../migrations.js';
import { HISTORY_SCHEMA, type HistoryRow, historyTable, pick, random, whole } from '../../offline/history.fixture.js';
import { oracle } from '../../offline/oracle.fixture.js';
import { openOnlineHome, valuesOf } from '../online.fixture.js';
import type { OnlineService } from '../online.service.js';
import { MINUTE, PRESENT, row, SECOND, viewOf } from '../online-view.fixture.js';
import { PushLogStore } from './push-log.store.js';
import { openIn, sharedRedis } from './redis-home.fixture.js';

const url = process.env['MILLRACE_TEST_POSTGRES'] ?? '';
const schema = `online_${process.pid}`;
const redis = openIn(sharedRedis());

let home: Awaited<ReturnType<typeof openOnlineHome>>;
let a: OnlineService;
let b: OnlineService;
beforeAll(async () => {
  if (url === '') throw new Error('MILLRACE_TEST_POSTGRES is not set; run npm run test:cluster, which starts a server.');
  home = await openOnlineHome(redis.open, { postgres: { url, schema }, migrations });
  a = await home.open({ ownStore: true });
  b = await home.open({ ownStore: true });
});
afterAll(async () => {
  await home.close();
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  await admin.query(`drop schema if exists ${schema} cascade`);
  await admin.end();
});

const seen = async (online: OnlineService, view: FeatureView, key: string, time: number) => (await valuesOf(online, view, key, time)).map(({ value }) => value);

it('is materialised through one instance and read through another, pushed into through that and read through the first', async () => {
  const view = viewOf();
  expect(await seen(b, view, 'a', MINUTE)).toEqual([undefined, undefined, undefined]);
  await home.fill(a, view, { rows: [row(0, 1), row(SECOND, 2)], knownBefore: 2 * SECOND });
  expect(await seen(b, view, 'a', MINUTE)).toEqual([2n, 3, 2]);
  await b.push([view], historyTable([row(3 * SECOND, 4)]), '');
  expect(await seen(a, view, 'a', MINUTE)).toEqual([3n, 7, 4]);
  await home.fill(b, view, { rows: [row(0, 10)], knownBefore: SECOND });
  expect(await seen(a, view, 'a', MINUTE)).toEqual([2n, 14, 4]);
});

it('applies a request once, whichever instances it is sent to and however often', async () => {
  const view = viewOf();
  const outcomes = await Promise.all(Array.from({ length: 12 }, (_, i) => (i % 2 === 0 ? a : b).push([view], historyTable([row(0, 1)]), 'the same')));
  expect(outcomes.filter(Boolean)).toHaveLength(1);
  expect(await seen(a, view, 'a', MINUTE)).toEqual([1n, 1, 1]);
});

it('answers for a new definition through an instance that has never heard of it', async () => {
  const view = viewOf();
  await home.fill(a, view, { rows: [row(0, 1)], knownBefore: SECOND });
  await seen(b, view, 'a', MINUTE);
  const changed: FeatureView = { ...view, features: [{ name: 'sum', column: 'count', aggregation: 'SUM', window: MINUTE }] };
  await home.fill(a, changed, { rows: [row(0, 1, { count: 7n })], knownBefore: SECOND });
  expect(await seen(b, changed, 'a', MINUTE)).toEqual([7n]);
  // Nothing of one meaning is told as the other.
  expect(await seen(b, view, 'a', MINUTE)).toEqual([undefined, undefined, undefined]);
});

const KEYS = ['a', 'b', 'c'] as const;
const ROUNDS = 4;
const PUSHES = 120;

/** Pushes, materialisations and reads at once through both instances; every read must have all that was acknowledged before it, and nothing that nobody sent. */
it('never answers older than what was acknowledged, whatever else goes on: pushes, materialisations and reads at once through both instances', async () => {
  const faults: string[] = [];
  let [reads, fills] = [0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    const draw = random(round + 1);
    const view = viewOf({ features: [{ name: 'rows', column: '', aggregation: 'COUNT', window: 9_000 * MINUTE }, { name: 'sum', column: 'amount', aggregation: 'SUM', window: 9_000 * MINUTE }, { name: 'latest', column: 'amount', aggregation: 'LATEST', window: 0 }] });
    const [sent, kept]: [HistoryRow[], Set<HistoryRow>] = [[], new Set()];
    const one = (): OnlineService => pick(draw, [a, b]);
    const push = async (): Promise<void> => {
      const rows = Array.from({ length: whole(draw, 1, 3) }, () => row((sent.length + 1) * SECOND, sent.length + 1, { key: pick(draw, KEYS) })).map((made, i) => ({ ...made, event: made.event + i, landed: made.event + i, amount: (made.amount ?? 0) + i / 8 }));
      sent.push(...rows);
      await one().push([view], historyTable(rows), '');
      for (const each of rows) kept.add(each);
    };
    const read = async (): Promise<void> => {
      const key = pick(draw, KEYS);
      const before = [...kept].filter((each) => each.key === key);
      const [count, , latest] = await seen(one(), view, key, 9_000 * MINUTE);
      const after = sent.filter((each) => each.key === key);
      reads++;
      if (Number(count ?? 0) < before.length || Number(count ?? 0) > after.length) faults.push(`${view.view} ${key}: ${count} rows, not ${before.length} to ${after.length}`);
      const newest = Math.max(0, ...before.map(({ amount = 0 }) => amount));
      if (Number(latest ?? 0) < newest) faults.push(`${view.view} ${key}: latest ${String(latest)}, older than ${newest}`);
    };
    const fill = async (): Promise<void> => {
      // All that is known before the first row under way has been kept.
      const under = sent.filter((each) => !kept.has(each)).map(({ landed = 0 }) => landed);
      const knownBefore = Math.min((sent.length + 1) * SECOND, ...under);
      fills++;
      await home.fill(one(), view, { rows: sent.filter(({ landed = 0 }) => landed < knownBefore), knownBefore });
    };
    const loop = async (times: number, work: () => Promise<void>): Promise<void> => {
      for (let i = 0; i < times; i++) await work();
    };
    await Promise.all([...Array.from({ length: 4 }, () => loop(PUSHES / 4, push)), loop(200, read), loop(200, read), loop(5, fill), loop(5, fill)]);
    for (const online of [a, b]) {
      for (const key of KEYS) {
        const rows = sent.filter((each) => each.key === key);
        const wanted = view.features.map((feature) => oracle(view, feature, { rows, time: 9_000 * MINUTE }));
        const found = await valuesOf(online, view, key, 9_000 * MINUTE);
        if (JSON.stringify(found, (_, value: unknown) => String(value)) !== JSON.stringify(wanted, (_, value: unknown) => String(value))) faults.push(`${view.view} ${key} in the end: ${found.map(({ value }) => value).join(' ')}, not ${wanted.map(({ value }) => value).join(' ')}`);
        expect(found).toEqual(wanted);
      }
    }
  }
  expect(faults).toEqual([]);
  expect(home.faults).toEqual([]);
  expect([reads, fills]).toEqual([ROUNDS * 400, ROUNDS * 10]);
});

it('brings a push online through another instance when the one that kept it is gone before it was applied', async () => {
  const view = viewOf();
  redis.views.set(view.view, view);
  await home.fill(a, view, { rows: [row(0, 1)], knownBefore: SECOND });
  expect((await valuesOf(b, view, 'a', MINUTE))[0]).toEqual(PRESENT(1n));
  // What an instance leaves behind that ends between the two: a push in the log.
  await new PushLogStore(home.store).append('left behind', new Map([[view.view, { table: historyTable([row(2 * SECOND, 2)]), knownThrough: 2 * SECOND, meaning: meaningOf(view), schema: HISTORY_SCHEMA }]]));
  expect((await valuesOf(b, view, 'a', MINUTE))[0]).toEqual(PRESENT(1n));
  await Promise.all(redis.opened.map((online) => online.sweep()));
  expect((await valuesOf(b, view, 'a', MINUTE))[0]).toEqual(PRESENT(2n));
  // The caller tries again, by the same request: it is applied, once.
  expect(await a.push([view], historyTable([row(2 * SECOND, 2)]), 'left behind')).toBe(false);
  expect((await valuesOf(a, view, 'a', MINUTE))[0]).toEqual(PRESENT(2n));
});

it('answers nothing of a view that another instance has deleted, and all of one that comes later under its name', async () => {
  const view = viewOf();
  redis.views.set(view.view, view);
  await home.fill(a, view, { rows: [row(0, 1), row(SECOND, 2)], knownBefore: 2 * SECOND });
  expect(await seen(b, view, 'a', MINUTE)).toEqual([2n, 3, 2]);
  await a.drop(view.view);
  expect(await seen(b, view, 'a', MINUTE)).toEqual([undefined, undefined, undefined]);
  await b.push([view], historyTable([row(3 * SECOND, 4)]), '');
  for (const online of [a, b]) expect(await seen(online, view, 'a', MINUTE)).toEqual([1n, 4, 4]);
  await home.fill(a, view, { rows: [row(0, 10)], knownBefore: SECOND });
  for (const online of [b, a]) expect(await seen(online, view, 'a', MINUTE)).toEqual([2n, 14, 4]);
});

it('clears what a deletion left in Redis that did not come to its end', async () => {
  const view = viewOf();
  redis.views.set(view.view, view);
  await home.fill(a, view, { rows: [row(0, 1)], knownBefore: SECOND });
  expect(await seen(b, view, 'a', MINUTE)).toEqual([1n, 1, 1]);
  await new PushLogStore(home.store).drop(view.view);
  for (const online of redis.opened) await online.sweep();
  for (const online of [a, b]) expect(await seen(online, view, 'a', MINUTE)).toEqual([undefined, undefined, undefined]);
  const client = new Redis(sharedRedis());
  expect(await client.keys(`${redis.prefix}{${view.view}}*`)).toEqual([]);
  client.disconnect();
});
