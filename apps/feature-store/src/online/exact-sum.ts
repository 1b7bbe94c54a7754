/** A whole number of any size: a number where it is exact as one, else a bigint. Every other number that goes in must be whole. */
export type Whole = number | bigint;

const LARGEST_INT64 = 2n ** 63n - 1n;
const LOW_HALF = 2n ** 64n - 1n;

/** The whole number in its one form. */
export function whole(value: Whole): Whole {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value + 0 : BigInt(value);
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}

/** The exact sum. */
export function addWhole(a: Whole, b: Whole): Whole {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return whole(BigInt(a) + BigInt(b));
}

/** The whole number as an INT64; undefined where it is beyond one. */
export function toInt64(value: Whole): bigint | undefined {
  const exact = BigInt(value);
  return exact <= LARGEST_INT64 && exact >= -LARGEST_INT64 - 1n ? exact : undefined;
}

/** The whole number as a double, rounded as DuckDB casts a HUGEINT: by its two halves. */
export function toDouble(value: Whole): number {
  if (typeof value === 'number') return value;
  const high = value >> 64n;
  const low = value & LOW_HALF;
  return high === -1n ? -Number(LOW_HALF - low) - 1 : Number(low) + Number(high) * 2 ** 64;
}
