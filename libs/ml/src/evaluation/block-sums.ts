import { CALIBRATION_BINS, calibrationBin, lossOf, squareOf } from './metrics.js';

/** Steps of the grid on which resampled AUCs are computed. */
export const GRID = 2_048;

/** All that resampled figures of one model need, summed by block: a resample then costs blocks, not rows. */
export interface BlockSums {
  readonly blocks: number;
  /** blocks × GRID */
  readonly positives: Float64Array;
  readonly negatives: Float64Array;
  /** blocks */
  readonly rows: Float64Array;
  readonly loss: Float64Array;
  readonly square: Float64Array;
  /** blocks × CALIBRATION_BINS */
  readonly predicted: Float64Array;
  readonly observed: Float64Array;
  readonly binRows: Float64Array;
}

/** Sums rows by their block; the grid follows the ranks of the scores, so that no step of it holds more than its share, ties apart. */
export function blockSums(target: Uint8Array, scores: Float64Array, { block, blocks }: { readonly block: Int32Array; readonly blocks: number }): BlockSums {
  const sums: BlockSums = {
    blocks,
    positives: new Float64Array(blocks * GRID),
    negatives: new Float64Array(blocks * GRID),
    rows: new Float64Array(blocks),
    loss: new Float64Array(blocks),
    square: new Float64Array(blocks),
    predicted: new Float64Array(blocks * CALIBRATION_BINS),
    observed: new Float64Array(blocks * CALIBRATION_BINS),
    binRows: new Float64Array(blocks * CALIBRATION_BINS),
  };
  const grid = gridOf(scores);
  for (let row = 0; row < scores.length; row++) {
    const b = block[row] as number;
    const y = target[row] as number;
    const score = scores[row] as number;
    add(y === 1 ? sums.positives : sums.negatives, b * GRID + (grid[row] as number), 1);
    add(sums.rows, b, 1);
    add(sums.loss, b, lossOf(y, score));
    add(sums.square, b, squareOf(y, score));
    const bin = b * CALIBRATION_BINS + calibrationBin(score);
    add(sums.predicted, bin, score);
    add(sums.observed, bin, y);
    add(sums.binRows, bin, 1);
  }
  return sums;
}

/** The step of the grid of each score: equal scores share one. */
function gridOf(scores: Float64Array): Uint16Array {
  const sorted = Float64Array.from(scores).sort();
  const edges = new Float64Array(GRID - 1);
  for (let i = 1; i < GRID; i++) edges[i - 1] = sorted[Math.min(sorted.length - 1, Math.floor((i * sorted.length) / GRID))] ?? 0;
  return Uint16Array.from(scores, (score) => upperBound(edges, score));
}

/** How many edges are at most the value. */
function upperBound(edges: Float64Array, value: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((edges[middle] as number) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

const add = (sums: Float64Array, at: number, value: number): void => void (sums[at] = (sums[at] as number) + value);
