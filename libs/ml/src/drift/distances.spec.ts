import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chiSquare, jensenShannon, ks, ksP, psi, upperGamma, wasserstein } from './distances.js';

/** What numpy and scipy say of the same counts; tools/goldens/drift.py makes it. */
const goldens = JSON.parse(readFileSync(new URL('./goldens.json', import.meta.url), 'utf8')) as {
  readonly edges: readonly number[];
  readonly scale: number;
  readonly distances: readonly { readonly reference: readonly number[]; readonly current: readonly number[]; readonly psi: number; readonly jensenShannon: number; readonly ks: number; readonly wasserstein: number; readonly chi2: { readonly statistic: number; readonly p: number } }[];
  readonly ksP: readonly { readonly distance: number; readonly rows: number; readonly other: number; readonly p: number }[];
  readonly upperGamma: readonly { readonly a: number; readonly x: number; readonly q: number }[];
};

/** Equal but for the last digits; what is nearly nothing may be nothing. */
const closeTo = (value: number, golden: number, tolerance = 1e-9) => expect(Math.abs(value - golden), `${value} against ${golden}`).toBeLessThanOrEqual(tolerance * Math.max(1e-6, Math.abs(golden)));

const widthsOf = (bins: number) => Array.from({ length: bins }, (_, i) => (goldens.edges[i + 1] ?? 0) - (goldens.edges[i] ?? 0));

describe.each(goldens.distances)('between $reference and $current', ({ reference, current, ...golden }) => {
  it('PSI, Jensen-Shannon and Kolmogorov-Smirnov are what numpy and scipy say', () => {
    closeTo(psi(reference, current), golden.psi);
    closeTo(jensenShannon(reference, current), golden.jensenShannon);
    closeTo(ks(reference, current), golden.ks);
  });

  it('Wasserstein is the area between the distribution functions, also where they cross within a bin', () => {
    closeTo(wasserstein(reference, current, { widths: widthsOf(reference.length), scale: goldens.scale }), golden.wasserstein, 1e-7);
  });

  it('chi² and its p-value are what scipy says', () => {
    const { statistic, p } = chiSquare(reference, current);
    closeTo(statistic, golden.chi2.statistic);
    closeTo(p, golden.chi2.p, 1e-7);
  });
});

it.each(goldens.ksP)('a KS distance of $distance of $rows and $other rows is as likely as scipy says', ({ distance, rows, other, p }) => closeTo(ksP(distance, rows, other), p));

it.each(goldens.upperGamma)('Q($a, $x) is what scipy says', ({ a, x, q }) => closeTo(upperGamma(a, x), q, 1e-8));

it('says nothing of what cannot be compared', () => {
  expect(chiSquare([5, 0], [7, 0]).p).toBeNaN();
  expect(chiSquare([0, 0], [7, 3]).p).toBeNaN();
  expect(ksP(0.1, 0, 10)).toBeNaN();
  expect(wasserstein([1, 2], [2, 1], { widths: [1, 1], scale: 0 })).toBeNaN();
});

const counts = fc.array(fc.tuple(fc.nat(1_000), fc.nat(1_000)), { minLength: 1, maxLength: 30 }).filter((pairs) => pairs.some(([a]) => a > 0) && pairs.some(([, b]) => b > 0));

it('finds no distance from a sample to itself, however much larger', () => {
  fc.assert(
    fc.property(counts, fc.integer({ min: 1, max: 9 }), (pairs, times) => {
      const reference = pairs.map(([a]) => a);
      const more = reference.map((count) => count * times);
      expect(psi(reference, more)).toBeCloseTo(0, 9);
      expect(jensenShannon(reference, more)).toBeCloseTo(0, 6);
      expect(ks(reference, more)).toBeCloseTo(0, 9);
      expect(wasserstein(reference, more, { widths: reference.map(() => 1), scale: 1 })).toBeCloseTo(0, 9);
      expect(ksP(0, 100, 100 * times)).toBe(1);
    }),
  );
});

it('says the same in both directions, and keeps within its bounds', () => {
  fc.assert(
    fc.property(counts, (pairs) => {
      const [a, b] = [pairs.map(([each]) => each), pairs.map(([, each]) => each)];
      const options = { widths: a.map((_, i) => i + 1), scale: 1 };
      expect(psi(a, b)).toBeCloseTo(psi(b, a), 9);
      expect(psi(a, b)).toBeGreaterThanOrEqual(-1e-12);
      expect(jensenShannon(a, b)).toBeCloseTo(jensenShannon(b, a), 9);
      expect(jensenShannon(a, b)).toBeLessThanOrEqual(1 + 1e-12);
      expect(ks(a, b)).toBeLessThanOrEqual(1 + 1e-12);
      expect(wasserstein(a, b, options)).toBeCloseTo(wasserstein(b, a, options), 9);
      expect(wasserstein(a, b, options)).toBeLessThanOrEqual(ks(a, b) * options.widths.reduce((sum, width) => sum + width, 0) + 1e-9);
      expect(chiSquare(a, b).statistic).toBeCloseTo(chiSquare(b, a).statistic, 6);
    }),
  );
});
