import { errors } from './errors.js';

/** How boosted trees are grown; the same values with the same data give the same model, on any number of threads. */
export interface TreesParams {
  /** Rounds of boosting; growing ends earlier when no split helps. */
  readonly trees: number;
  /** Most leaves of a tree. */
  readonly leaves: number;
  /** What a tree's leaf values are multiplied by. */
  readonly rate: number;
  /** Least rows of a leaf, estimated from the share of the hessian while a split is searched. */
  readonly minRows: number;
  /** Added to the hessian sum of a leaf. */
  readonly l2: number;
  /** Most bins of a feature; missing values have one more. */
  readonly bins: number;
  /** Seed of the stochastic rounding of gradients. */
  readonly seed: number;
  /** Most edges between the root and a leaf; without it only `leaves` bounds a tree. */
  readonly maxDepth?: number;
}

/** The values that LightGBM also starts from, with an L2 of 1. */
export const DEFAULT_TREES: TreesParams = { trees: 100, leaves: 31, rate: 0.1, minRows: 20, l2: 1, bins: 255, seed: 1 };

export const MAX_TREES = 10_000;
export const MAX_LEAVES = 4_096;
export const MAX_BINS = 255;
export const MAX_THREADS = 64;

/** Throws TREES_PARAM for the first value outside its range. */
export function checkTreesParams(params: TreesParams, threads: number): void {
  whole('trees', params.trees, 1, MAX_TREES);
  whole('leaves', params.leaves, 2, MAX_LEAVES);
  real('rate', params.rate, { above: 0, max: 10 });
  whole('minRows', params.minRows, 1, 2 ** 31 - 1);
  real('l2', params.l2, { min: 0, max: 1e9 });
  whole('bins', params.bins, 2, MAX_BINS);
  whole('seed', params.seed, 0, 2 ** 32 - 1);
  if (params.maxDepth !== undefined) whole('maxDepth', params.maxDepth, 1, MAX_LEAVES);
  whole('threads', threads, 1, MAX_THREADS);
}

function whole(name: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max) throw errors.TREES_PARAM({ name, value: String(value), rule: `a whole number from ${min} to ${max}` });
}

function real(name: string, value: number, { above = -Infinity, min = above, max }: { above?: number; min?: number; max: number }): void {
  const rule = above === min ? `a number above ${above} and at most ${max}` : `a number from ${min} to ${max}`;
  if (!(value > above && value >= min && value <= max)) throw errors.TREES_PARAM({ name, value: String(value), rule });
}
