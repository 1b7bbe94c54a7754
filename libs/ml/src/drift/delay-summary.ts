/** Quantiles are within this part of themselves. */
const ACCURACY = 0.01;
const GAMMA = (1 + ACCURACY) / (1 - ACCURACY);
const LN_GAMMA = Math.log(GAMMA);
/** Anything shorter counts as at once. */
const SHORTEST_S = 1e-3;

/** How long many things took: counts by bucket, so that summaries merge in any order. Plain JSON. */
export interface DelaySummary {
  count: number;
  /** Those that took no time. */
  zero: number;
  /** By bucket i, those that took γ^(i−1) to γ^i seconds (DDSketch: Masson, Rim and Lee 2019). */
  readonly buckets: Record<string, number>;
  /** The longest, in seconds. */
  max: number;
}

/** Nothing yet. */
export const emptyDelays = (): DelaySummary => ({ count: 0, zero: 0, buckets: {}, max: 0 });

/** The same counts in a record of their own. */
export const copyDelays = (delays: DelaySummary): DelaySummary => ({ ...delays, buckets: { ...delays.buckets } });

/** Adds one delay in seconds; one that is negative took no time. */
export function addDelay(delays: DelaySummary, seconds: number): void {
  delays.count++;
  delays.max = Math.max(delays.max, seconds);
  if (seconds < SHORTEST_S) return void delays.zero++;
  const bucket = Math.ceil(Math.log(seconds) / LN_GAMMA);
  delays.buckets[bucket] = (delays.buckets[bucket] ?? 0) + 1;
}

/** The delay that a share of all does not exceed, in seconds, within 1 % of itself; NaN where there is none. */
export function delayQuantile({ count, zero, buckets, max }: DelaySummary, share: number): number {
  if (count === 0) return Number.NaN;
  let rest = Math.ceil(share * count) - zero;
  if (rest <= 0) return 0;
  for (const bucket of Object.keys(buckets).map(Number).sort((a, b) => a - b)) {
    rest -= buckets[bucket] ?? 0;
    if (rest <= 0) return Math.min(max, (2 * GAMMA ** bucket) / (GAMMA + 1));
  }
  return max;
}
