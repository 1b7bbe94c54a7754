import type { Table } from '@millrace/contracts/millrace/type/v1/value';
import type { Schema } from '@millrace/core';
import { type Comparison, type FeatureView, foldedColumns, latestColumns, sourceColumns, sourceType } from '../feature-view.js';
import { FIXED_POINT, isExact, LARGEST_SUMMAND, LONGEST_DELAY } from '../offline/view-sql.js';
import { addWhole, type Whole, whole } from './exact-sum.js';
import { type CellReader, readColumns } from './pushed-table.js';
import { keyText, type LatestRow, type LatestValue, type TileDelta, type ViewDelta } from './view-delta.js';

/** What rows are folded by. */
export interface FoldOptions {
  readonly schema: Schema;
  /** Rows known before this microsecond add nothing. */
  readonly from?: number;
}

/** What folded rows add, and the newest knowledge among all rows given, also those before `from`. */
export interface Folded {
  readonly delta: ViewDelta;
  readonly knownThrough: number;
}

/** Folds pushed source rows into what they add to a view, by the very formulas of the offline side. Rows without key or time add nothing. */
export function foldRows(view: FeatureView, table: Table, { schema, from = -Infinity }: FoldOptions): Folded {
  const readers = readColumns(view, table, { schema, columns: sourceColumns(view) });
  const cell = (column: string): CellReader => readers.get(column) ?? (() => undefined);
  const keys = view.keyColumns.map(cell);
  const event = micros(cell(view.eventTime));
  const known = knowledgeOf(view, event, cell);
  const folded = foldedColumns(view).map((column) => summandOf(view, column, { cell, schema }));
  const latest = latestColumns(view).map((column) => latestOf(view, column, { cell, schema }));
  const tiles = new Map<string, Mutable>();
  const rows: LatestRow[] = [];
  let knownThrough = -Infinity;
  for (let row = 0; row < table.rows; row++) {
    const values = keys.map((read) => read(row));
    const [at, when] = [event(row), known(row)];
    if (at === undefined || when === undefined || values.some((value) => value === undefined)) continue;
    knownThrough = Math.max(knownThrough, when);
    if (when < from) continue;
    const key = keyText(values.map(String));
    if (latest.length > 0) rows.push({ key, known: when, event: at, values: latest.map((read) => read(row)) });
    add(tiles, { key, tile: Math.floor(when / view.tile), at, row, folded });
  }
  return { delta: { tiles: [...tiles.values()] satisfies readonly TileDelta[], latest: rows, older: [] }, knownThrough };
}

type Mutable = { -readonly [Name in keyof TileDelta]: TileDelta[Name] extends readonly (infer Item)[] ? Item[] : TileDelta[Name] };

/** A value of a folded column with what it adds to the sum. */
interface Summand {
  readonly value: Whole;
  readonly sum: Whole;
}

function add(tiles: Map<string, Mutable>, { key, tile, at, row, folded }: { key: string; tile: number; at: number; row: number; folded: readonly ((row: number) => Summand | undefined)[] }): void {
  const id = `${tile} ${key}`;
  let state = tiles.get(id);
  if (!state) {
    state = { key, tile, rows: 0, last: -Infinity, counts: folded.map(() => 0), sums: folded.map(() => 0), lows: folded.map(() => Infinity), highs: folded.map(() => -Infinity) };
    tiles.set(id, state);
  }
  state.rows++;
  state.last = Math.max(state.last, at);
  for (let i = 0; i < folded.length; i++) {
    const summand = folded[i]?.(row);
    if (summand === undefined) continue;
    const { value, sum } = summand;
    state.counts[i] = (state.counts[i] ?? 0) + 1;
    state.sums[i] = addWhole(state.sums[i] ?? 0, sum);
    if (value < (state.lows[i] ?? Infinity)) state.lows[i] = value;
    if (value > (state.highs[i] ?? -Infinity)) state.highs[i] = value;
  }
}

interface Source {
  readonly cell: (column: string) => CellReader;
  readonly schema: Schema;
}

function summandOf(view: FeatureView, column: string, { cell, schema }: Source): (row: number) => Summand | undefined {
  const read = derivedOf(view, column, cell) ?? cell(column);
  if (!isExact(view, column, schema)) {
    return (row) => {
      const value = read(row);
      return typeof value === 'number' && Math.abs(value) <= LARGEST_SUMMAND ? { value: value + 0, sum: whole(roundHalfAway(value * FIXED_POINT)) } : undefined;
    };
  }
  return (row) => {
    const cellValue = read(row);
    if (cellValue === undefined || typeof cellValue === 'string') return undefined;
    const value = whole(typeof cellValue === 'boolean' ? Number(cellValue) : cellValue);
    return { value, sum: value };
  };
}

function latestOf(view: FeatureView, column: string, { cell, schema }: Source): (row: number) => LatestValue {
  const derived = derivedOf(view, column, cell);
  if (derived) {
    return (row) => {
      const value = derived(row);
      return value === undefined ? undefined : BigInt(value);
    };
  }
  const read = cell(column);
  const type = sourceType(schema, column);
  return (row) => {
    const value = read(row);
    if (typeof value === 'boolean') return BigInt(value);
    return type === 'FLOAT64' && typeof value === 'number' ? value + 0 : value;
  };
}

/** As DuckDB's round(): halves go away from zero, where Math.round sends them up. */
const roundHalfAway = (x: number): number => (x < 0 ? -Math.round(-x) : Math.round(x));

const COMPARE: Record<Comparison, (a: number, b: number) => boolean> = { GREATER: (a, b) => a > b, GREATER_OR_EQUAL: (a, b) => a >= b, LESS: (a, b) => a < b, LESS_OR_EQUAL: (a, b) => a <= b, EQUAL: (a, b) => a === b };

function derivedOf(view: FeatureView, column: string, cell: (column: string) => CellReader): ((row: number) => number | undefined) | undefined {
  const derived = view.derived.find(({ name }) => name === column);
  if (!derived) return undefined;
  const read = cell(derived.source);
  const compare = COMPARE[derived.comparison];
  return (row) => {
    const value = read(row);
    return value === undefined || Number.isNaN(value) ? undefined : Number(compare(Number(value), derived.threshold));
  };
}

function knowledgeOf(view: FeatureView, event: (row: number) => number | undefined, cell: (column: string) => CellReader): (row: number) => number | undefined {
  const { column, delay, terms } = view.knowledge;
  if (column !== '') return micros(cell(column));
  const parts = terms.map((term) => ({ read: cell(term.column), microseconds: term.microseconds }));
  return (row) => {
    const start = event(row);
    if (start === undefined) return undefined;
    let known = start + Math.trunc(delay);
    for (const { read, microseconds } of parts) {
      const value = read(row);
      const wait = Number(value) * microseconds;
      if (value === undefined || !(Math.abs(wait) <= LONGEST_DELAY)) return undefined;
      known += Math.floor(wait);
    }
    return known;
  };
}

const micros = (read: CellReader) => (row: number): number | undefined => {
  const value = read(row);
  return value === undefined ? undefined : Number(value);
};
