import { DuckDBDecimalValue, type DuckDBType, DuckDBTypeId } from '@duckdb/node-api';
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
  append(vector: RawVector, rows: number): void;
  finish(): ColumnData;
}

type Maker = new (buffer: ArrayBuffer) => TypedValues;

const DAY_US = 86_400_000_000n;
const FIRST_ROWS = 2048;
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

/** Gives a sink for a column of the type; TYPE_UNSUPPORTED, naming the column, where there is none. */
export function columnSink(name: string, duckdbType: DuckDBType): ColumnSink {
  const type = toColumnType(duckdbType.toString());
  if (type === undefined) throw errors.TYPE_UNSUPPORTED({ column: name, type: duckdbType.toString(), use: 'extraction', types: TYPES });
  const fixed = FIXED[duckdbType.typeId];
  if (fixed) return typedSink({ name, type }, fixed);
  if (type === 'STRING') return stringSink({ name, type });
  if (type === 'FLOAT64') return convertingSink({ name, type }, Float64Array, (cell) => (cell as DuckDBDecimalValue).toDouble());
  const toInt = WIDE[duckdbType.typeId];
  return convertingSink({ name, type }, BigInt64Array, (cell) => {
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

type Head = Pick<ColumnData, 'name' | 'type'>;

/** An array that grows by doubling, and the mask beside it. */
function growing(Values: Maker) {
  let values = new Values(new ArrayBuffer(FIRST_ROWS * 8));
  let nulls: Uint8Array<ArrayBuffer> | undefined;
  let rows = 0;
  return {
    /** Room for `more` rows; the values and the first row to write. */
    reserve(more: number) {
      if (rows + more > values.length) {
        const length = Math.max(rows + more, values.length * 2);
        values = new Values((values.buffer as ArrayBuffer).transfer(length * values.BYTES_PER_ELEMENT));
        if (nulls) nulls = new Uint8Array(nulls.buffer.transfer(length));
      }
      const at = rows;
      rows += more;
      return { values, at };
    },
    setNull(row: number) {
      nulls ??= new Uint8Array(values.length);
      nulls[row] = 1;
      values[row] = (values instanceof Float64Array || values instanceof Float32Array ? NaN : values instanceof BigInt64Array ? 0n : 0) as never;
    },
    finish(head: Head): ColumnData {
      const exact = new Values((values.buffer as ArrayBuffer).transfer(rows * values.BYTES_PER_ELEMENT));
      return { ...head, values: exact, ...(nulls && { nulls: new Uint8Array(nulls.buffer.transfer(rows)) }) };
    },
  };
}

function typedSink(head: Head, Values: Maker): ColumnSink {
  const column = growing(Values);
  return {
    append(vector, rows) {
      const { values, at } = column.reserve(rows);
      const source = cells(vector);
      if (source) values.set(source as never, at);
      eachNull(vector, rows, (row) => column.setNull(at + row));
    },
    finish: () => column.finish(head),
  };
}

function convertingSink(head: Head, Values: Maker, convert: (cell: unknown) => number | bigint): ColumnSink {
  const column = growing(Values);
  return {
    append(vector, rows) {
      const { values, at } = column.reserve(rows);
      for (let row = 0; row < rows; row++) {
        const cell = vector.getItem(row);
        if (cell === null) column.setNull(at + row);
        else values[at + row] = convert(cell) as never;
      }
    },
    finish: () => column.finish(head),
  };
}

function stringSink(head: Head): ColumnSink {
  const values: string[] = [];
  const nulls: number[] = [];
  return {
    append(vector, rows) {
      for (let row = 0; row < rows; row++) {
        const cell = vector.getItem(row);
        if (cell === null) nulls.push(values.length);
        values.push(cell === null ? '' : String(cell));
      }
    },
    finish() {
      if (nulls.length === 0) return { ...head, values };
      const mask = new Uint8Array(values.length);
      for (const row of nulls) mask[row] = 1;
      return { ...head, values, nulls: mask };
    },
  };
}
