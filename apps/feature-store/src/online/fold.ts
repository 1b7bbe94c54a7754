import type { Cell } from '@millrace/core';
import type { ColumnCells, Table } from '@millrace/contracts/millrace/type/v1/value';
import { errors } from '../errors.js';
import { type Comparison, type FeatureView, featureViewName, foldedColumns, latestColumns, sourceColumns } from '../feature-view.js';
import { FIXED_POINT } from '../offline/view-sql.js';
import { keyText, type LatestRow, type TileDelta, type ViewDelta } from './view-state.js';

/** Most rows of one pushed table. */
export const MAX_PUSH_ROWS = 50_000;

type Reader = (row: number) => Cell;

/** Folds pushed source rows into what they add to a view, by the very formulas of the offline side. Rows without key or time add nothing. */
export function foldRows(view: FeatureView, table: Table, exact: readonly boolean[]): ViewDelta {
  if (table.rows > MAX_PUSH_ROWS) throw errors.PUSH_TOO_LARGE({ rows: String(table.rows), limit: String(MAX_PUSH_ROWS) });
  const readers = new Map(sourceColumns(view).map((column) => [column, readerOf(view, table, column)]));
  const cell = (column: string): Reader => readers.get(column) ?? (() => undefined);
  const keys = view.keyColumns.map(cell);
  const event = micros(view, view.eventTime, cell(view.eventTime));
  const known = knowledgeOf(view, event, cell);
  const folded = foldedColumns(view).map((column) => numeric(view, column, cell));
  const latest = latestColumns(view).map(cell);
  const tiles = new Map<string, Mutable>();
  const rows: LatestRow[] = [];
  for (let row = 0; row < table.rows; row++) {
    const values = keys.map((read) => read(row));
    const [at, when] = [event(row), known(row)];
    if (at === undefined || when === undefined || values.some((value) => value === undefined)) continue;
    const key = keyText(values.map(String));
    if (latest.length > 0) rows.push({ key, known: when, event: at, values: latest.map((read) => read(row)) });
    add(tiles, { key, tile: Math.floor(when / view.tile), at, row, folded, exact });
  }
  return { tiles: [...tiles.values()] as readonly TileDelta[], latest: rows };
}

interface Mutable {
  key: string;
  tile: number;
  rows: number;
  last: number;
  counts: number[];
  sums: number[];
  lows: number[];
  highs: number[];
}

function add(tiles: Map<string, Mutable>, { key, tile, at, row, folded, exact }: { key: string; tile: number; at: number; row: number; folded: readonly ((row: number) => number | undefined)[]; exact: readonly boolean[] }): void {
  const id = `${tile} ${key}`;
  let state = tiles.get(id);
  if (!state) {
    state = { key, tile, rows: 0, last: -Infinity, counts: folded.map(() => 0), sums: folded.map(() => 0), lows: folded.map(() => Infinity), highs: folded.map(() => -Infinity) };
    tiles.set(id, state);
  }
  state.rows++;
  state.last = Math.max(state.last, at);
  for (let i = 0; i < folded.length; i++) {
    const value = folded[i]?.(row);
    if (value === undefined) continue;
    state.counts[i] = (state.counts[i] ?? 0) + 1;
    state.sums[i] = (state.sums[i] ?? 0) + (exact[i] === true ? value : roundHalfAway(value * FIXED_POINT));
    state.lows[i] = Math.min(state.lows[i] ?? Infinity, value);
    state.highs[i] = Math.max(state.highs[i] ?? -Infinity, value);
  }
}

/** As DuckDB's round(): halves go away from zero, where Math.round sends them up. */
const roundHalfAway = (x: number): number => (x < 0 ? -Math.round(-x) : Math.round(x));

const COMPARE: Record<Comparison, (a: number, b: number) => boolean> = { GREATER: (a, b) => a > b, GREATER_OR_EQUAL: (a, b) => a >= b, LESS: (a, b) => a < b, LESS_OR_EQUAL: (a, b) => a <= b, EQUAL: (a, b) => a === b };

function numeric(view: FeatureView, column: string, cell: (column: string) => Reader): (row: number) => number | undefined {
  const derived = view.derived.find(({ name }) => name === column);
  const read = cell(derived?.source ?? column);
  const number = (row: number): number | undefined => {
    const value = read(row);
    return value === undefined || Number.isNaN(Number(value)) ? undefined : Number(value);
  };
  if (!derived) return number;
  const compare = COMPARE[derived.comparison];
  return (row) => {
    const value = number(row);
    return value === undefined ? undefined : Number(compare(value, derived.threshold));
  };
}

function knowledgeOf(view: FeatureView, event: (row: number) => number | undefined, cell: (column: string) => Reader): (row: number) => number | undefined {
  const { column, delay, terms } = view.knowledge;
  if (column !== '') return micros(view, column, cell(column));
  const parts = terms.map((term) => ({ read: cell(term.column), microseconds: term.microseconds }));
  return (row) => {
    const start = event(row);
    if (start === undefined) return undefined;
    let known = start + Math.trunc(delay);
    for (const { read, microseconds } of parts) {
      const value = read(row);
      if (value === undefined) return undefined;
      known += Math.floor(Number(value) * microseconds);
    }
    return known;
  };
}

const micros = (view: FeatureView, column: string, read: Reader) => (row: number): number | undefined => {
  const value = read(row);
  if (value === undefined || typeof value === 'bigint') return value === undefined ? undefined : Number(value);
  throw errors.PUSH_COLUMN_TYPE({ column, view: featureViewName.format(view), found: typeof value, wanted: 'timestamps' });
};

function readerOf(view: FeatureView, table: Table, name: string): Reader {
  const column = table.columns.find((candidate) => candidate.name === name);
  if (!column?.cells) throw errors.PUSH_COLUMN_MISSING({ column: name, view: featureViewName.format(view), found: table.columns.map((found) => found.name).join(', ') });
  const values = cellsOf(column.cells);
  if (values.length !== table.rows) throw errors.PUSH_COLUMN_TYPE({ column: name, view: featureViewName.format(view), found: `${values.length} cells`, wanted: `${table.rows}` });
  const { missing } = column;
  return missing.length === 0 ? (row) => values[row] : (row) => (missing[row] === true ? undefined : values[row]);
}

const cellsOf = ({ kind }: ColumnCells): readonly Cell[] => kind?.value.values ?? [];
