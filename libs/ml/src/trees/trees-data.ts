import { errors } from './errors.js';

/** Rows to learn from: a row-major rows x k matrix with NaN for missing values, and 0 or 1 for each row. */
export interface TreesData {
  readonly features: Float32Array;
  readonly rows: number;
  readonly k: number;
  readonly target: Uint8Array;
}

export interface FitTreesOptions {
  /** Threads beyond 1 are workers, and the calling thread stays free. */
  readonly threads?: number;
  readonly signal?: AbortSignal;
  /** Called after each tree with how many there are, and how many there will be at most. */
  readonly onRound?: (done: number, total: number) => void;
}

/** Most features of a row: each is unrolled into the code of the histogram kernels. */
export const MAX_FEATURES = 4_096;

/** How many targets are 1. */
export const positivesOf = (target: Uint8Array): number => target.reduce((sum, value) => sum + value, 0);

/** Throws TREES_SHAPE or TREES_TARGET for data that do not fit together. */
export function checkTreesData({ features, rows, k, target }: TreesData): void {
  const shape = (name: string, length: number, expected: string) => errors.TREES_SHAPE({ name, length: String(length), expected });
  if (!Number.isInteger(rows) || rows < 1 || rows >= 2 ** 31) throw shape('rows', rows, 'a whole number from 1 to 2147483647');
  if (!Number.isInteger(k) || k < 1 || k > MAX_FEATURES) throw shape('feature names', k, `from 1 to ${MAX_FEATURES}`);
  if (features.length !== rows * k) throw shape('features', features.length, `${rows} rows of ${k}, ${rows * k}`);
  if (target.length !== rows) throw shape('target', target.length, String(rows));
  const row = target.findIndex((value) => value > 1);
  if (row >= 0) throw errors.TREES_TARGET({ row: String(row), value: String(target[row]) });
}
