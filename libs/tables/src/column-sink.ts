import { type DuckDBDecimalValue, type DuckDBType, DuckDBTypeId } from '@duckdb/node-api';
import type { ColumnType } from '@millrace/core';
import { toColumnType } from './column-type.js';
import { errors } from './errors.js';
import { cells, eachNull, type RawVector, type TypedValues } from './raw-vector.js';

/** One column as a program holds it. */
export interface ColumnData {
  readonly name: string;
  readonly type: ColumnType;
  /**
   * BOOL: Uint8Array of 0 and 1. INT64: BigInt64Array, or the narrower typed array that DuckDB has. FLOAT64: Float64Array, or Float32Array for FLOAT.
   * TIMESTAMP: BigInt64Array of microseconds since 1970. STRING: strings. A NULL is NaN, 0 or ''.
   */
  readonly values: TypedValues | readonly string[];
  /** 1 where the cell is NULL; absent where none is. */
  readonly nulls?: Uint8Array;
}

/** Gathers the vectors of one column. */
export interface ColumnSink {
  append(vector: RawVector, from: number, rows: number): void;
  finish(): ColumnData;
}

type Maker = new (length: number) => TypedValues;

const DAY_US = 86_400_000_000n;
const TYPES = 'BOOLEAN, integers, FLOAT, DOUBLE, VARCHAR, TIMESTAMP';

/** How fixed-width vectors lie in memory. */
const FIXED: Partial<Record<DuckDBTypeId, Maker>> = {
  [DuckDBTypeId.BOOLEAN]: Uint8Array,
  [DuckDBTypeId.TINYINT]: Int8Array,
  [DuckDBTypeId.SMALLINT]: Int16Array,
  [DuckDBTypeId.INTEGER]: Int32Array,
  [DuckDBTypeId.BIGINT]: BigInt64Array,
  [DuckDBTypeId.UTINYINT]: Uint8Array,
  [DuckDBTypeId.USMALLINT]: Uint16Array,
  [DuckDBTypeId.UINTEGER]: Uint32Array,
  [DuckDBTypeId.FLOAT]: Float32Array,
  [DuckDBTypeId.DOUBLE]: Float64Array,
  [DuckDBTypeId.TIMESTAMP]: BigInt64Array,
  [DuckDBTypeId.TIMESTAMP_TZ]: BigInt64Array,
};

/** Gives a sink for a column of so many rows; TYPE_UNSUPPORTED, naming the column, where there is none. */
export function columnSink(name: string, duckdbType: DuckDBType, rows: number): ColumnSink {
  const type = toColumnType(duckdbType.toString());
  if (type === undefined) throw errors.TYPE_UNSUPPORTED({ column: name, type: duckdbType.toString(), use: 'extraction', types: TYPES });
  const head = { name, type, rows };
  const fixed = FIXED[duckdbType.typeId];
  if (fixed) return typedSink(head, fixed);
  if (type === 'STRING') return stringSink(head);
  if (type === 'FLOAT64') return convertingSink(head, Float64Array, (cell) => (cell as DuckDBDecimalValue).toDouble());
  const toInt = WIDE[duckdbType.typeId];
  return convertingSink(head, BigInt64Array, (cell) => {
    const value = toInt ? toInt(cell) : (cell as bigint);
    if (BigInt.asIntN(64, value) !== value) throw errors.VALUE_INVALID({ detail: `${value} in column "${name}" is beyond a 64-bit integer` });
    return value;
  });
}

/** Cells that are values of the client's own classes, as microseconds. */
const WIDE: Partial<Record<DuckDBTypeId, (cell: unknown) => bigint>> = {
  [DuckDBTypeId.DATE]: (cell) => BigInt((cell as { days: number }).days) * DAY_US,
  [DuckDBTypeId.TIMESTAMP_S]: (cell) => (cell as { seconds: bigint }).seconds * 1_000_000n,
  [DuckDBTypeId.TIMESTAMP_MS]: (cell) => (cell as { millis: bigint }).millis * 1_000n,
  [DuckDBTypeId.TIMESTAMP_NS]: (cell) => (cell as { nanos: bigint }).nanos / 1_000n,
};

type Head = Pick<ColumnData, 'name' | 'type'> & { readonly rows: number };

/** Gathers the mask of NULLs, made when there is a first one. */
function masked({ name, type, rows }: Head, values: TypedValues | string[]) {
  let nulls: Uint8Array | undefined;
  const blank = values instanceof Float64Array || values instanceof Float32Array ? NaN : values instanceof BigInt64Array ? 0n : Array.isArray(values) ? '' : 0;
  return {
    setNull(row: number) {
      nulls ??= new Uint8Array(rows);
      nulls[row] = 1;
      values[row] = blank as never;
    },
    finish: (): ColumnData => ({ name, type, values, ...(nulls && { nulls }) }),
  };
}

function typedSink(head: Head, Values: Maker): ColumnSink {
  const values = new Values(head.rows);
  const { setNull, finish } = masked(head, values);
  return {
    append(vector, from, rows) {
      const source = cells(vector);
      if (source) values.set(source as never, from);
      eachNull(vector, rows, (row) => setNull(from + row));
    },
    finish,
  };
}

function convertingSink(head: Head, Values: Maker, convert: (cell: unknown) => number | bigint): ColumnSink {
  const values = new Values(head.rows);
  const { setNull, finish } = masked(head, values);
  return {
    append(vector, from, rows) {
      for (let row = 0; row < rows; row++) {
        const cell = vector.getItem(row);
        if (cell === null) setNull(from + row);
        else values[from + row] = convert(cell) as never;
      }
    },
    finish,
  };
}

function stringSink(head: Head): ColumnSink {
  const values = new Array<string>(head.rows).fill('');
  const { setNull, finish } = masked(head, values);
  return {
    append(vector, from, rows) {
      for (let row = 0; row < rows; row++) {
        const cell = vector.getItem(row);
        if (cell === null) setNull(from + row);
        else values[from + row] = String(cell);
      }
    },
    finish,
  };
}
