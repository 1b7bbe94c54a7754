import type { Cell, Column, ColumnType, Schema } from '@millrace/core';
import { errors } from './errors.js';
import { type ColumnValue, VALUE_OF } from './expression.js';

/** Which column stands where in the packed matrices that a graph reads; training, batch scoring and serving all feed by it. */
export interface InputLayout {
  /** FLOAT64 and BOOL (0 and 1), with NaN as missing. */
  readonly f64: readonly Column[];
  /** INT64 and TIMESTAMP (microseconds since 1970 in UTC), with INT64_MISSING as missing. */
  readonly i64: readonly Column[];
  /** STRING, with TEXT_MISSING as missing. */
  readonly str: readonly Column[];
}

/** What stands for a missing integer; it is refused as data. */
export const INT64_MISSING = -(2n ** 63n);
/** What stands for a missing text: a noncharacter of Unicode; it is refused as data. */
export const TEXT_MISSING = '\uFFFF';
const INT64_MAX = 2n ** 63n - 1n;

/** Packed rows: one row-major matrix for each value type that the layout has. */
export interface PackedInputs {
  readonly rows: number;
  readonly f64?: Float64Array;
  readonly i64?: BigInt64Array;
  readonly str?: readonly string[];
}

/** Cells as programs and JSON hold them. */
export type FeedCell = Cell | null;
export type FeedRow = Readonly<Record<string, FeedCell>>;

/** A column as a table hands it over: values with 1 in `nulls` where a cell is missing. BOOL is 0 and 1, TIMESTAMP is microseconds. */
export interface FeedColumn {
  readonly name: string;
  readonly values: ArrayLike<number> | ArrayLike<bigint> | readonly string[];
  readonly nulls?: Uint8Array;
}

/** One packed matrix as the arguments of an ONNX Runtime tensor. */
export type FeedTensor =
  | { readonly name: 'f64'; readonly type: 'float64'; readonly data: Float64Array; readonly dims: readonly [number, number] }
  | { readonly name: 'i64'; readonly type: 'int64'; readonly data: BigInt64Array; readonly dims: readonly [number, number] }
  | { readonly name: 'str'; readonly type: 'string'; readonly data: readonly string[]; readonly dims: readonly [number, number] };

/** The layout of columns, each matrix in the order of the schema. */
export function inputLayout(columns: Schema): InputLayout {
  const of = (value: ColumnValue) => columns.filter(({ type }) => VALUE_OF[type] === value);
  return { f64: of('f64'), i64: of('i64'), str: of('str') };
}

/** The columns of a layout. */
export const layoutColumns = (layout: InputLayout): Schema => [...layout.f64, ...layout.i64, ...layout.str];

/** Packs rows; a cell that is not there is missing, a cell of another type is refused with its row and column. */
export function feedRows(layout: InputLayout, rows: readonly FeedRow[]): PackedInputs {
  return pack(layout, rows.length, ({ name, type }) => (row) => rowCell(rows[row] ?? {}, { name, type }, row));
}

/** Packs columns; every column of the layout must be there. */
export function feedColumns(layout: InputLayout, columns: readonly FeedColumn[], rows: number): PackedInputs {
  const byName = new Map(columns.map((column) => [column.name, column]));
  return pack(layout, rows, ({ name, type }) => {
    const column = byName.get(name);
    if (!column) throw errors.COLUMN_MISSING({ column: name, type });
    const { values, nulls } = column;
    return (row) => (nulls?.[row] === 1 ? undefined : toValue(values[row], { name, type, row }));
  });
}

/** The matrices of packed rows, ready to become tensors. */
export function feedTensors(layout: InputLayout, { rows, f64, i64, str }: PackedInputs): readonly FeedTensor[] {
  const tensors: FeedTensor[] = [];
  if (f64) tensors.push({ name: 'f64', type: 'float64', data: f64, dims: [rows, layout.f64.length] });
  if (i64) tensors.push({ name: 'i64', type: 'int64', data: i64, dims: [rows, layout.i64.length] });
  if (str) tensors.push({ name: 'str', type: 'string', data: str, dims: [rows, layout.str.length] });
  return tensors;
}

/** One cell as the value that travels: a number, a 64-bit integer, a text, or undefined for missing. */
export function rowCell(row: FeedRow, { name, type }: Pick<Column, 'name' | 'type'>, index: number): number | bigint | string | undefined {
  return toValue(Object.hasOwn(row, name) ? row[name] : undefined, { name, type, row: index });
}

interface Place {
  readonly name: string;
  readonly type: ColumnType;
  readonly row: number;
}

type Reader = (row: number) => number | bigint | string | undefined;

function pack(layout: InputLayout, rows: number, reader: (column: Column) => Reader): PackedInputs {
  const f64 = new Float64Array(rows * layout.f64.length);
  const i64 = new BigInt64Array(rows * layout.i64.length);
  const str = new Array<string>(rows * layout.str.length);
  fill(f64, layout.f64, { rows, reader, missing: Number.NaN });
  fill(i64, layout.i64, { rows, reader, missing: INT64_MISSING });
  fill(str, layout.str, { rows, reader, missing: TEXT_MISSING });
  return { rows, ...(layout.f64.length > 0 && { f64 }), ...(layout.i64.length > 0 && { i64 }), ...(layout.str.length > 0 && { str }) };
}

interface Filling<T> {
  readonly rows: number;
  readonly reader: (column: Column) => Reader;
  readonly missing: T;
}

function fill<T extends number | bigint | string>(target: { [index: number]: T }, columns: readonly Column[], { rows, reader, missing }: Filling<T>): void {
  columns.forEach((column, place) => {
    const read = reader(column);
    // toValue gives the value type of the column, and the column is in the matrix of that type.
    for (let row = 0; row < rows; row++) target[row * columns.length + place] = (read(row) as T | undefined) ?? missing;
  });
}

function toValue(cell: unknown, place: Place): number | bigint | string | undefined {
  if (cell === undefined || cell === null) return undefined;
  switch (place.type) {
    case 'FLOAT64':
      if (typeof cell === 'number') return cell;
      throw refused(cell, place, 'give a number');
    case 'BOOL':
      if (typeof cell === 'boolean') return cell ? 1 : 0;
      if (cell === 0 || cell === 1) return cell;
      throw refused(cell, place, 'give true or false');
    case 'INT64':
      return integer(cell, place, 'give a bigint, or a whole number up to 2^53 - 1');
    case 'TIMESTAMP':
      if (cell instanceof Date && !Number.isNaN(cell.getTime())) return BigInt(cell.getTime()) * 1000n;
      return integer(cell, place, 'give a Date, or microseconds since 1970 as a bigint');
    case 'STRING':
      if (typeof cell !== 'string') throw refused(cell, place, 'give a text');
      if (cell.includes('\u0000') || cell === TEXT_MISSING || !cell.isWellFormed()) throw refused(cell, place, 'remove U+0000 and halves of surrogate pairs; U+FFFF alone stands for missing');
      return cell;
  }
}

function integer(cell: unknown, place: Place, mend: string): bigint {
  const value = typeof cell === 'bigint' ? cell : typeof cell === 'number' && Number.isSafeInteger(cell) ? BigInt(cell) : undefined;
  if (value === undefined || value <= INT64_MISSING || value > INT64_MAX) throw refused(cell, place, mend);
  return value;
}

function refused(cell: unknown, { name, type, row }: Place, mend: string) {
  const shown = typeof cell === 'string' ? JSON.stringify(cell.slice(0, MAX_SHOWN)) : typeof cell === 'object' ? (cell instanceof Date ? 'an invalid Date' : 'an object') : String(cell);
  return errors.CELL_INVALID({ row: String(row), column: name, value: shown, type, mend });
}

const MAX_SHOWN = 60;
