import type { ColumnContract } from '../column-contract.js';
import { openTables, type Tables } from '@millrace/tables';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { correlationOf } from './correlation.js';
import { gridExponent, type Histogram, MAX_BARS, mergeHistograms, quantileOf } from './histogram.js';
import { mergeProfiles, type Profile } from './merge-profiles.js';
import { profileColumns } from './profile-columns.js';

let tables: Tables;
beforeAll(async () => void (tables = await openTables()));
afterAll(() => tables.close());

const column = (name: string, type: ColumnContract['type']): ColumnContract => ({ name, type, required: false, sourceName: name, missingTexts: [], badCell: 'QUARANTINE', format: '' });
const COLUMNS = [column('x', 'FLOAT64'), column('n', 'INT64'), column('s', 'STRING'), column('at', 'TIMESTAMP')];

interface Row {
  readonly x: number | undefined;
  readonly n: number | undefined;
  readonly s: string | undefined;
}

async function profileOf(rows: readonly Row[]): Promise<Profile> {
  await tables.load('rows', [
    { name: 'x', type: 'FLOAT64', values: rows.map(({ x }) => x) },
    { name: 'n', type: 'INT64', values: rows.map(({ n }) => (n === undefined ? undefined : BigInt(n))) },
    { name: 's', type: 'STRING', values: rows.map(({ s }) => s) },
    { name: 'at', type: 'TIMESTAMP', values: rows.map(({ n }) => (n === undefined ? undefined : new Date(n * 60_000))) },
  ]);
  return profileColumns(tables, 'rows', { columns: COLUMNS, rows: rows.length, signal: new AbortController().signal });
}

const byValue = (top: Profile['columns'][number]['top']) => [...top].sort((a, b) => (a.value < b.value ? -1 : 1));
const total = ({ counts }: Histogram): number => counts.reduce((sum, count) => sum + count, 0);
const often = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined, freq: 9 });
const someRows = fc.array(fc.record({ x: often(fc.oneof(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.constantFrom(0, 1, -1e-9, 5e12))), n: often(fc.integer({ min: -1000, max: 100_000 })), s: often(fc.constantFrom('a', 'b', 'c', '')) }), { maxLength: 60 });

it('has of two parts, merged, what it has of the whole, wherever it says that it is exact', async () => {
  await fc.assert(
    fc.asyncProperty(someRows, someRows, async (first, second) => {
      const whole = await profileOf([...first, ...second]);
      const merged = mergeProfiles(await profileOf(first), await profileOf(second));
      expect(merged.rows).toBe(whole.rows);
      for (const [i, one] of whole.columns.entries()) {
        const other = merged.columns[i];
        expect(other).toMatchObject({ column: one.column, missing: one.missing, ...(one.min === undefined ? {} : { min: one.min, max: one.max }), ...(one.minInt64 === undefined ? {} : { minInt64: one.minInt64, maxInt64: one.maxInt64 }) });
        const reach = Math.max(Math.abs(one.max ?? 0), Math.abs(one.min ?? 0));
        for (const figure of ['mean', 'stddev'] as const) if (one[figure] !== undefined) expect(Math.abs((other?.[figure] ?? 0) - one[figure]), figure).toBeLessThanOrEqual(1e-7 * reach);
        if (one.histogram && other?.histogram) expect([total(other.histogram), other.histogram.counts.length <= MAX_BARS]).toEqual([whole.rows - one.missing, true]);
        if (other?.distinctKind === 'EXACT') expect(other.distinct).toBe(one.distinct);
        if (other?.distinctKind === 'AT_LEAST') expect(other.distinct).toBeLessThanOrEqual(one.distinct);
        if (other?.topComplete) expect(byValue(other.top)).toEqual(byValue(one.top));
      }
      for (const [i, pair] of whole.coMoments.entries()) {
        const other = merged.coMoments[i];
        if (other === undefined || first.length === 0 || second.length === 0) continue;
        expect(other.rows).toBe(pair.rows);
        // Of what hardly varies the last digits are noise.
        if (pair.left2 > 1e-3 && pair.right2 > 1e-3) expect(correlationOf(other) ?? 0).toBeCloseTo(correlationOf(pair) ?? 0, 4);
      }
    }),
    { numRuns: 40 },
  );
}, 60_000);

it('finds a grid for any two doubles, and merges any two grids without losing a count', () => {
  const any = fc.double({ noNaN: true, noDefaultInfinity: true });
  const histogram = fc.tuple(any, any, fc.boolean(), fc.array(fc.nat({ max: 1000 }), { minLength: 1, maxLength: MAX_BARS })).map(([a, b, whole, counts]): Histogram => {
    const [min, max] = [Math.min(a, b), Math.max(a, b)];
    const exponent = gridExponent(min, max, { whole });
    const first = Math.floor(min / 2 ** exponent);
    expect(Number.isSafeInteger(first)).toBe(true);
    expect(Math.floor(max / 2 ** exponent) - first).toBeLessThan(MAX_BARS);
    return { exponent, first, counts: counts.slice(0, Math.floor(max / 2 ** exponent) - first + 1) };
  });
  fc.assert(
    fc.property(histogram, histogram, (a, b) => {
      const merged = mergeHistograms(a, b);
      expect(merged.counts.length).toBeLessThanOrEqual(MAX_BARS);
      expect(total(merged)).toBe(total(a) + total(b));
      expect(mergeHistograms(b, a)).toEqual(merged);
    }),
    { numRuns: 2_000 },
  );
});

it('reads quantiles from bars within the width of one', () => {
  const values = Array.from({ length: 10_000 }, (_, i) => ((i * 7_919) % 10_000) / 100);
  const exponent = gridExponent(0, 99.99, { whole: false });
  const counts = new Array<number>(Math.floor(99.99 / 2 ** exponent) + 1).fill(0);
  for (const value of values) counts[Math.floor(value / 2 ** exponent)] = (counts[Math.floor(value / 2 ** exponent)] ?? 0) + 1;
  for (const share of [0.05, 0.25, 0.5, 0.75, 0.95]) expect(Math.abs(quantileOf({ exponent, first: 0, counts }, share) - share * 100)).toBeLessThanOrEqual(2 ** exponent);
});

it('profiles the widest and the narrowest numbers there are', async () => {
  for (const values of [[1.7976931348623157e308, -1.7976931348623157e308, 0], [5e-324, 1e-323], [9007199254740993, 9007199254740995], [0, 0, 0], [-0, 1e-300]]) {
    const { columns: [x] } = await profileOf(values.map((value) => ({ x: value, n: 1, s: 'a' })));
    expect(x?.histogram && total(x.histogram), String(values)).toBe(values.length);
    expect(x).toMatchObject({ min: Math.min(...values), max: Math.max(...values) });
  }
});
