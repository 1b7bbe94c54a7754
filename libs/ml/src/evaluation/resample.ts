import { type BlockSums, GRID } from './block-sums.js';
import { CALIBRATION_BINS, calibrationError, type Metric } from './metrics.js';

/** The figures of one resample. */
export type Figures = Readonly<Record<Metric, number>>;

/** The figures of a model when each block counts so many times; the AUC is that of scores rounded to the grid. */
export function weightedFigures({ blocks, positives, negatives, rows, loss, square, predicted, observed, binRows }: BlockSums, weights: Uint32Array): Figures {
  const up = new Float64Array(GRID);
  const down = new Float64Array(GRID);
  const bins = { predicted: new Float64Array(CALIBRATION_BINS), observed: new Float64Array(CALIBRATION_BINS), rows: new Float64Array(CALIBRATION_BINS) };
  let [all, losses, squares] = [0, 0, 0];
  for (let block = 0; block < blocks; block++) {
    const weight = weights[block] as number;
    if (weight === 0) continue;
    accumulate(up, positives, block * GRID, weight);
    accumulate(down, negatives, block * GRID, weight);
    accumulate(bins.predicted, predicted, block * CALIBRATION_BINS, weight);
    accumulate(bins.observed, observed, block * CALIBRATION_BINS, weight);
    accumulate(bins.rows, binRows, block * CALIBRATION_BINS, weight);
    all += weight * (rows[block] as number);
    losses += weight * (loss[block] as number);
    squares += weight * (square[block] as number);
  }
  return { auc: gridAuc(up, down), log_loss: losses / all, brier: squares / all, ece: calibrationError(bins.predicted, bins.observed, bins.rows) };
}

/** Area under the ROC curve of counts by rising score; within a step half of the pairs count. */
export function gridAuc(positives: ArrayLike<number>, negatives: ArrayLike<number>): number {
  let [below, pairs, ups, downs] = [0, 0, 0, 0];
  for (let i = 0; i < positives.length; i++) {
    const up = positives[i] as number;
    const down = negatives[i] as number;
    pairs += up * (below + down / 2);
    below += down;
    ups += up;
    downs += down;
  }
  return ups === 0 || downs === 0 ? Number.NaN : pairs / (ups * downs);
}

function accumulate(into: Float64Array, from: Float64Array, at: number, weight: number): void {
  for (let i = 0; i < into.length; i++) into[i] = (into[i] as number) + weight * (from[at + i] as number);
}

/** How often each block is drawn when as many are drawn as there are, with replacement. */
export function drawBlocks(blocks: number, random: () => number): Uint32Array {
  const weights = new Uint32Array(blocks);
  for (let i = 0; i < blocks; i++) {
    const block = Math.floor(random() * blocks);
    weights[block] = (weights[block] as number) + 1;
  }
  return weights;
}
