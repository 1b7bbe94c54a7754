import { DuckDBDecimalValue, type DuckDBDataChunk, type DuckDBType, DuckDBTypeId } from '@duckdb/node-api';
import { MAX_COLUMNS } from '@millrace/core';
import { toColumnType } from './column-type.js';
import { errors } from './errors.js';
import { cells, eachNull, rawVector } from './raw-vector.js';

/** Numbers in rows: cell (r, c) lies at `r * cols + c`; NULL is NaN. */
export interface Matrix {
  readonly data: Float32Array;
  readonly rows: number;
  readonly cols: number;
}

/** Gathers chunks of numeric columns row by row; TYPE_UNSUPPORTED names a column that is not numeric. */
export function matrixSink(columns: readonly { readonly name: string; readonly type: DuckDBType }[], rows: number) {
  const cols = columns.length;
  if (cols > MAX_COLUMNS) throw errors.TOO_MANY_COLUMNS({ columns: String(cols), most: String(MAX_COLUMNS) });
  for (const { name, type } of columns) {
    if (!['BOOL', 'INT64', 'FLOAT64'].includes(toColumnType(type.toString()) ?? '')) {
      throw errors.TYPE_UNSUPPORTED({ column: name, type: type.toString(), use: 'a matrix', types: 'FLOAT, DOUBLE, integers, BOOLEAN' });
    }
  }
  const data = new Float32Array(rows * cols);
  return {
    append(chunk: DuckDBDataChunk, from: number): void {
      for (let col = 0; col < cols; col++) fill(data, { chunk, col, cols, at: from * cols + col, decimal: columns[col]?.type.typeId === DuckDBTypeId.DECIMAL });
    },
    finish: (): Matrix => ({ data, rows, cols }),
  };
}

interface Place {
  readonly chunk: DuckDBDataChunk;
  readonly col: number;
  readonly cols: number;
  readonly at: number;
  readonly decimal: boolean;
}

function fill(data: Float32Array, { chunk, col, cols, at, decimal }: Place): void {
  const rows = chunk.rowCount;
  const vector = rawVector(chunk, col);
  const source = decimal ? undefined : cells(vector);
  if (source instanceof Float32Array || source instanceof Float64Array) fillFloats(data, source, { at, cols, rows });
  else if (source) for (let row = 0; row < rows; row++) data[at + row * cols] = Number(source[row]);
  else for (let row = 0; row < rows; row++) data[at + row * cols] = toNumber(vector.getItem(row));
  eachNull(vector, rows, (row) => (data[at + row * cols] = NaN));
}

/** Apart from the rest so that the engine compiles it for floats alone. */
function fillFloats(data: Float32Array, source: Float32Array | Float64Array, { at, cols, rows }: { readonly at: number; readonly cols: number; readonly rows: number }): void {
  for (let row = 0, to = at; row < rows; row++, to += cols) data[to] = source[row] ?? NaN;
}

const toNumber = (cell: unknown): number => (cell instanceof DuckDBDecimalValue ? cell.toDouble() : cell === null ? NaN : Number(cell));
