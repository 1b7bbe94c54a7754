import { sortFloats } from './float-sort.js';

/** Places for edges per feature; unused ones hold +Infinity. */
export const EDGE_PLACES = 256;

/** Rows whose values decide a feature's edges. */
const SAMPLE_ROWS = 200_000;

/** A row-major matrix. */
export interface Matrix {
  readonly features: Float32Array;
  readonly rows: number;
  readonly k: number;
}

/**
 * Finds the edges of one feature: at most bins - 1 rising float32 values that part the sampled rows into bins of about
 * equal weight. A value belongs to the first bin whose edge is not below it. Missing values are left out.
 */
export function findEdges(matrix: Matrix, feature: number, bins: number): Float32Array {
  return edgesOf(sortedSample(matrix, feature), bins);
}

function sortedSample({ features, rows, k }: Matrix, feature: number): Float32Array {
  const step = Math.max(1, rows / SAMPLE_ROWS);
  const sample = new Float32Array(Math.floor(rows / step));
  let kept = 0;
  for (let i = 0; i < sample.length; i++) {
    const value = features[Math.floor(i * step) * k + feature] ?? Number.NaN;
    if (value === value) sample[kept++] = value;
  }
  return sortFloats(sample.subarray(0, kept));
}

/** The edges between runs of a sorted sample. */
export function edgesOf(sorted: Float32Array, bins: number): Float32Array {
  const { values, counts } = distinct(sorted);
  const edges: number[] = [];
  const close = (i: number) => edges.push(edgeBetween(values[i] ?? 0, values[i + 1] ?? 0));
  if (values.length <= bins) {
    for (let i = 0; i + 1 < values.length; i++) close(i);
    return Float32Array.from(edges);
  }
  let rest = sorted.length;
  let filled = 0;
  for (let i = 0; i + 1 < values.length && edges.length < bins - 1; i++) {
    filled += counts[i] ?? 0;
    const share = rest / (bins - edges.length);
    // A heavy value gets a bin of its own if the one before it is at least half full.
    if (filled >= share || ((counts[i + 1] ?? 0) >= share && filled >= share / 2)) {
      close(i);
      rest -= filled;
      filled = 0;
    }
  }
  return Float32Array.from(edges);
}

function distinct(sorted: Float32Array): { readonly values: Float32Array; readonly counts: Uint32Array } {
  const values = new Float32Array(sorted.length);
  const counts = new Uint32Array(sorted.length);
  let found = 0;
  for (let i = 0; i < sorted.length; i++) {
    if (i === 0 || sorted[i] !== sorted[i - 1]) values[found++] = sorted[i] ?? 0;
    counts[found - 1] = (counts[found - 1] ?? 0) + 1;
  }
  return { values: values.subarray(0, found), counts: counts.subarray(0, found) };
}

/** A float32 with low <= edge < high: about the middle, and `low` where there is no middle (neighbours, infinities). */
function edgeBetween(low: number, high: number): number {
  const middle = Math.fround(low + (high - low) / 2);
  return middle >= low && middle < high ? middle : low;
}
