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

/** The bars of a histogram of equal widths. */
export interface HistogramBars {
  readonly width: number;
  /** The number of the first bar: it begins at so many widths from 0. */
  readonly first: number;
  readonly counts: readonly number[];
}

/** A small histogram of the bars between two values; of fewer than half a line of bars it would say nothing, and there is none. */
export function barHistogram({ width, first, counts }: HistogramBars, low: number, high: number): string | undefined {
  const inside = counts.filter((_, i) => (first + i + 1) * width > low && (first + i) * width <= high);
  return inside.length < BINS / 2 ? undefined : bars(joined(inside, Math.ceil(inside.length / BINS)));
}

/** One line for each bar, from the lowest: where it begins, how many it holds, and how long it is. */
export function barLines(histogram: HistogramBars, { most, length }: { readonly most: number; readonly length: number }): readonly { readonly from: number; readonly count: number; readonly bar: string }[] {
  const together = Math.ceil(histogram.counts.length / most);
  const counts = joined(histogram.counts, together);
  const highest = Math.max(1, ...counts);
  return counts.map((count, i) => ({ from: (histogram.first + i * together) * histogram.width, count, bar: lengthOf(count / highest, length) }));
}

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** What is not nothing is seen. */
function lengthOf(share: number, length: number): string {
  const eighths = share > 0 ? Math.max(1, Math.round(share * length * 8)) : 0;
  return '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
}

const joined = (counts: readonly number[], together: number): readonly number[] => Array.from({ length: Math.ceil(counts.length / together) }, (_, i) => counts.slice(i * together, (i + 1) * together).reduce((sum, count) => sum + count, 0));

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
