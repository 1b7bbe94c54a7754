/** A number without rounding: units · 2^exponent. */
export interface Exact {
  readonly units: bigint;
  readonly exponent: number;
}

/** Doubles are summed as whole units of bins: bin b holds those between 2^(32 b) and 2^(32 b + 32), in units of 2^(32 b − 54), of which each double is a whole number. */
export const BIN_BITS = 32;
export const UNIT_BITS = 54;
/** Below 2^-960 doubles are rounded to units of 2^-1014. */
export const LEAST_BIN = -30;

/** The sum of all bins. */
export function sumOfBins(bins: ReadonlyMap<number, bigint>): Exact {
  const first = Math.min(0, ...bins.keys());
  let units = 0n;
  for (const [bin, count] of bins) units += count << BigInt(BIN_BITS * (bin - first));
  return { units, exponent: BIN_BITS * first - UNIT_BITS };
}

export function plus(a: Exact, b: Exact): Exact {
  const exponent = Math.min(a.exponent, b.exponent);
  return { units: unitsAt(a, exponent) + unitsAt(b, exponent), exponent };
}

/** The sample variance of n numbers from their sum and that of their squares, rounded once. */
export function varianceOf(sum: Exact, squares: Exact, n: bigint): number {
  const square = { units: -sum.units * sum.units, exponent: 2 * sum.exponent };
  const spread = plus({ ...squares, units: squares.units * n }, square);
  // Squares that were too small to be kept whole may leave less than nothing.
  return Math.max(0, nearest(spread, n * (n - 1n)));
}

/** Bits that are kept before the one rounding: more than a double has, the last one telling whether anything was cut off. */
const KEPT_BITS = 66;

/** The double nearest to a quotient; of two, the even one. */
export function nearest({ units, exponent }: Exact, divisor = 1n): number {
  const size = units < 0n ? -units : units;
  if (size === 0n) return 0;
  const more = Math.max(0, KEPT_BITS + bitsOf(divisor) - bitsOf(size));
  const shifted = size << BigInt(more);
  const quotient = shifted / divisor;
  const less = Math.max(0, bitsOf(quotient) - KEPT_BITS);
  const kept = quotient >> BigInt(less);
  const isCut = kept << BigInt(less) !== quotient || quotient * divisor !== shifted;
  const value = timesPower(Number(isCut ? kept | 1n : kept), exponent - more + less);
  return units < 0n ? -value : value;
}

const unitsAt = ({ units, exponent }: Exact, at: number): bigint => units << BigInt(exponent - at);

/** Within three of the true length, and never below it. */
const bitsOf = (size: bigint): number => size.toString(16).length * 4;

/** In steps that stay within a double. */
function timesPower(value: number, exponent: number): number {
  let [result, left] = [value, exponent];
  for (; left > 1_000; left -= 1_000) result *= 2 ** 1_000;
  for (; left < -1_000; left += 1_000) result *= 2 ** -1_000;
  return result * 2 ** left;
}
