import { openTables } from '@millrace/tables';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { addWhole, toDouble, toInt64, whole } from './exact-sum.js';

const anyWhole = fc.oneof(fc.bigInt({ min: -(2n ** 60n), max: 2n ** 60n }), fc.bigInt({ min: -(2n ** 100n), max: 2n ** 100n }), fc.bigInt({ min: 2n ** 53n - 9n, max: 2n ** 53n }), fc.bigInt({ min: -9n, max: 9n }));

it('adds without losing a bit, and keeps one form for each number', () => {
  fc.assert(
    fc.property(fc.array(anyWhole, { maxLength: 12 }), (values) => {
      const sum = values.reduce<number | bigint>((total, value) => addWhole(total, whole(value)), 0);
      const wanted = values.reduce((total, value) => total + value, 0n);
      expect(BigInt(sum)).toBe(wanted);
      expect(typeof sum).toBe(wanted >= -(2n ** 53n) + 1n && wanted <= 2n ** 53n - 1n ? 'number' : 'bigint');
      expect(Object.is(sum, -0)).toBe(false);
    }),
  );
});

it('gives no INT64 for what is beyond one', () => {
  expect([2n ** 63n - 1n, -(2n ** 63n), 5, 2n ** 63n, -(2n ** 63n) - 1n].map(toInt64)).toEqual([2n ** 63n - 1n, -(2n ** 63n), 5n, undefined, undefined]);
});

it('rounds to a double as DuckDB does', async () => {
  const tables = await openTables({ threads: 1, memoryLimit: '100MB' });
  try {
    const values = fc.sample(anyWhole, { numRuns: 300, seed: 7 });
    const rows = await tables.rows<{ d: number }>(`SELECT CAST(v::HUGEINT AS DOUBLE) AS d FROM (VALUES ${values.map((value, i) => `(${i}, '${value}')`).join(', ')}) t(i, v) ORDER BY i`);
    expect(values.map((value) => toDouble(whole(value)))).toEqual(rows.map(({ d }) => d));
  } finally {
    await tables.close();
  }
});
