import { around, aucError } from '../evaluation/slices.js';
import type { Estimate } from '../evaluation/evaluate-models.js';
import { CALIBRATION_BINS, calibrationBin, calibrationError, lossOf, squareOf } from '../evaluation/metrics.js';
import { gridAuc } from '../evaluation/resample.js';
import { seededRandom } from '@millrace/core';

/** Steps of the score on which the AUC is counted. */
export const SCORE_STEPS = 1_000;
/** Losses are kept in whole billionths, so that their sums do not depend on the order of adding. */
const UNIT = 1e9;

/** Scores whose labels have come; sums of whole numbers, so summaries merge in any order. Plain JSON. */
export interface PerformanceSummary {
  rows: number;
  readonly positives: number[];
  readonly negatives: number[];
  /** Sums of losses and of their squares, in billionths. */
  loss: number;
  lossSquares: number;
  square: number;
  squareSquares: number;
  /** Sum of scores of each bin of the reliability table, in billionths. */
  readonly predicted: number[];
  readonly observed: number[];
  readonly binRows: number[];
}

const zeros = (length: number): number[] => new Array<number>(length).fill(0);

export const emptyPerformance = (): PerformanceSummary => ({
  rows: 0,
  positives: zeros(SCORE_STEPS),
  negatives: zeros(SCORE_STEPS),
  loss: 0,
  lossSquares: 0,
  square: 0,
  squareSquares: 0,
  predicted: zeros(CALIBRATION_BINS),
  observed: zeros(CALIBRATION_BINS),
  binRows: zeros(CALIBRATION_BINS),
});

/** Adds one score with what really happened. */
export function addOutcome(summary: PerformanceSummary, score: number, y: 0 | 1): void {
  const [loss, square] = [lossOf(y, score), squareOf(y, score)];
  const step = Math.min(SCORE_STEPS - 1, Math.max(0, Math.floor(score * SCORE_STEPS)));
  const bin = calibrationBin(score);
  summary.rows++;
  add(y === 1 ? summary.positives : summary.negatives, step, 1);
  summary.loss += whole(loss);
  summary.lossSquares += whole(loss ** 2);
  summary.square += whole(square);
  summary.squareSquares += whole(square ** 2);
  add(summary.predicted, bin, whole(score));
  add(summary.observed, bin, y);
  add(summary.binRows, bin, 1);
}

/** The same sums in lists of their own. */
export const copyPerformance = (summary: PerformanceSummary): PerformanceSummary => ({
  ...summary,
  positives: [...summary.positives],
  negatives: [...summary.negatives],
  predicted: [...summary.predicted],
  observed: [...summary.observed],
  binRows: [...summary.binRows],
});

/** Two summaries as one. */
export function mergePerformance(a: PerformanceSummary, b: PerformanceSummary): PerformanceSummary {
  const both = (x: readonly number[], y: readonly number[]): number[] => x.map((each, i) => each + (y[i] ?? 0));
  return {
    rows: a.rows + b.rows,
    positives: both(a.positives, b.positives),
    negatives: both(a.negatives, b.negatives),
    loss: a.loss + b.loss,
    lossSquares: a.lossSquares + b.lossSquares,
    square: a.square + b.square,
    squareSquares: a.squareSquares + b.squareSquares,
    predicted: both(a.predicted, b.predicted),
    observed: both(a.observed, b.observed),
    binRows: both(a.binRows, b.binRows),
  };
}

const RESAMPLES = 200;
const TAIL = 0.025;

/** Figures with 95 % intervals: AUC on a grid of 1,000 steps of score (Hanley and McNeil), means by their standard error, calibration error by a binomial bootstrap of its bins. */
export function performanceOf(summary: PerformanceSummary, seed = 0): readonly Estimate[] {
  const { rows, positives, negatives } = summary;
  if (rows === 0) return [];
  const area = gridAuc(positives, negatives);
  const ups = positives.reduce((sum, count) => sum + count, 0);
  const mean = (sum: number, squares: number, metric: Estimate['metric']): Estimate => {
    const value = sum / UNIT / rows;
    return around(metric, value, Math.sqrt(Math.max(0, squares / UNIT / rows - value ** 2) / rows));
  };
  const figures = [mean(summary.loss, summary.lossSquares, 'log_loss'), mean(summary.square, summary.squareSquares, 'brier'), calibration(summary, seed)];
  return Number.isNaN(area) ? figures : [around('auc', area, aucError(area, ups, rows - ups)), ...figures];
}

function calibration({ predicted, observed, binRows }: PerformanceSummary, seed: number): Estimate {
  const sums = predicted.map((sum) => sum / UNIT);
  const random = seededRandom(seed);
  const value = calibrationError(sums, observed, binRows);
  const drawn = Array.from({ length: RESAMPLES }, () => calibrationError(sums, observed.map((ones, bin) => binomial(binRows[bin] ?? 0, ones, random)), binRows)).sort((a, b) => a - b);
  return { metric: 'ece', value, low: Math.min(value, drawn[Math.floor(RESAMPLES * TAIL)] ?? value), high: Math.max(value, drawn[Math.ceil(RESAMPLES * (1 - TAIL)) - 1] ?? value) };
}

/** One draw of how many of `rows` are 1 when `ones` were, by the normal approximation. */
function binomial(rows: number, ones: number, random: () => number): number {
  if (rows === 0) return 0;
  const share = ones / rows;
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.min(rows, Math.max(0, ones + normal * Math.sqrt(rows * share * (1 - share))));
}

const whole = (value: number): number => Math.round(value * UNIT);
const add = (sums: number[], at: number, value: number): void => void (sums[at] = (sums[at] ?? 0) + value);
