import type { Schema } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { feedColumns, feedRows, feedTensors, INT64_MISSING, layoutColumns, TEXT_MISSING } from './index.js';
import { inputLayout } from './input-layout.js';

const SCHEMA: Schema = [
  { name: 'x', type: 'FLOAT64', nullable: true },
  { name: 'n', type: 'INT64', nullable: true },
  { name: 's', type: 'STRING', nullable: true },
  { name: 'yes', type: 'BOOL', nullable: true },
  { name: 'date', type: 'TIMESTAMP', nullable: true },
];
const layout = inputLayout(SCHEMA);

describe('the input layout', () => {
  it('packs one matrix for each value type, in the order of the schema', () => {
    expect(layoutColumns(layout).map(({ name }) => name)).toEqual(['x', 'yes', 'n', 'date', 's']);
    const packed = feedRows(layout, [
      { x: 1.5, yes: true, n: 7, date: new Date(5), s: 'é' },
      { x: null, yes: undefined, n: 2n ** 63n - 1n, date: -3n },
    ]);
    expect(packed).toEqual({ rows: 2, f64: Float64Array.of(1.5, 1, Number.NaN, Number.NaN), i64: BigInt64Array.of(7n, 5000n, 2n ** 63n - 1n, -3n), str: ['é', TEXT_MISSING] });
    expect(feedTensors(layout, packed).map(({ name, dims }) => [name, dims])).toEqual([['f64', [2, 2]], ['i64', [2, 2]], ['str', [2, 1]]]);
    expect(feedTensors(inputLayout(SCHEMA.slice(0, 1)), feedRows(inputLayout(SCHEMA.slice(0, 1)), [{}]))).toHaveLength(1);
  });

  it('packs columns as it packs rows', () => {
    const columns = [
      { name: 'x', values: Float64Array.of(1.5, 0), nulls: Uint8Array.of(0, 1) },
      { name: 'yes', values: Uint8Array.of(1, 0) },
      { name: 'n', values: Int32Array.of(7, -7) },
      { name: 'date', values: BigInt64Array.of(5n, 0n), nulls: Uint8Array.of(0, 1) },
      { name: 's', values: ['a', ''] },
    ];
    expect(feedColumns(layout, columns, 2)).toEqual(feedRows(layout, [{ x: 1.5, yes: true, n: 7n, date: 5n, s: 'a' }, { yes: false, n: -7n, s: '' }]));
    expect(() => feedColumns(layout, columns.slice(1), 2)).toThrow('The column "x" (FLOAT64) is missing');
  });

  it.each([
    [{ x: '1' }, 'Row 0, column "x": "1" is no FLOAT64; give a number'],
    [{ yes: 2 }, 'column "yes": 2 is no BOOL'],
    [{ n: 1.5 }, 'column "n": 1.5 is no INT64'],
    [{ n: 2 ** 53 }, '9007199254740992 is no INT64; give a bigint'],
    [{ n: INT64_MISSING }, 'is no INT64'],
    [{ n: 2n ** 63n }, 'is no INT64'],
    [{ date: new Date(Number.NaN) }, 'an invalid Date is no TIMESTAMP'],
    [{ date: '2001-01-01' }, '"2001-01-01" is no TIMESTAMP; give a Date'],
    [{ s: 5 }, '5 is no STRING; give a text'],
    [{ s: 'a\u0000b' }, 'is no STRING; remove U+0000'],
    [{ s: TEXT_MISSING }, 'U+FFFF alone stands for missing'],
    [{ s: '\ud83d' }, 'halves of surrogate pairs'],
  ])('refuses %o by row and column', (row, message) => expect(() => feedRows(layout, [row])).toThrow(message));

  it('does not take a cell from the prototype of a row', () => {
    const odd = inputLayout([{ name: 'constructor', type: 'STRING', nullable: true }]);
    expect(feedRows(odd, [{}]).str).toEqual([TEXT_MISSING]);
  });
});
