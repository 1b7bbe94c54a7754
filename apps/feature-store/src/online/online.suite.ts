import type { Cell } from '@millrace/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FeatureView } from '../feature-view.js';
import { type Ask, askedRows, type Draw, type Drawn, drawHistories, HISTORIES, HISTORIES_OF_SEED, type HistoryRow, historyTable, moment, pick, random, SEARCH_MS, SEEDS, whole } from '../offline/history.fixture.js';
import { knownTime, oracle } from '../offline/oracle.fixture.js';
import { comparable } from '../served-vector.js';
import { openOnlineHome, type OpenOnline, readOne, serviceOf, valuesOf } from './online.fixture.js';
import { onDemandOver, REQUEST, requestRow, serviceOnDemand } from './on-demand.fixture.js';
import type { AskedRow, OnlineService } from './online.service.js';
import { DAY, EXPIRED, MINUTE, NOT_FOUND, PRESENT, row, SECOND, viewOf } from './online-view.fixture.js';

/** What every side of the port promises. */
export function onlineSuite(name: string, openOnline: OpenOnline): void {
  describe(name, () => {
    let home: Awaited<ReturnType<typeof openOnlineHome>>;
    beforeAll(async () => void (home = await openOnlineHome(openOnline)));
    afterAll(() => home.close());

    it(`answers what the join would: ${HISTORIES} random histories, filled up to a time, pushed in any order, read in between and after a restart`, async () => {
      const found: string[] = [];
      for (let seed = 1; seed <= SEEDS; seed++) {
        const drawn = drawHistories(seed, HISTORIES_OF_SEED);
        const { view } = drawn;
        const draw = random(seed + 1_000);
        const rows = [...drawn.histories.values()].flat();
        const knownBefore = moment(draw, view.tile, 8);
        const late = rows.filter((row) => (knownTime(view, row) ?? -Infinity) >= knownBefore);
        const arrived = new Set(rows.filter((row) => !late.includes(row)));
        let online = await home.open();
        // The version already holds some rows that are known only later: they come again when they are known.
        await home.fill(online, view, { rows: rows.filter((row) => arrived.has(row) || draw() < 0.5), knownBefore });
        const queue = [...shuffled(draw, view, late)];
        for (let push = 0; queue.length > 0; push++) {
          const batch = queue.splice(0, whole(draw, 1, 60));
          expect(await online.push([view, view], historyTable(batch), `${view.view} ${push}`)).toBe(true);
          if (draw() < 0.3) expect(await online.push([view], historyTable(batch), `${view.view} ${push}`)).toBe(false);
          for (const row of batch) arrived.add(row);
          if (draw() < 0.3) online = await home.open();
          const [ask] = drawn.asks.slice(whole(draw, 0, drawn.asks.length - 1));
          found.push(...(await differences(online, drawn, { asks: ask ? [ask] : [], arrived })));
        }
        found.push(...(await differences(pick(draw, [online, await home.open()]), drawn, { asks: drawn.asks, arrived })));
      }
      expect(found).toEqual([]);
      expect(home.faults).toEqual([]);
    }, SEARCH_MS);

    it('computes on demand what a training set has, to the bit, with every kind of request, and says of when it is', async () => {
      const found: string[] = [];
      const told = new Map<string, number>();
      for (let seed = 301; seed <= 300 + Math.ceil(SEEDS / 3); seed++) {
        const drawn = drawHistories(seed, HISTORIES_OF_SEED);
        const { view } = drawn;
        const draw = random(seed);
        const onDemand = await onDemandOver(view);
        const service = serviceOnDemand(view, onDemand);
        const rows = [...drawn.histories.values()].flat();
        const online = await home.open();
        await home.fill(online, view, { rows });
        const asked = drawn.asks.map(({ key, place, time }) => ({ key, place, at: time, ...requestRow(draw) }));
        const columns = [{ name: 'key', type: 'STRING' as const }, { name: 'place', type: 'INT64' as const }, ...REQUEST];
        const history = await home.trainingSet(service, { rows, asked, columns });
        const answers = await online.read(service, asked.map((row): AskedRow => ({ cell: (column) => String(column === 'key' ? row.key : row.place), value: (column) => (row as Readonly<Record<string, Cell>>)[column], time: row.at })));
        answers.forEach((values, i) => {
          const rowsFound = values[service.features.indexOf('rows')];
          values.forEach(({ value, status, eventTime }, at) => {
            const name = service.features[at] ?? '';
            const wanted = history[i]?.[name];
            told.set(status, (told.get(status) ?? 0) + 1);
            if (!Object.is(comparable(value), comparable(wanted)) || (status === 'PRESENT') !== (comparable(value) !== undefined)) found.push(`${view.view} ${name} of row ${i}: ${String(value)} ${status}, not ${String(wanted)}`);
            const own = name === 'asked' ? asked[i]?.at : name === 'first_filled' ? (rowsFound?.status === 'PRESENT' ? rowsFound.eventTime : asked[i]?.at) : eventTime;
            if (status === 'PRESENT' && eventTime !== own) found.push(`${view.view} ${name} of row ${i} is of ${eventTime}, not of ${own}`);
          });
        });
      }
      expect(found.slice(0, 5)).toEqual([]);
      for (const status of ['PRESENT', 'NOT_FOUND', 'EXPIRED']) expect(told.get(status)).toBeGreaterThan(100);
    }, SEARCH_MS);

    it('says after a restart that a latest value is missing, as before it', async () => {
      const view = viewOf();
      const online = await home.open();
      await online.push([view], historyTable([row(0, undefined)]), '');
      await home.fill(online, view, { rows: [row(0, undefined)] });
      expect((await valuesOf(online, view, 'a', MINUTE))[2]).toEqual(NOT_FOUND);
      expect((await valuesOf(await home.open(), view, 'a', MINUTE))[2]).toEqual(NOT_FOUND);
    });

    it('fills up to a time within a tile, and counts what was pushed from there on once, however often it is filled', async () => {
      const view = viewOf();
      const online = await home.open();
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
        expect(await valuesOf(await home.open(), view, 'a', 2 * MINUTE)).toEqual(wanted);
      }
      // Everything has arrived in the dataset: what was pushed is in it, whether the time is given or not.
      for (const upTo of [{}, { knownBefore: 60 * SECOND }]) {
        await home.fill(online, view, { rows: [...before, ...after], ...upTo });
        expect(await valuesOf(online, view, 'a', 2 * MINUTE)).toEqual(wanted);
      }
    });

    it('loses no row that is pushed while it is being filled', async () => {
      const view = viewOf();
      const online = await home.open();
      const filling = home.fill(online, view, { rows: [row(0, 1)], knownBefore: SECOND });
      const pushes = Array.from({ length: 60 }, (_, i) => online.push([view], historyTable([row((i + 1) * SECOND, 1)]), `during ${i}`));
      await Promise.all([filling, ...pushes]);
      expect((await valuesOf(online, view, 'a', 3 * MINUTE)).slice(0, 2)).toEqual([PRESENT(61n), PRESENT(61)]);
      expect((await valuesOf(await home.open(), view, 'a', 3 * MINUTE)).slice(0, 2)).toEqual([PRESENT(61n), PRESENT(61)]);
    });

    it('gives no value of a view that has come to mean something else before it is filled again, and then has what was pushed meanwhile', async () => {
      const view = viewOf();
      const online = await home.open();
      await home.fill(online, view, { rows: [row(0, 1, { count: 100n })], knownBefore: SECOND });
      await online.push([view], historyTable([row(SECOND, 2, { count: 200n })]), '');
      const changed: FeatureView = { ...view, tile: 30 * SECOND, features: [{ name: 'sum', column: 'count', aggregation: 'SUM', window: MINUTE }] };
      expect(await valuesOf(online, changed, 'a', MINUTE)).toEqual([NOT_FOUND]);
      await online.push([changed], historyTable([row(2 * SECOND, 4, { count: 400n })]), '');
      expect(await valuesOf(online, changed, 'a', MINUTE)).toEqual([NOT_FOUND]);
      expect(await valuesOf(await home.open(), changed, 'a', MINUTE)).toEqual([NOT_FOUND]);
      await home.fill(online, changed, { rows: [row(0, 1, { count: 100n })], knownBefore: SECOND });
      for (const service of [online, await home.open()]) expect(await valuesOf(service, changed, 'a', MINUTE)).toEqual([PRESENT(700n)]);
    });

    it('honours a new time to live and new features of the same columns at once', async () => {
      const view = viewOf();
      const online = await home.open();
      await online.push([view], historyTable([row(0, 5)]), '');
      expect((await valuesOf(online, view, 'a', 5 * MINUTE))[0]).toEqual(PRESENT(1n));
      const stricter: FeatureView = { ...view, ttl: MINUTE, features: [...view.features, { name: 'mean', column: 'amount', aggregation: 'MEAN', window: 3 * MINUTE }] };
      expect(await valuesOf(online, stricter, 'a', 5 * MINUTE)).toEqual(stricter.features.map(() => EXPIRED(0)));
      expect((await valuesOf(online, stricter, 'a', MINUTE))[3]).toEqual(PRESENT(5));
    });

    it('neither loses nor doubles a row that is pushed while another definition of its view is read for the first time', async () => {
      const view = viewOf();
      const online = await home.open();
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
      const online = await home.open();
      for (let i = 0; i < 500; i += 50) await online.push([pushed], historyTable(rows.slice(i, i + 50)), '');
      await home.fill(online, filled, { rows });
      let told = 0;
      for (const service of [online, await home.open()]) {
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

    it('tells the newest row that a window covers, and of an empty one the newest of the key', async () => {
      const view = viewOf();
      const online = await home.open();
      await online.push([view], historyTable([row(0, 1), row(3 * MINUTE, 2, { landed: 30 * MINUTE }), row(MINUTE, 4, { landed: 31 * MINUTE }), row(20 * MINUTE, undefined, { landed: 20 * MINUTE })]), '');
      const at = async (minute: number) => (await valuesOf(online, view, 'a', minute * MINUTE)).slice(0, 2);
      expect(await at(9)).toEqual([PRESENT(1n, 0), PRESENT(1, 0)]);
      expect(await at(15)).toEqual([PRESENT(0n, 0), NOT_FOUND]);
      expect(await at(29)).toEqual([PRESENT(1n, 20 * MINUTE), NOT_FOUND]);
      // Both came later than a newer row, which the window no longer covers.
      expect(await at(35)).toEqual([PRESENT(2n, 3 * MINUTE), PRESENT(6, 3 * MINUTE)]);
      expect(await at(41)).toEqual([PRESENT(1n, MINUTE), PRESENT(4, MINUTE)]);
      expect(await at(50)).toEqual([PRESENT(0n, 20 * MINUTE), NOT_FOUND]);
    });

    it('remembers the newest event of tiles that it has let go: an old row that comes late does not make a key stale', async () => {
      const rows = [row(200 * MINUTE, 1, { landed: 0 }), ...Array.from({ length: 200 }, (_, i) => row(-DAY, 1, { landed: (i + 1) * MINUTE }))];
      const pushed = viewOf({ ttl: 5 * MINUTE });
      const filled = viewOf({ ttl: 5 * MINUTE });
      const online = await home.open();
      await online.push([pushed], historyTable(rows), '');
      await home.fill(online, filled, { rows });
      for (const view of [pushed, filled]) {
        for (const service of [online, await home.open()]) expect((await valuesOf(service, view, 'a', 201 * MINUTE))[0]).toEqual(PRESENT(10n, -DAY));
        for (const service of [online, await home.open()]) expect((await valuesOf(service, view, 'a', 206 * MINUTE))[0]).toEqual(EXPIRED(200 * MINUTE));
      }
    });

    it('is not emptied by one row from a far future', async () => {
      const online = await home.open();
      const view = viewOf();
      await online.push([view], historyTable([row(0, 1), row(SECOND, 2, { landed: 253_402_300_799_000_000 }), row(2 * SECOND, 4)]), '');
      for (let i = 0; i < 130; i++) await online.push([view], historyTable([row(i * MINUTE, 1)]), '');
      expect((await valuesOf(online, view, 'a', 130 * MINUTE))[0]).toEqual(PRESENT(10n));
    });

    it('lets all of a view go, and one of the same name begins with nothing', async () => {
      const view = viewOf();
      const NOTHING = [NOT_FOUND, NOT_FOUND, NOT_FOUND];
      for (let round = 1; round <= 3; round++) {
        const online = await home.open();
        await home.fill(online, view, { rows: [row(0, round), row(SECOND, round)], knownBefore: 2 * SECOND });
        await online.push([view], historyTable([row(3 * SECOND, 1)]), 'the same');
        expect((await valuesOf(online, view, 'a', MINUTE)).slice(0, 2)).toEqual([PRESENT(3n), PRESENT(2 * round + 1)]);
        await online.drop(view.view);
        for (const service of [online, await home.open()]) expect(await valuesOf(service, view, 'a', MINUTE)).toEqual(NOTHING);
        expect(await home.store.db.selectFrom('online_push').select('sequence').where('view', '=', view.view).execute()).toEqual([]);
        // Its pushes are gone, and with them the memory of what was asked for.
        expect(await online.push([view], historyTable([row(4 * SECOND, 16)]), 'the same')).toBe(true);
        for (const service of [online, await home.open()]) expect(await valuesOf(service, view, 'a', MINUTE)).toEqual([PRESENT(1n), PRESENT(16), PRESENT(16)]);
        await online.drop(view.view);
        await online.drop(view.view);
        expect(await valuesOf(online, view, 'a', MINUTE)).toEqual(NOTHING);
      }
      const never = viewOf();
      await (await home.open()).drop(never.view);
      expect(home.faults).toEqual([]);
    });

    it('refuses to be filled from before what was pushed and is no longer kept', async () => {
      const view = viewOf();
      const online = await home.open();
      const first = row(0, 1);
      await online.push([view], historyTable([first]), '');
      await online.push([view], historyTable([row(100 * DAY, 2)]), '');
      await home.fill(online, view, { rows: [first], knownBefore: DAY });
      await expect(home.fill(online, view, { rows: [], knownBefore: 0 })).rejects.toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'PUSHES_FORGOTTEN', metadata: { through: '1970-01-01T00:00:00.000Z' } });
      expect((await valuesOf(online, view, 'a', 100 * DAY + MINUTE))[2]).toEqual(PRESENT(2));
    });
  });
}

/** Every value in which the online side and a search through the rows differ. */
async function differences(online: OnlineService, drawn: Drawn, { asks, arrived }: { asks: readonly Ask[]; arrived: ReadonlySet<HistoryRow> }): Promise<readonly string[]> {
  const { view } = drawn;
  const service = serviceOf(view);
  const found: string[] = [];
  for (const ask of asks) {
    const { key, place, time } = ask;
    const values = await readOne(online, service, { cell: (column) => (column === 'key' ? key : String(place)), value: () => undefined, time });
    const rows = askedRows(drawn, ask).filter((row) => arrived.has(row));
    view.features.forEach((feature, i) => {
      const wanted = oracle(view, feature, { rows, time });
      const { value: cell, status, eventTime } = values[i] ?? expect.fail();
      const value = cell instanceof Date ? cell.getTime() * 1000 : cell;
      if (!Object.is(value, wanted.value) || status !== wanted.status || eventTime !== wanted.eventTime) found.push(`${view.view} ${feature.name} of ${key} at ${time}: ${String(value)} ${status} of ${eventTime}, not ${String(wanted.value)} ${wanted.status} of ${wanted.eventTime}`);
    });
  }
  return found;
}

/** Rows in any order, but such that equal in key and both times keep theirs: there the last one counts. */
function shuffled(draw: Draw, view: FeatureView, rows: readonly HistoryRow[]): readonly HistoryRow[] {
  const ranks = new Map<string, number>();
  const rank = (row: HistoryRow): number => {
    const id = `${row.key} ${row.event} ${knownTime(view, row)}`;
    const known = ranks.get(id) ?? draw();
    ranks.set(id, known);
    return known;
  };
  return [...rows].sort((a, b) => rank(a) - rank(b));
}
