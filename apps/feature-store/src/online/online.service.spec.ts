import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FeatureView } from '../feature-view.js';
import { type Ask, askedRows, type Draw, type Drawn, drawHistories, type HistoryRow, historyTable, moment, pick, random, whole } from '../offline/history.fixture.js';
import { knownTime, oracle } from '../offline/oracle.fixture.js';
import { openOnlineHome, referenceOf } from './online.fixture.js';
import type { OnlineService } from './online.service.js';

const SEEDS = 15;
const HISTORIES = 40;

let home: Awaited<ReturnType<typeof openOnlineHome>>;
beforeAll(async () => void (home = await openOnlineHome()));
afterAll(() => home.close());

/** Every value in which the online side and a search through the rows differ. */
async function differences(online: OnlineService, drawn: Drawn, { asks, arrived }: { asks: readonly Ask[]; arrived: ReadonlySet<HistoryRow> }): Promise<readonly string[]> {
  const { view } = drawn;
  const reference = referenceOf(view);
  const found: string[] = [];
  for (const [index, ask] of asks.entries()) {
    const { key, place, time } = ask;
    const values = await online.read(reference, (column) => (column === 'key' ? key : String(place)), { time, index });
    const rows = askedRows(drawn, ask).filter((row) => arrived.has(row));
    view.features.forEach((feature, i) => {
      const wanted = oracle(view, feature, { rows, time });
      const { value: cell, status } = values[i] ?? expect.fail();
      const value = cell instanceof Date ? cell.getTime() * 1000 : cell;
      if (!Object.is(value, wanted.value) || status !== wanted.status) found.push(`${view.view} ${feature.name} of ${key} at ${time}: ${String(value)} ${status}, not ${String(wanted.value)} ${wanted.status}`);
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

it('answers what the join would: 600 random histories, filled up to a time, pushed in any order, read in between and after a restart', async () => {
  const found: string[] = [];
  for (let seed = 1; seed <= SEEDS; seed++) {
    const drawn = drawHistories(seed, HISTORIES);
    const { view } = drawn;
    const draw = random(seed + 1_000);
    const rows = [...drawn.histories.values()].flat();
    const knownBefore = moment(draw, view.tile, 8);
    const late = rows.filter((row) => (knownTime(view, row) ?? -Infinity) >= knownBefore);
    const arrived = new Set(rows.filter((row) => !late.includes(row)));
    let online = home.open();
    // The version already holds some rows that are known only later: they come again when they are known.
    await home.fill(online, view, { rows: rows.filter((row) => arrived.has(row) || draw() < 0.5), knownBefore });
    const queue = [...shuffled(draw, view, late)];
    for (let push = 0; queue.length > 0; push++) {
      const batch = queue.splice(0, whole(draw, 1, 60));
      expect(await online.push([view, view], historyTable(batch), `${view.view} ${push}`)).toBe(true);
      if (draw() < 0.3) expect(await online.push([view], historyTable(batch), `${view.view} ${push}`)).toBe(false);
      for (const row of batch) arrived.add(row);
      if (draw() < 0.3) online = home.open();
      const [ask] = drawn.asks.slice(whole(draw, 0, drawn.asks.length - 1));
      found.push(...(await differences(online, drawn, { asks: ask ? [ask] : [], arrived })));
    }
    found.push(...(await differences(pick(draw, [online, home.open()]), drawn, { asks: drawn.asks, arrived })));
  }
  expect(found).toEqual([]);
  expect(home.faults).toEqual([]);
}, 120_000);
