import { seededRandom } from '@millrace/core';
import type { TrainingData } from '../estimator.js';
import { smote } from './smote.js';
import { keptRows, smallerClass, withRows } from './training-rows.js';

/** How training rows are balanced. `to` is rows of the smaller class for each of the larger one. */
export type ResampleParams =
  | { readonly by: 'oversample' | 'undersample'; readonly to: number; readonly seed: number }
  | { readonly by: 'smote'; readonly to: number; readonly seed: number; readonly neighbours: number }
  | { readonly by: 'weights'; readonly classes: 'balanced' | ClassWeights };

/** What a row of each class counts for. */
export interface ClassWeights {
  readonly zero: number;
  readonly one: number;
}

/**
 * Training rows with another balance of classes. Draws come from one seeded stream in the order of the rows, so that the same rows, parameters and
 * seed give the same result on any number of threads. Rows that are balanced enough stay as they are. Nothing else may be given than training rows.
 */
export async function resample(data: TrainingData, params: ResampleParams, { signal }: { readonly signal?: AbortSignal } = {}): Promise<TrainingData> {
  switch (params.by) {
    case 'oversample':
      return oversample(data, params);
    case 'undersample':
      return undersample(data, params);
    case 'smote':
      return smote(data, params, signal ? { signal } : {});
    case 'weights':
      return weighted(data, params.classes);
  }
}

/** How many times larger the odds of 1 are in the second data than in the first. */
export const oddsRatio = (before: TrainingData, after: TrainingData): number => oddsOf(after) / oddsOf(before);

function oddsOf({ target, weights }: TrainingData): number {
  let [zeros, ones] = [0, 0];
  target.forEach((value, row) => (value === 1 ? (ones += weights?.[row] ?? 1) : (zeros += weights?.[row] ?? 1)));
  return ones / zeros;
}

/** Rows of the smaller class again, drawn with replacement, after all others. */
function oversample(data: TrainingData, { to, seed }: { readonly to: number; readonly seed: number }): TrainingData {
  const { smaller, larger } = smallerClass(data);
  const random = seededRandom(seed);
  const again = Array.from({ length: Math.max(0, Math.floor(to * larger.length) - smaller.length) }, () => smaller[Math.floor(random() * smaller.length)] ?? 0);
  return again.length === 0 ? data : withRows(data, [...data.target.keys(), ...again]);
}

/** Rows of the larger class are left out, drawn without replacement; those that stay keep their order. */
function undersample(data: TrainingData, { to, seed }: { readonly to: number; readonly seed: number }): TrainingData {
  const { smaller, larger } = smallerClass(data);
  const most = Math.floor(smaller.length / to);
  if (most >= larger.length) return data;
  const kept = new Set([...smaller, ...keptRows(larger, most, seededRandom(seed))]);
  return withRows(data, [...data.target.keys()].filter((row) => kept.has(row)));
}

/** Balanced: both classes count for as much as half of the rows. */
function weighted(data: TrainingData, classes: 'balanced' | ClassWeights): TrainingData {
  const ones = data.target.reduce((sum, value) => sum + value, 0);
  const { zero, one } = classes === 'balanced' ? { zero: data.rows / (2 * (data.rows - ones)), one: data.rows / (2 * ones) } : classes;
  return { ...data, weights: Float64Array.from(data.target, (value, row) => (data.weights?.[row] ?? 1) * (value === 1 ? one : zero)) };
}
