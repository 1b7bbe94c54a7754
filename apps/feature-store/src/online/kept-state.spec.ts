import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FeatureView } from '../feature-view.js';
import { type HistoryRow, historyTable } from '../offline/history.fixture.js';
import { oracle } from '../offline/oracle.fixture.js';
import { openOnlineHome, valuesOf } from './online.fixture.js';

const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

let home: Awaited<ReturnType<typeof openOnlineHome>>;
beforeAll(async () => void (home = await openOnlineHome()));
afterAll(() => home.close());

/** A row that is known as soon as it is true. */
const row = (event: number, amount: number | undefined, more: Partial<HistoryRow> = {}): HistoryRow => ({ key: 'a', place: 1n, event, landed: event, amount, count: 1n, flag: true, label: 'x', wait: 0, seen: 0, ...more });

let views = 0;
const viewOf = (change: Partial<FeatureView> = {}): FeatureView => ({
  view: `v${++views}`,
  description: '',
  entity: 'thing',
  dataset: 'histories',
  keyColumns: ['key'],
  joinKeys: ['key'],
  eventTime: 'event',
  knowledge: { column: 'landed', delay: 0, terms: [] },
  ttl: 0,
  tile: MINUTE,
  derived: [],
  features: [
    { name: 'rows', column: '', aggregation: 'COUNT', window: 10 * MINUTE },
    { name: 'sum', column: 'amount', aggregation: 'SUM', window: 10 * MINUTE },
    { name: 'latest', column: 'amount', aggregation: 'LATEST', window: 0 },
  ],
  ...change,
});
const PRESENT = (value: bigint | number) => ({ value, status: 'PRESENT' });
const NOT_FOUND = { value: undefined, status: 'NOT_FOUND' };
const EXPIRED = { value: undefined, status: 'EXPIRED' };

it('keeps a snapshot every 400 pushes, reads only what came since, and knows repeated requests from before it', async () => {
  const view = viewOf();
  const online = home.open();
  for (let i = 0; i < 405; i++) await online.push([view], historyTable([row(i * SECOND, i, { wait: undefined })]), `snap ${i}`);
  await online.push([view], historyTable([]), 'an empty table');
  const now = 406 * SECOND;
  const wanted = await valuesOf(online, view, 'a', now);
  expect(wanted[0]).toEqual(PRESENT(360n));
  const kept = await home.store.db.selectFrom('online_state').select('through').where('view', '=', view.view).executeTakeFirstOrThrow();
  const since = await home.store.db.selectFrom('online_push').select('sequence').where('view', '=', view.view).where('sequence', '>', kept.through).execute();
  expect(since).toHaveLength(6);
  const restarted = home.open();
  expect(await valuesOf(restarted, view, 'a', now)).toEqual(wanted);
  expect(await restarted.push([view], historyTable([row(400 * SECOND, 1)]), 'snap 3')).toBe(false);
  expect(await valuesOf(restarted, view, 'a', now)).toEqual(wanted);
});

it('says after a restart that a latest value is missing, as before it', async () => {
  const view = viewOf();
  const online = home.open();
  await online.push([view], historyTable([row(0, undefined)]), '');
  await home.fill(online, view, { rows: [row(0, undefined)] });
  expect((await valuesOf(online, view, 'a', MINUTE))[2]).toEqual(NOT_FOUND);
  expect((await valuesOf(home.open(), view, 'a', MINUTE))[2]).toEqual(NOT_FOUND);
});

it('fills up to a time within a tile, and counts what was pushed from there on once, however often it is filled', async () => {
  const view = viewOf();
  const online = home.open();
  const before = [row(-90 * SECOND, 1), row(10 * SECOND, 2), row(29 * SECOND, 4)];
  const after = [row(30 * SECOND, 8), row(45 * SECOND, 16), row(70 * SECOND, 32)];
  const knownBefore = 30 * SECOND;
  await home.fill(online, view, { rows: before, knownBefore });
  await online.push([view], historyTable(after), '');
  const wanted = [PRESENT(6n), PRESENT(63), PRESENT(32)];
  expect(await valuesOf(online, view, 'a', 2 * MINUTE)).toEqual(wanted);
  for (const rows of [before, [...before, ...after]]) {
    await home.fill(online, view, { rows, knownBefore });
    expect(await valuesOf(online, view, 'a', 2 * MINUTE)).toEqual(wanted);
    expect(await valuesOf(home.open(), view, 'a', 2 * MINUTE)).toEqual(wanted);
  }
  // Everything has arrived in the dataset: what was pushed is in it, whether the time is given or not.
  for (const upTo of [{}, { knownBefore: 60 * SECOND }]) {
    await home.fill(online, view, { rows: [...before, ...after], ...upTo });
    expect(await valuesOf(online, view, 'a', 2 * MINUTE)).toEqual(wanted);
  }
});

it('loses no row that is pushed while it is being filled', async () => {
  const view = viewOf();
  const online = home.open();
  const filling = home.fill(online, view, { rows: [row(0, 1)], knownBefore: SECOND });
  const pushes = Array.from({ length: 60 }, (_, i) => online.push([view], historyTable([row((i + 1) * SECOND, 1)]), `during ${i}`));
  await Promise.all([filling, ...pushes]);
  expect((await valuesOf(online, view, 'a', 3 * MINUTE)).slice(0, 2)).toEqual([PRESENT(61n), PRESENT(61)]);
  expect((await valuesOf(home.open(), view, 'a', 3 * MINUTE)).slice(0, 2)).toEqual([PRESENT(61n), PRESENT(61)]);
});

it('gives no value of a view that has come to mean something else before it is filled again, and then has what was pushed meanwhile', async () => {
  const view = viewOf();
  const online = home.open();
  await home.fill(online, view, { rows: [row(0, 1, { count: 100n })], knownBefore: SECOND });
  await online.push([view], historyTable([row(SECOND, 2, { count: 200n })]), '');
  const changed: FeatureView = { ...view, tile: 30 * SECOND, features: [{ name: 'sum', column: 'count', aggregation: 'SUM', window: MINUTE }] };
  expect(await valuesOf(online, changed, 'a', MINUTE)).toEqual([NOT_FOUND]);
  await online.push([changed], historyTable([row(2 * SECOND, 4, { count: 400n })]), '');
  expect(await valuesOf(online, changed, 'a', MINUTE)).toEqual([NOT_FOUND]);
  expect(await valuesOf(home.open(), changed, 'a', MINUTE)).toEqual([NOT_FOUND]);
  await home.fill(online, changed, { rows: [row(0, 1, { count: 100n })], knownBefore: SECOND });
  for (const service of [online, home.open()]) expect(await valuesOf(service, changed, 'a', MINUTE)).toEqual([PRESENT(700n)]);
});

it('honours a new time to live and new features of the same columns at once', async () => {
  const view = viewOf();
  const online = home.open();
  await online.push([view], historyTable([row(0, 5)]), '');
  expect((await valuesOf(online, view, 'a', 5 * MINUTE))[0]).toEqual(PRESENT(1n));
  const stricter: FeatureView = { ...view, ttl: MINUTE, features: [...view.features, { name: 'mean', column: 'amount', aggregation: 'MEAN', window: 3 * MINUTE }] };
  expect(await valuesOf(online, stricter, 'a', 5 * MINUTE)).toEqual([EXPIRED, EXPIRED, EXPIRED, EXPIRED]);
  expect((await valuesOf(online, stricter, 'a', MINUTE))[3]).toEqual(PRESENT(5));
});

it('neither loses nor doubles a row that is pushed while another definition of its view is read for the first time', async () => {
  const view = viewOf();
  const online = home.open();
  const definitions = Array.from({ length: 40 }, (_, i): FeatureView => ({ ...view, ttl: DAY + i }));
  let rows = 0n;
  for (const definition of definitions) {
    const pushes = Array.from({ length: 3 }, (_, i) => online.push([i === 1 ? definition : view], historyTable([row(0, 1)]), ''));
    const reads = Array.from({ length: 3 }, () => valuesOf(online, definition, 'a', MINUTE));
    await Promise.all([...pushes, ...reads]);
    rows += 3n;
    expect((await valuesOf(online, definition, 'a', MINUTE))[0]).toEqual(PRESENT(rows));
    expect((await valuesOf(online, view, 'a', MINUTE))[0]).toEqual(PRESENT(rows));
  }
});

it('answers as the join for the recent past and has no value for a past that is no longer held, pushed or filled', async () => {
  const rows = Array.from({ length: 500 }, (_, i) => row(i * MINUTE, i, i % 7 === 0 ? { event: i * MINUTE - 3 * DAY } : {}));
  const pushed = viewOf({ ttl: 4 * MINUTE });
  const filled = viewOf({ ttl: 4 * MINUTE });
  const online = home.open();
  for (let i = 0; i < 500; i += 50) await online.push([pushed], historyTable(rows.slice(i, i + 50)), '');
  await home.fill(online, filled, { rows });
  let told = 0;
  for (const service of [online, home.open()]) {
    for (const view of [pushed, filled]) {
      for (let minute = -1; minute <= 502; minute += 3) {
        const values = await valuesOf(service, view, 'a', minute * MINUTE);
        const wanted = view.features.map((feature) => oracle(view, feature, { rows, time: minute * MINUTE }));
        if (minute > 500 - 48) expect(values).toEqual(wanted);
        values.forEach((value, i) => {
          if (value.status === 'PRESENT') told++;
          if (value.status !== 'NOT_FOUND') expect(value).toEqual(wanted[i]);
        });
      }
    }
  }
  expect(told).toBeGreaterThan(200);
});

it('remembers the newest event of tiles that it has let go: an old row that comes late does not make a key stale', async () => {
  const rows = [row(200 * MINUTE, 1, { landed: 0 }), ...Array.from({ length: 200 }, (_, i) => row(-DAY, 1, { landed: (i + 1) * MINUTE }))];
  const pushed = viewOf({ ttl: 5 * MINUTE });
  const filled = viewOf({ ttl: 5 * MINUTE });
  const online = home.open();
  await online.push([pushed], historyTable(rows), '');
  await home.fill(online, filled, { rows });
  for (const view of [pushed, filled]) {
    for (const service of [online, home.open()]) expect((await valuesOf(service, view, 'a', 201 * MINUTE))[0]).toEqual(PRESENT(10n));
    for (const service of [online, home.open()]) expect((await valuesOf(service, view, 'a', 206 * MINUTE))[0]).toEqual(EXPIRED);
  }
});

it('is not emptied by one row from a far future', async () => {
  const online = home.open();
  const view = viewOf();
  await online.push([view], historyTable([row(0, 1), row(SECOND, 2, { landed: 253_402_300_799_000_000 }), row(2 * SECOND, 4)]), '');
  for (let i = 0; i < 130; i++) await online.push([view], historyTable([row(i * MINUTE, 1)]), '');
  expect((await valuesOf(online, view, 'a', 130 * MINUTE))[0]).toEqual(PRESENT(10n));
});

it('refuses to be filled from before what was pushed and is no longer kept', async () => {
  const view = viewOf();
  const online = home.open();
  const first = row(0, 1);
  await online.push([view], historyTable([first]), '');
  await online.push([view], historyTable([row(100 * DAY, 2)]), '');
  await home.fill(online, view, { rows: [first], knownBefore: DAY });
  await expect(home.fill(online, view, { rows: [], knownBefore: 0 })).rejects.toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'PUSHES_FORGOTTEN', metadata: { through: '1970-01-01T00:00:00.000Z' } });
  expect((await valuesOf(online, view, 'a', 100 * DAY + MINUTE))[2]).toEqual(PRESENT(2));
});
