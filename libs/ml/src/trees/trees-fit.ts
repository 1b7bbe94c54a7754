import { setImmediate } from 'node:timers/promises';
import { findEdges } from './bin-edges.js';
import { errors } from './errors.js';
import { fillMemory, GrowMemory } from './grow-memory.js';
import { planGrowth } from './grow-plan.js';
import { compileKernels, linkKernels } from './kernels.js';
import { ModelBuilder } from './model-builder.js';
import { growInTeam } from './thread-team.js';
import { TreeGrower } from './tree-grower.js';
import type { TreesModel } from './trees-model.js';
import { checkTreesParams, type TreesParams } from './trees-params.js';

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

/**
 * Boosts trees under binary logistic loss, leaf by leaf over binned features (Friedman 2001; LightGBM, Ke et al. 2017),
 * with gradients rounded to integers (Shi et al. 2022). The model depends on data and params alone, not on threads.
 * Throws the signal's reason when it is aborted, and TREES_PARAM, TREES_SHAPE, TREES_TARGET or TREES_MEMORY for what cannot be trained.
 */
export async function fitTrees(data: TreesData, params: TreesParams, options: FitTreesOptions = {}): Promise<TreesModel> {
  const { threads = 1, signal } = options;
  checkTreesParams(params, threads);
  checkData(data);
  signal?.throwIfAborted();
  return threads === 1 ? growHere(data, params, options) : growInTeam(data, params, { ...options, threads });
}

async function growHere(data: TreesData, params: TreesParams, { signal, onRound }: FitTreesOptions): Promise<TreesModel> {
  const pause = async () => {
    await setImmediate();
    signal?.throwIfAborted();
  };
  const edges: Float32Array[] = [];
  for (let feature = 0; feature < data.k; feature++) {
    edges.push(findEdges(data, feature, params.bins));
    await pause();
  }
  const plan = planGrowth({ ...data, threads: 1, params, positives: positivesOf(data.target), edgeCounts: edges.map(({ length }) => length) });
  const memory = new GrowMemory(fillMemory(plan, edges, data.target));
  const grower = new TreeGrower(plan, memory, linkKernels(compileKernels(plan), memory.wasm), 0);
  grower.binRows(data.features);
  const builder = new ModelBuilder(plan.base, edges);
  for (let done = 1; done <= params.trees; done++) {
    await pause();
    const tree = grower.grow();
    if (tree === undefined) break;
    builder.add(tree);
    onRound?.(done, params.trees);
  }
  return builder.build();
}

/** How many targets are 1. */
export const positivesOf = (target: Uint8Array): number => target.reduce((sum, value) => sum + value, 0);

function checkData({ features, rows, k, target }: TreesData): void {
  const shape = (name: string, length: number, expected: string) => errors.TREES_SHAPE({ name, length: String(length), expected });
  if (!Number.isInteger(rows) || rows < 1 || rows >= 2 ** 31) throw shape('rows', rows, 'a whole number from 1 to 2147483647');
  if (!Number.isInteger(k) || k < 1 || k > MAX_FEATURES) throw shape('feature names', k, `from 1 to ${MAX_FEATURES}`);
  if (features.length !== rows * k) throw shape('features', features.length, `${rows} rows of ${k}, ${rows * k}`);
  if (target.length !== rows) throw shape('target', target.length, String(rows));
  const row = target.findIndex((value) => value > 1);
  if (row >= 0) throw errors.TREES_TARGET({ row: String(row), value: String(target[row]) });
}
