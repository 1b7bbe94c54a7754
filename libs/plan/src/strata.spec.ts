import fc from 'fast-check';
import { expect, it } from 'vitest';
import { allotted } from './strata.js';

const sizes = fc.array(fc.integer({ min: 1, max: 2_000_000_000 }), { minLength: 1, maxLength: 30 });

it('gives strata counts that add up, each within a row of its exact share and never more than it has', () => {
  fc.assert(
    fc.property(sizes, fc.double({ min: 0, max: 1.2, noNaN: true }), (counts, share) => {
      const all = counts.reduce((sum, count) => sum + count, 0);
      const wanted = Math.round(share * all);
      const strata = allotted(counts.map((rowsBefore, i) => ({ stratum: String(i), rowsBefore })), wanted);
      const total = Math.min(wanted, all);
      expect(strata.reduce((sum, { rows }) => sum + rows, 0)).toBe(total);
      for (const { rows, rowsBefore } of strata) {
        expect(Math.abs(rows - (total / all) * rowsBefore)).toBeLessThan(1 + 1e-5);
        expect(rows).toBeLessThanOrEqual(rowsBefore);
      }
    }),
    { numRuns: 300, seed: 5 },
  );
});

it('rounds by the largest remainders, of which the larger stratum comes first, then the earlier text', () => {
  const rows = (counts: readonly number[], wanted: number) => allotted(counts.map((rowsBefore, i) => ({ stratum: 'abcd'[i] ?? '', rowsBefore })), wanted).map((each) => each.rows);
  // 4.7, 3.0 and 2.3 of 10.
  expect(rows([47, 30, 23], 10)).toEqual([5, 3, 2]);
  expect(rows([3, 3], 3)).toEqual([2, 1]);
  expect(rows([1, 5, 5], 5)).toEqual([1, 2, 2]);
  // Each has a half left over: the largest, then the first of the next.
  expect(rows([1, 5, 9, 5], 10)).toEqual([0, 3, 5, 2]);
  expect(rows([4, 2], 100)).toEqual([4, 2]);
  expect(rows([4, 2], 0)).toEqual([0, 0]);
});
