import { errors } from '../errors.js';
import { seededRandom } from '@millrace/core';
import { blockSums } from './block-sums.js';
import { auc, CALIBRATION_BINS, isMoreBetter, METRICS, type Metric } from './metrics.js';
import { drawBlocks, type Figures, weightedFigures } from './resample.js';

/** A figure with its 95 % interval. */
export interface Estimate {
  readonly metric: Metric;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** How much better a model is than another on the same rows; positive means better. */
export interface Difference {
  readonly baseline: string;
  readonly difference: Estimate;
}

/** One bin of the reliability table: mean prediction and share of 1. */
export interface CalibrationBin {
  readonly predicted: number;
  readonly observed: number;
  readonly rows: number;
}

/** One model's figures. */
export interface ModelReport {
  readonly name: string;
  readonly metrics: readonly Estimate[];
  /** Against every model that stands before it. */
  readonly differences: readonly Difference[];
  readonly calibration: readonly CalibrationBin[];
}

/** Rows and their models. */
export interface EvaluationInput {
  readonly target: Uint8Array;
  readonly models: readonly { readonly name: string; readonly scores: Float64Array }[];
  /** Rows of one block, such as a day, are drawn together: they are not independent of each other. */
  readonly block: Int32Array;
  readonly resamples?: number;
  readonly seed?: number;
}

const RESAMPLES = 400;
const TAIL = 0.025;

/**
 * Judges models on the same rows: figures with percentile intervals of a paired block bootstrap (Efron 1979; Künsch 1989): every resample draws
 * the same blocks for all models. Point values are exact; a resampled AUC is that of scores on a grid of 2,048 ranks, moved by what the grid changes at the point.
 */
export function evaluateModels({ target, models, block, resamples = RESAMPLES, seed = 0 }: EvaluationInput): readonly ModelReport[] {
  for (const { name, scores } of models) if (scores.length !== target.length) throw errors.ROWS_UNEVEN({ what: name, rows: String(scores.length), expected: String(target.length) });
  if (block.length !== target.length) throw errors.ROWS_UNEVEN({ what: 'the list of blocks', rows: String(block.length), expected: String(target.length) });
  const { codes, count } = encode(block);
  const sums = models.map(({ scores }) => blockSums(target, scores, { block: codes, blocks: count }));
  const once = new Uint32Array(count).fill(1);
  const onGrid = sums.map((each) => weightedFigures(each, once));
  const points = models.map(({ scores }, i): Figures => ({ ...(onGrid[i] as Figures), auc: auc(target, scores) }));
  const random = seededRandom(seed);
  const drawn = Array.from({ length: resamples }, () => {
    const weights = drawBlocks(count, random);
    return sums.map((each) => weightedFigures(each, weights));
  });
  // How far the grid moves a figure at the point, it moves it in the resamples too.
  const shift = (model: number, metric: Metric): number => (points[model]?.[metric] ?? 0) - (onGrid[model]?.[metric] ?? 0);
  const values = (model: number, metric: Metric): number[] => drawn.map((figures) => (figures[model]?.[metric] ?? Number.NaN) + shift(model, metric));
  return models.map(({ name }, model) => ({
    name,
    metrics: METRICS.map((metric) => estimate(metric, points[model]?.[metric] ?? Number.NaN, values(model, metric))),
    differences: models.slice(0, model).flatMap(({ name: baseline }, other) =>
      METRICS.map((metric) => {
        const sign = isMoreBetter(metric) ? 1 : -1;
        const [own, their] = [values(model, metric), values(other, metric)];
        const value = sign * ((points[model]?.[metric] ?? Number.NaN) - (points[other]?.[metric] ?? Number.NaN));
        return { baseline, difference: estimate(metric, value, own.map((each, i) => sign * (each - (their[i] ?? Number.NaN)))) };
      }),
    ),
    calibration: calibrationOf(target, models[model]?.scores ?? new Float64Array()),
  }));
}

function estimate(metric: Metric, value: number, resampled: readonly number[]): Estimate {
  const sorted = resampled.filter((each) => !Number.isNaN(each)).sort((a, b) => a - b);
  return { metric, value, low: quantile(sorted, TAIL), high: quantile(sorted, 1 - TAIL) };
}

/** Between the two nearest, in proportion. */
function quantile(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}

/** The reliability table of a model; bins without rows are left out. */
export function calibrationOf(target: Uint8Array, scores: Float64Array): readonly CalibrationBin[] {
  const { predicted, observed, binRows } = blockSums(target, scores, { block: new Int32Array(scores.length), blocks: 1 });
  return Array.from({ length: CALIBRATION_BINS }, (_, bin) => ({ predicted: (predicted[bin] ?? 0) / (binRows[bin] ?? 0), observed: (observed[bin] ?? 0) / (binRows[bin] ?? 0), rows: binRows[bin] ?? 0 })).filter(({ rows }) => rows > 0);
}

/** Blocks counted from 0 in the order of their first rows. */
function encode(block: Int32Array): { readonly codes: Int32Array; readonly count: number } {
  const seen = new Map<number, number>();
  const codes = block.map((value) => {
    const known = seen.get(value);
    if (known !== undefined) return known;
    seen.set(value, seen.size);
    return seen.size - 1;
  });
  return { codes, count: seen.size };
}
