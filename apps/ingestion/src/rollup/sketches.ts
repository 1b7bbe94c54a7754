/** Quantiles are within this part of themselves. */
export const QUANTILE_ACCURACY = 0.01;
const GAMMA = (1 + QUANTILE_ACCURACY) / (1 - QUANTILE_ACCURACY);
export const LN_GAMMA = Math.log(GAMMA);
/** More than the number of any bucket of a double. */
const OFFSET = 100_000;

/** So many of the smallest hashes are kept: fewer different values are counted exactly, more within a standard error of 1 in √4,094, 1.6 %. */
export const HASHES_KEPT = 4_096;
const HASH_RANGE = 2 ** 52;

/**
 * The bucket of a number in SQL, in the order of the numbers: 0 for 0, and for others the whole number i for which γ^(i−1) < |x| ≤ γ^i, with
 * γ = (1 + α) / (1 − α) (DDSketch: Masson, Rim and Lee 2019). Counts of buckets add up, whatever the order.
 */
export function bucketSql(x: string): string {
  const bucket = `CAST(ceil(ln(abs(${x})) / ${LN_GAMMA}e0) AS BIGINT) + ${OFFSET}`;
  return `CASE WHEN ${x} = 0 THEN 0 WHEN ${x} > 0 THEN ${bucket} ELSE -(${bucket}) END`;
}

/** The number that is within the accuracy of every number of a bucket. */
export function bucketValue(bucket: number): number {
  if (bucket === 0) return 0;
  // As a power of e: γ^i itself may be beyond a double where the middle is not.
  const middle = Math.exp((Math.abs(bucket) - OFFSET) * LN_GAMMA + Math.log(2 / (GAMMA + 1)));
  return bucket > 0 ? middle : -middle;
}

/** How many different values there are, from how many hashes are kept and the largest of them (Bar-Yossef and others 2002; Beyer and others 2007). */
export const distinctOf = ({ kept, largest }: { readonly kept: number; readonly largest: number }): number => (kept < HASHES_KEPT ? kept : Math.round((kept - 1) / ((largest + 1) / HASH_RANGE)));
