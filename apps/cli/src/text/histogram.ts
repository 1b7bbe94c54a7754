const BARS = ' ▁▂▃▄▅▆▇█';
const BINS = 16;
/** The shares below each of the quantiles that a profile holds. */
const SHARES = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1];

/**
 * A small histogram from quantiles, flat between two of them, over the range from the 5 % to the 95 % quantile:
 * the outermost tenth is left out, because one outlier would press all else into one bar.
 */
export function quantileHistogram(quantiles: readonly number[]): string {
  const low = quantiles[1];
  const high = quantiles[5];
  if (quantiles.length !== SHARES.length || low === undefined || high === undefined) return '';
  if (!(high > low)) return '█'.padStart(BINS / 2).padEnd(BINS);
  const edges = Array.from({ length: BINS + 1 }, (_, i) => low + ((high - low) * i) / BINS);
  return bars(edges.slice(1).map((edge, i) => shareBelow(quantiles, edge) - shareBelow(quantiles, edges[i] ?? edge)));
}

/** Heights as bars; the highest fills its line, and what is not nothing is seen. */
export function bars(heights: readonly number[]): string {
  const most = Math.max(...heights);
  return heights.map((height) => BARS[most > 0 && height > 0 ? Math.max(1, Math.round((height / most) * 8)) : 0]).join('');
}

function shareBelow(quantiles: readonly number[], value: number): number {
  const i = quantiles.findIndex((quantile) => quantile >= value);
  if (i < 0) return 1;
  if (i === 0) return 0;
  const from = quantiles[i - 1] ?? value;
  const to = quantiles[i] ?? value;
  const [before = 0, after = 1] = [SHARES[i - 1], SHARES[i]];
  return to > from ? before + ((after - before) * (value - from)) / (to - from) : after;
}
