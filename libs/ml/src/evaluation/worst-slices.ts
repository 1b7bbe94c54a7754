import { auc, lossOf } from './metrics.js';
import type { Estimate } from './evaluate-models.js';

/** One sub-population in which a model does badly. */
export interface Slice {
  readonly column: string;
  readonly value: string;
  readonly rows: number;
  readonly metrics: readonly Estimate[];
}

/** What is cut, and how finely. */
export interface SliceInput {
  readonly target: Uint8Array;
  readonly scores: Float64Array;
  readonly columns: readonly { readonly name: string; readonly values: readonly string[] }[];
  /** Smaller slices are left out: their figures are noise. */
  readonly minRows: number;
  readonly most?: number;
}

const MOST = 5;
/** Of a normal distribution, 95 % lie within so many standard deviations. */
const Z = 1.959963984540054;

/** The slices with the largest log loss, worst first, with normal intervals; the AUC's by Hanley and McNeil (1982). */
export function worstSlices({ target, scores, columns, minRows, most = MOST }: SliceInput): readonly Slice[] {
  const slices: Slice[] = [];
  for (const { name, values } of columns) {
    const members = new Map<string, number[]>();
    values.forEach((value, row) => {
      const rows = members.get(value);
      if (rows) rows.push(row);
      else members.set(value, [row]);
    });
    for (const [value, rows] of members) if (rows.length >= minRows) slices.push({ column: name, value, rows: rows.length, metrics: figuresOf(rows, target, scores) });
  }
  const loss = (slice: Slice): number => slice.metrics[0]?.value ?? 0;
  return slices.sort((a, b) => loss(b) - loss(a) || (a.value < b.value ? -1 : 1)).slice(0, most);
}

function figuresOf(rows: readonly number[], target: Uint8Array, scores: Float64Array): readonly Estimate[] {
  const y = Uint8Array.from(rows, (row) => target[row] as number);
  const p = Float64Array.from(rows, (row) => scores[row] as number);
  const losses = Float64Array.from(p, (score, i) => lossOf(y[i] as number, score));
  const mean = losses.reduce((sum, loss) => sum + loss, 0) / rows.length;
  const variance = losses.reduce((sum, loss) => sum + (loss - mean) ** 2, 0) / Math.max(1, rows.length - 1);
  const area = auc(y, p);
  const positives = y.reduce((sum, value) => sum + value, 0);
  return [around('log_loss', mean, Math.sqrt(variance / rows.length)), around('auc', area, aucError(area, positives, rows.length - positives))];
}

/** Standard error of an AUC (Hanley and McNeil 1982). */
export function aucError(area: number, positives: number, negatives: number): number {
  const q1 = area / (2 - area);
  const q2 = (2 * area ** 2) / (1 + area);
  return Math.sqrt((area * (1 - area) + (positives - 1) * (q1 - area ** 2) + (negatives - 1) * (q2 - area ** 2)) / (positives * negatives));
}

/** A figure with the interval of a normal distribution around it. */
export const around = (metric: Estimate['metric'], value: number, error: number): Estimate => ({ metric, value, low: value - Z * error, high: value + Z * error });
