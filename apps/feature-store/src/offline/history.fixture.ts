import type { Table } from '@millrace/contracts/millrace/type/v1/value';
import type { Schema } from '@millrace/core';
import type { ColumnInput } from '@millrace/tables';
import { type Aggregation, checkView, type Feature, type FeatureView } from '../feature-view.js';

/** One row of a source, times in microseconds. */
export interface HistoryRow {
  readonly key: string;
  readonly place: bigint;
  readonly event: number;
  readonly landed: number | undefined;
  readonly amount: number | undefined;
  readonly count: bigint | undefined;
  readonly flag: boolean | undefined;
  readonly label: string | undefined;
  readonly wait: number | undefined;
  readonly seen: number | undefined;
}

export const HISTORY_SCHEMA: Schema = [
  { name: 'key', type: 'STRING', nullable: false },
  { name: 'place', type: 'INT64', nullable: false },
  { name: 'event', type: 'TIMESTAMP', nullable: false },
  { name: 'landed', type: 'TIMESTAMP', nullable: true },
  { name: 'amount', type: 'FLOAT64', nullable: true },
  { name: 'count', type: 'INT64', nullable: true },
  { name: 'flag', type: 'BOOL', nullable: true },
  { name: 'label', type: 'STRING', nullable: true },
  { name: 'wait', type: 'FLOAT64', nullable: true },
  { name: 'seen', type: 'TIMESTAMP', nullable: true },
];

/** Numbers in [0, 1) that come again with the same seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export type Draw = () => number;
export const whole = (draw: Draw, low: number, high: number): number => low + Math.floor(draw() * (high - low + 1));
export const pick = <T>(draw: Draw, list: readonly [T, ...T[]]): T => list[Math.floor(draw() * list.length)] ?? list[0];
const maybe = <T>(draw: Draw, share: number, make: () => T): T | undefined => (draw() < share ? make() : undefined);

/** A moment around 1970, on both sides of it, often on the very edge of a tile. */
export const moment = (draw: Draw, tile: number, tiles: number): number => whole(draw, -tiles, tiles) * tile + pick(draw, [0, 0, -1, 1, whole(draw, 0, tile - 1)]);

/** How many random histories the specs search through; more by hand, by MILLRACE_TEST_HISTORIES. */
export const HISTORIES = Math.max(40, Number(process.env['MILLRACE_TEST_HISTORIES'] ?? 600));
/** Those of one seed. */
export const HISTORIES_OF_SEED = 40;
/** Seeds for so many histories. */
export const SEEDS = Math.ceil(HISTORIES / HISTORIES_OF_SEED);
/** Time that such a search may take. */
export const SEARCH_MS = 120_000 * Math.max(1, HISTORIES / 600);

/** A small history of one key: ties, corrections that come late, backfills of several rows at one moment, cells that are missing, NaN, infinities, zeros of both signs. */
export function history(draw: Draw, key: string, { tile, tiles = 12, most = 14 }: { tile: number; tiles?: number; most?: number }): readonly HistoryRow[] {
  const rows: HistoryRow[] = [];
  const backfilled = maybe(draw, 0.3, () => moment(draw, tile, tiles + 8));
  for (let left = whole(draw, 0, most); left > 0; left--) {
    const before = maybe(draw, 0.35, () => rows[whole(draw, 0, rows.length - 1)]);
    const event = before && draw() < 0.7 ? before.event : moment(draw, tile, tiles);
    const landed = backfilled !== undefined && draw() < 0.3 ? backfilled : before && draw() < 0.4 ? before.landed : maybe(draw, 0.9, () => event + pick(draw, [0, 1, tile, whole(draw, -tile, 4 * tile)]));
    rows.push({
      key,
      place: BigInt(whole(draw, 1, 2)),
      event,
      landed,
      amount: maybe(draw, 0.85, () => pick(draw, [0, -0, Number.NaN, Infinity, -1.5, 0.1, 0.2, 1e-7, -2.5e-6, 12_345.678_9, whole(draw, -1000, 1000) / 7, 3e12])),
      count: maybe(draw, 0.85, () => pick(draw, [0n, 1n, -3n, BigInt(whole(draw, -50, 50)), 2n ** 53n + 1n, -(2n ** 60n) + 7n])),
      flag: maybe(draw, 0.85, () => draw() < 0.5),
      label: maybe(draw, 0.85, () => pick(draw, ['a', 'b', '', 'é'])),
      wait: maybe(draw, 0.92, () => pick(draw, [0, -0.25, 0.5, 1, whole(draw, -100, 400) / 100, Number.NaN, Infinity])),
      seen: maybe(draw, 0.85, () => whole(draw, -1e6, 1e6) * 1000),
    });
  }
  return rows;
}

/** So many of the histories of a seed are long. */
const LONG = 8;

/** A history in the order of its knowledge with few values and long rows of corrections, so that looking back comes to its end within it. */
function longHistory(draw: Draw, key: string, tile: number): readonly HistoryRow[] {
  let [event, step, landed] = [-6 * tile, 0, -6 * tile];
  return Array.from({ length: 50 }, (): HistoryRow => {
    if (step-- <= 0) [event, step] = [event + Math.ceil(tile * pick(draw, [0.02, 0.1, 0.5])), pick(draw, [0, 0, 1, 18])];
    landed = Math.max(landed + Math.ceil(tile / 8), event);
    const seldom = <T>(make: () => T) => maybe(draw, 0.06, make);
    return { key, place: 1n, event, landed, amount: seldom(() => whole(draw, -1000, 1000) / 7), count: seldom(() => BigInt(whole(draw, -50, 50))), flag: seldom(() => draw() < 0.5), label: seldom(() => pick(draw, ['a', 'b'])), wait: 0.5, seen: seldom(() => whole(draw, -1e6, 1e6) * 1000) };
  });
}

/** A view over histories, drawn: any tile, time to live and form of knowledge time, and features of every kind. */
export function historyView(draw: Draw, name: string): FeatureView {
  const tile = pick(draw, [1_000_000, 7_000_000, 60_000_000, 3_600_000_000]);
  const knowledge = pick<FeatureView['knowledge']>(draw, [
    { column: '', delay: whole(draw, 0, 2 * tile), terms: [] },
    { column: 'landed', delay: 0, terms: [] },
    { column: '', delay: whole(draw, -tile, tile), terms: [{ column: 'wait', microseconds: tile * 1.25 }] },
    { column: '', delay: 0, terms: [{ column: 'wait', microseconds: tile / 3 }, { column: 'place', microseconds: 250_000 }] },
  ]);
  const window = (): number => pick(draw, [1, 2, 3, 5, 9]) * tile;
  const features: Feature[] = [{ name: 'rows', column: '', aggregation: 'COUNT', window: window() }];
  for (const aggregation of ['SUM', 'MEAN', 'MIN', 'MAX'] satisfies Aggregation[]) {
    for (const column of ['amount', 'count', 'flag', 'large', 'many']) {
      if (draw() < 0.7) features.push({ name: `${aggregation.toLowerCase()}_${column}`, column, aggregation, window: window() });
    }
  }
  for (const column of ['amount', 'count', 'flag', 'label', 'seen', 'many']) if (draw() < 0.7) features.push({ name: `latest_${column}`, column, aggregation: 'LATEST', window: 0 });
  // Drawn apart, so that all else is drawn as it was.
  const back = random(name.length + features.length * 31 + tile);
  for (const column of ['amount', 'count', 'flag', 'label', 'seen', 'many']) {
    if (back() < 0.5) features.push({ name: `filled_${column}`, column, aggregation: 'LATEST_PRESENT', window: 0 });
    if (back() < 0.5) features.push({ name: `previous_${column}`, column, aggregation: 'PREVIOUS', window: 0, stepsBack: whole(back, 1, 3) });
    if (column !== 'label' && column !== 'seen' && back() < 0.5) features.push({ name: `difference_${column}`, column, aggregation: 'DIFFERENCE', window: 0, stepsBack: whole(back, 1, 2) });
  }
  const keys = pick<readonly string[]>(draw, [['key'], ['key', 'place']]);
  const view: FeatureView = {
    view: name,
    description: '',
    entity: 'thing',
    dataset: 'histories',
    keyColumns: keys,
    joinKeys: keys,
    eventTime: 'event',
    knowledge,
    ttl: pick(draw, [0, tile, 3 * tile, 6 * tile + 1]),
    tile,
    derived: [
      { name: 'large', source: 'amount', comparison: pick(draw, ['GREATER', 'LESS_OR_EQUAL']), threshold: pick(draw, [0, 0.1, -1.5]) },
      { name: 'many', source: 'count', comparison: pick(draw, ['GREATER_OR_EQUAL', 'LESS', 'EQUAL']), threshold: pick(draw, [0, 1, 9_007_199_254_740_992]) },
    ],
    features,
  };
  return checkView(view, { entity: 'thing', description: '', joinKeys: keys.map((key) => ({ name: key, type: key === 'key' ? 'STRING' : 'INT64', nullable: false })) });
}

/** Rows as columns that a session loads. */
export const historyColumns = (rows: readonly HistoryRow[]): readonly ColumnInput[] =>
  HISTORY_SCHEMA.map(({ name, type }) => {
    const cells = rows.map((row) => row[name as keyof HistoryRow]);
    if (type !== 'TIMESTAMP') return { name, type, values: cells };
    return { name, type, values: BigInt64Array.from(cells, (cell) => BigInt(cell ?? 0)), nulls: Uint8Array.from(cells, (cell) => Number(cell === undefined)) };
  });

/** Rows as a table that is pushed. */
export function historyTable(rows: readonly HistoryRow[]): Table {
  const columns = HISTORY_SCHEMA.map(({ name, type }) => {
    const cells = rows.map((row) => row[name as keyof HistoryRow]);
    const missing = cells.map((cell) => cell === undefined);
    const kinds = {
      STRING: () => ({ $case: 'strings', value: { values: cells.map((cell) => String(cell ?? '')) } }) as const,
      BOOL: () => ({ $case: 'bools', value: { values: cells.map((cell) => cell === true) } }) as const,
      FLOAT64: () => ({ $case: 'float64s', value: { values: cells.map((cell) => Number(cell ?? 0)) } }) as const,
      INT64: () => ({ $case: 'int64s', value: { values: cells.map((cell) => BigInt(cell ?? 0)) } }) as const,
      TIMESTAMP: () => ({ $case: 'timestamps', value: { values: cells.map((cell) => BigInt(cell ?? 0)) } }) as const,
    };
    return { name, cells: { kind: kinds[type]() }, missing: missing.includes(true) ? missing : [] };
  });
  return { rows: rows.length, columns };
}

/** A time at which a key is asked for. */
export interface Ask {
  readonly key: string;
  readonly place: bigint;
  readonly time: number;
}

/** Small histories under one view, each with its own key, and times to ask at; nobody has the last key. */
export interface Drawn {
  readonly view: FeatureView;
  readonly histories: ReadonlyMap<string, readonly HistoryRow[]>;
  readonly asks: readonly Ask[];
}

/** The same seed draws the same histories: what is joined offline is also pushed online. */
export function drawHistories(seed: number, histories: number): Drawn {
  const draw = random(seed);
  const view = historyView(draw, `v${seed}`);
  const drawn = new Map(Array.from({ length: histories }, (_, i) => [`k${i}`, i < LONG ? longHistory(draw, `k${i}`, view.tile) : history(draw, `k${i}`, view)]));
  const asks = [...drawn.keys(), 'nobody'].flatMap((key) => Array.from({ length: 8 }, () => ({ key, place: BigInt(whole(draw, 1, 2)), time: moment(draw, view.tile, 18) })));
  return { view, histories: drawn, asks };
}

/** The rows that an ask is about, in the order of the source. */
export const askedRows = ({ view, histories }: Drawn, { key, place }: Ask): readonly HistoryRow[] => (histories.get(key) ?? []).filter((row) => !view.keyColumns.includes('place') || row.place === place);
