import { auc, lossOf } from './metrics.js';
import type { Estimate } from './evaluate-models.js';

/** A share with its 95 % interval. */
export interface Share {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** One sub-population, and how a model does in it. */
export interface Slice {
  readonly column: string;
  readonly value: string;
  readonly rows: number;
  /** Log loss, and the AUC where both classes are there. */
  readonly metrics: readonly Estimate[];
  /** Mean score. */
  readonly predicted: number;
  /** Share of 1, with the interval of Wilson (1927), which holds near 0 and 1 and in few rows too. */
  readonly observed: Share;
}

/** What is cut, and how finely. */
export interface SliceInput {
  readonly target: Uint8Array;
  readonly scores: Float64Array;
  readonly columns: readonly { readonly name: string; readonly values: readonly string[] }[];
  /** Smaller slices are left out: their figures are noise. */
  readonly minRows: number;
}

/** Of a normal distribution, 95 % lie within so many standard deviations. */
const Z = 1.959963984540054;

/**
 * The slices of each column, largest first, with intervals that need no resamples: the log loss is a mean and has a normal one, the AUC's is that of Hanley and
 * McNeil (1982). They take rows for independent; where rows of a day share their luck, they are narrower than those of a whole evaluation, whose blocks are drawn.
 */
export function slicesOf({ target, scores, columns, minRows }: SliceInput): readonly Slice[] {
  return columns.flatMap(({ name, values }) => {
    const members = new Map<string, number[]>();
    values.forEach((value, row) => {
      const rows = members.get(value);
      if (rows) rows.push(row);
      else members.set(value, [row]);
    });
    return [...members]
      .filter(([, rows]) => rows.length >= minRows)
      .sort(([a, left], [b, right]) => right.length - left.length || (a < b ? -1 : 1))
      .map(([value, rows]) => ({ column: name, value, rows: rows.length, ...figuresOf(rows, target, scores) }));
  });
}

function figuresOf(rows: readonly number[], target: Uint8Array, scores: Float64Array): Pick<Slice, 'metrics' | 'predicted' | 'observed'> {
  const y = Uint8Array.from(rows, (row) => target[row] as number);
  const p = Float64Array.from(rows, (row) => scores[row] as number);
  const losses = Float64Array.from(p, (score, i) => lossOf(y[i] as number, score));
  const mean = losses.reduce((sum, loss) => sum + loss, 0) / rows.length;
  const variance = losses.reduce((sum, loss) => sum + (loss - mean) ** 2, 0) / Math.max(1, rows.length - 1);
  const area = auc(y, p);
  const positives = y.reduce((sum, value) => sum + value, 0);
  return {
    metrics: [around('log_loss', mean, Math.sqrt(variance / rows.length)), ...(Number.isNaN(area) ? [] : [around('auc', area, aucError(area, positives, rows.length - positives))])],
    predicted: p.reduce((sum, score) => sum + score, 0) / rows.length,
    observed: wilson(positives, rows.length),
  };
}

/** Standard error of an AUC (Hanley and McNeil 1982). */
export function aucError(area: number, positives: number, negatives: number): number {
  const q1 = area / (2 - area);
  const q2 = (2 * area ** 2) / (1 + area);
  return Math.sqrt((area * (1 - area) + (positives - 1) * (q1 - area ** 2) + (negatives - 1) * (q2 - area ** 2)) / (positives * negatives));
}

/** A figure with the interval of a normal distribution around it. */
export const around = (metric: Estimate['metric'], value: number, error: number): Estimate => ({ metric, value, low: value - Z * error, high: value + Z * error });

/** A share of rows with its score interval (Wilson 1927); it never leaves 0 to 1. */
export function wilson(ones: number, rows: number): Share {
  const value = ones / rows;
  const squeeze = 1 + Z ** 2 / rows;
  const middle = (value + Z ** 2 / (2 * rows)) / squeeze;
  const half = (Z * Math.sqrt((value * (1 - value)) / rows + Z ** 2 / (4 * rows ** 2))) / squeeze;
  return { value, low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}
