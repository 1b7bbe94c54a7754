/**
 * Counts in bars of the width 2^exponent, of which bar i begins at (first + i) · 2^exponent. Bars of any two histograms nest, so that they can be
 * merged without loss but of resolution.
 */
export interface Histogram {
  readonly exponent: number;
  readonly first: number;
  readonly counts: readonly number[];
}

export const MAX_BARS = 64;
/** Below, a width would be no normal double. */
const LEAST_EXPONENT = -1_022;
/** The number of a bar is to be a whole number to the last digit. */
const INDEX_BITS = 52;

/** The finest grid on which values from `min` to `max` take at most MAX_BARS bars; of whole numbers none is finer than they are. */
export function gridExponent(min: number, max: number, { whole }: { readonly whole: boolean }): number {
  const largest = Math.max(Math.abs(min), Math.abs(max));
  const span = max / MAX_BARS - min / MAX_BARS;
  const least = whole ? 0 : LEAST_EXPONENT;
  // One value alone: fine enough to be told from its neighbours later, and 0 lies on every grid.
  const wanted = span > 0 ? Math.floor(Math.log2(span)) - 1 : largest > 0 ? Math.floor(Math.log2(largest)) - 6 : least;
  let exponent = Math.max(least, wanted, largest > 0 ? Math.ceil(Math.log2(largest)) - INDEX_BITS : least);
  while (barOf(max, exponent) - barOf(min, exponent) >= MAX_BARS) exponent++;
  return exponent;
}

/** The number of the bar in which a value lies. */
export const barOf = (value: number, exponent: number): number => Math.floor(value / 2 ** exponent);

/** All counts of both, on the finest grid that holds them in MAX_BARS bars. */
export function mergeHistograms(a: Histogram, b: Histogram): Histogram {
  let [left, right] = onOneGrid(a, b);
  const reach = (): number => Math.max(endOf(left), endOf(right)) - Math.min(left.first, right.first);
  while (reach() > MAX_BARS) [left, right] = [coarsen(left, left.exponent + 1), coarsen(right, right.exponent + 1)];
  const { first, counts } = alignBars(left, right);
  return { exponent: left.exponent, first, counts: counts.map(([x, y]) => x + y) };
}

/** The bars of both, one by one, on the finest grid that both can be cut into; of a gap between them nothing is said. */
export function pairedBars(a: Histogram, b: Histogram): readonly (readonly [number, number])[] {
  let [left, right] = onOneGrid(a, b);
  while (Math.max(endOf(left), endOf(right)) - Math.min(left.first, right.first) > MAX_BARS) [left, right] = [coarsen(left, left.exponent + 1), coarsen(right, right.exponent + 1)];
  return alignBars(left, right).counts;
}

/** The value below which a share of the counts lies, flat within a bar. */
export function quantileOf({ exponent, first, counts }: Histogram, share: number): number {
  const wanted = counts.reduce((sum, count) => sum + count, 0) * share;
  let below = 0;
  for (const [i, count] of counts.entries()) {
    if (below + count >= wanted && count > 0) return (first + i + (wanted - below) / count) * 2 ** exponent;
    below += count;
  }
  return endOf({ exponent, first, counts }) * 2 ** exponent;
}

const endOf = ({ first, counts }: Histogram): number => first + counts.length;

function onOneGrid(a: Histogram, b: Histogram): [Histogram, Histogram] {
  const exponent = Math.max(a.exponent, b.exponent);
  return [coarsen(a, exponent), coarsen(b, exponent)];
}

function alignBars(a: Histogram, b: Histogram): { readonly first: number; readonly counts: readonly (readonly [number, number])[] } {
  const first = Math.min(a.first, b.first);
  const length = Math.max(endOf(a), endOf(b)) - first;
  return { first, counts: Array.from({ length }, (_, i) => [a.counts[first + i - a.first] ?? 0, b.counts[first + i - b.first] ?? 0] as const) };
}

function coarsen(histogram: Histogram, exponent: number): Histogram {
  const bars = 2 ** (exponent - histogram.exponent);
  if (bars === 1) return histogram;
  // Of a grid beyond all doubles: two bars are left, one on each side of 0.
  const toBar = (index: number): number => (Number.isFinite(bars) ? Math.floor(index / bars) : index < 0 ? -1 : 0);
  const first = toBar(histogram.first);
  const counts = new Array<number>(toBar(endOf(histogram) - 1) - first + 1).fill(0);
  histogram.counts.forEach((count, i) => void (counts[toBar(histogram.first + i) - first] = (counts[toBar(histogram.first + i) - first] ?? 0) + count));
  return { exponent, first, counts };
}
