import { type DuckDBConnection, DuckDBDataChunk, DuckDBTimestampValue, type DuckDBValue } from '@duckdb/node-api';
import type { Cell, ColumnType } from '@millrace/core';
import { toDuckdbType } from './column-type.js';
import { errors } from './errors.js';
import { ident } from './quote.js';
import { cells, rawVector, type TypedValues } from './raw-vector.js';

/** One column to load: typed values (with a mask where some are NULL), or cells, undefined for NULL. */
export interface ColumnInput {
  readonly name: string;
  readonly type: ColumnType;
  readonly values: TypedValues | readonly Cell[];
  /** 1 where the cell is NULL. */
  readonly nulls?: Uint8Array;
}

const CHUNK_ROWS = 2048;

/** Makes (or replaces) a temporary table from the columns; its types are the narrowest that hold the arrays. */
export async function loadTable(connection: DuckDBConnection, table: string, columns: readonly ColumnInput[]): Promise<number> {
  const rows = columns[0]?.values.length ?? 0;
  const names = new Set<string>();
  for (const { name, values } of columns) {
    if (values.length !== rows) throw errors.COLUMNS_UNEVEN({ table, column: name, rows: String(values.length), expected: String(rows) });
    if (names.has(name.toLowerCase())) throw errors.COLUMN_TWICE({ table, column: name });
    names.add(name.toLowerCase());
  }
  await connection.run(`create or replace temp table ${ident(table)} (${columns.map((column) => `${ident(column.name)} ${sqlType(column)}`).join(', ')})`);
  const appender = await connection.createAppender(table, 'main', 'temp');
  try {
    const types = columns.map((_, index) => appender.columnType(index));
    for (let from = 0; from < rows; from += CHUNK_ROWS) {
      const chunk = DuckDBDataChunk.create(types, Math.min(CHUNK_ROWS, rows - from));
      for (const [index, column] of columns.entries()) fill(chunk, index, { column, from });
      appender.appendDataChunk(chunk);
      // Appending runs on the event loop's thread; others get their turn in between.
      if (from % (CHUNK_ROWS * 16) === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    appender.flushSync();
  } finally {
    appender.closeSync();
  }
  return rows;
}

const NARROW: readonly (readonly [new (length: number) => TypedValues, string])[] = [
  [Int8Array, 'TINYINT'],
  [Uint8Array, 'UTINYINT'],
  [Int16Array, 'SMALLINT'],
  [Uint16Array, 'USMALLINT'],
  [Int32Array, 'INTEGER'],
  [Uint32Array, 'UINTEGER'],
  [Float32Array, 'FLOAT'],
];

function sqlType({ type, values }: ColumnInput): string {
  if (type === 'INT64' || type === 'FLOAT64') for (const [Kind, name] of NARROW) if (values instanceof Kind) return name;
  return toDuckdbType(type);
}

function fill(chunk: DuckDBDataChunk, index: number, { column, from }: { readonly column: ColumnInput; readonly from: number }): void {
  const rows = chunk.rowCount;
  const { type, values, nulls } = column;
  const vector = chunk.getColumnVector(index) as unknown as { setItem(row: number, value: DuckDBValue): void; flush(): void };
  const target = cells(rawVector(chunk, index));
  if (ArrayBuffer.isView(values) && target && target.BYTES_PER_ELEMENT === values.BYTES_PER_ELEMENT) {
    target.set((values as Int32Array).subarray(from, from + rows) as never);
    for (let row = 0; nulls && row < rows; row++) if (nulls[from + row]) vector.setItem(row, null);
  } else {
    for (let row = 0; row < rows; row++) {
      const cell: Cell = nulls?.[from + row] ? undefined : values[from + row];
      vector.setItem(row, cell === undefined ? null : toDuckdb(cell, type));
    }
  }
  vector.flush();
}

function toDuckdb(cell: Exclude<Cell, undefined>, type: ColumnType): DuckDBValue {
  if (type === 'TIMESTAMP') return new DuckDBTimestampValue(cell instanceof Date ? BigInt(cell.getTime()) * 1000n : BigInt(cell));
  if (type === 'INT64') return typeof cell === 'number' ? BigInt(cell) : (cell as bigint);
  if (type === 'FLOAT64') return Number(cell);
  return type === 'BOOL' ? Boolean(cell) : String(cell);
}
