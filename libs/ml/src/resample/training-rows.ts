import type { TrainingData } from '../estimator.js';

/** The rows of both classes, in their order; of classes of one size, 1 is the smaller. */
export function smallerClass({ target }: TrainingData): { readonly smaller: readonly number[]; readonly larger: readonly number[]; readonly value: 0 | 1 } {
  const zeros: number[] = [];
  const ones: number[] = [];
  target.forEach((value, row) => (value === 1 ? ones : zeros).push(row));
  return ones.length <= zeros.length ? { smaller: ones, larger: zeros, value: 1 } : { smaller: zeros, larger: ones, value: 0 };
}

/** Some of the rows, each at most once: the beginning of a shuffle (Fisher and Yates). */
export function keptRows(rows: readonly number[], count: number, random: () => number): readonly number[] {
  const pool = [...rows];
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(random() * (pool.length - i));
    [pool[i], pool[j]] = [pool[j] ?? 0, pool[i] ?? 0];
  }
  return pool.slice(0, count);
}

/** The data with these rows, as often and in the order as they are named. */
export function withRows({ features, names, target, weights }: TrainingData, rows: readonly number[]): TrainingData {
  const k = names.length;
  const chosen = new Float32Array(rows.length * k);
  rows.forEach((row, i) => chosen.set(features.subarray(row * k, row * k + k), i * k));
  return {
    features: chosen,
    rows: rows.length,
    names,
    target: Uint8Array.from(rows, (row) => target[row] ?? 0),
    ...(weights ? { weights: Float64Array.from(rows, (row) => weights[row] ?? 1) } : {}),
  };
}
