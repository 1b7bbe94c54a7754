import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BIN_BITS, type Exact, nearest, plus, sumOfBins, UNIT_BITS, varianceOf } from './exact-figures.js';

/** A double as whole units of 2^-1074. */
function exactly(x: number): Exact {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const bits = view.getBigUint64(0);
  const [exponent, fraction] = [Number((bits >> 52n) & 0x7ffn), bits & 0xf_ffff_ffff_ffffn];
  const size = exponent === 0 ? fraction : (fraction | (1n << 52n)) << BigInt(exponent - 1);
  return { units: x < 0 ? -size : size, exponent: -1074 };
}

const double = fc.double({ noNaN: true, noDefaultInfinity: true });
const tame = fc.double({ min: -1e6, max: 1e6, noNaN: true });

it('gives every double back, and of a quotient the nearest one', () => {
  fc.assert(fc.property(double.filter((x) => Math.abs(x) > 1e-290), (x) => void expect(nearest(exactly(x))).toBe(x + 0)), { seed: 1, numRuns: 2_000 });
  // IEEE 754 divides whole numbers below 2^53 to the nearest double.
  fc.assert(fc.property(fc.maxSafeInteger(), fc.integer({ min: 1 }), (a, b) => void expect(nearest({ units: BigInt(a), exponent: 0 }, BigInt(b))).toBe(a / b + 0)), { seed: 2, numRuns: 2_000 });
});

it('rounds halves to even, and a hair more up', () => {
  expect(nearest({ units: 2n ** 53n + 1n, exponent: 0 })).toBe(2 ** 53);
  expect(nearest({ units: 2n ** 53n + 3n, exponent: 0 })).toBe(2 ** 53 + 4);
  expect(nearest({ units: (2n ** 53n + 1n) * 2n ** 400n + 1n, exponent: -400 })).toBe(2 ** 53 + 2);
  expect(nearest({ units: -(2n ** 53n) * 3n - 1n, exponent: 1_200 })).toBe(-Infinity);
  expect(nearest({ units: 0n, exponent: 5 })).toBe(0);
});

it('sums bins and numbers of different exponents without a loss', () => {
  const unit = (bin: number) => BIN_BITS * bin - UNIT_BITS;
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom('-3', '-1', '0', '2', '5'), fc.bigInt({ min: -(2n ** 100n), max: 2n ** 100n })), (given) => {
      const bins = new Map(Object.entries(given).map(([bin, units]) => [Number(bin), units]));
      const one = [...bins].reduce<Exact>((sum, [bin, units]) => plus(sum, { units, exponent: unit(bin) }), { units: 0n, exponent: 0 });
      const all = sumOfBins(bins);
      expect(plus(all, { units: -one.units, exponent: one.exponent }).units).toBe(0n);
    }),
    { seed: 3 },
  );
});

it('tells the variance of numbers that lie close together far from 0', () => {
  const of = (values: readonly number[]): number => {
    const exact = values.map(exactly);
    const sum = exact.reduce(plus);
    const squares = exact.map(({ units, exponent }): Exact => ({ units: units * units, exponent: 2 * exponent })).reduce(plus);
    return varianceOf(sum, squares, BigInt(values.length));
  };
  expect(of([1e15, 1e15 + 1, 1e15 + 2])).toBe(1);
  expect(of([0.1, 0.1, 0.1])).toBe(0);
  fc.assert(
    fc.property(fc.array(tame, { minLength: 2, maxLength: 30 }), (values) => {
      const mean = values.reduce((a, b) => a + b, 0) / values.length;
      const spread = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (values.length - 1);
      expect(Math.abs(of(values) - spread)).toBeLessThanOrEqual(1e-9 * Math.max(1, spread));
    }),
    { seed: 4 },
  );
});
