import type { DuckDBDataChunk } from '@duckdb/node-api';

/** Typed arrays that a column can lie in. */
export type Numbers = Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array | Float32Array | Float64Array;
export type TypedValues = Numbers | BigInt64Array | BigUint64Array;

/** The memory of a vector: the client keeps these members private, but cell by cell is seven times slower. */
export interface RawVector {
  readonly items?: TypedValues;
  /** Booleans lie here, one byte each. */
  readonly dataView?: DataView;
  readonly validity?: { readonly data: BigUint64Array | null; readonly offset: number };
  getItem(row: number): unknown;
}

export const rawVector = (chunk: DuckDBDataChunk, column: number): RawVector => chunk.getColumnVector(column) as unknown as RawVector;

/** The cells of a fixed-width vector; those that are NULL hold garbage. */
export const cells = (vector: RawVector): TypedValues | undefined =>
  vector.items ?? (vector.dataView && new Uint8Array(vector.dataView.buffer, vector.dataView.byteOffset, vector.dataView.byteLength));

/** Calls `onNull` with the row of each NULL. */
export function eachNull({ validity }: RawVector, rows: number, onNull: (row: number) => void): void {
  const words = validity?.data;
  if (!words) return;
  const bits = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
  const offset = validity?.offset ?? 0;
  for (let row = 0; row < rows; row++) {
    const bit = row + offset;
    const byte = bits[bit >> 3] ?? 0;
    if (byte === 0xff && (bit & 7) === 0) row += 7;
    else if (((byte >> (bit & 7)) & 1) === 0) onNull(row);
  }
}
