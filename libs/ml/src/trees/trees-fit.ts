import { setImmediate } from 'node:timers/promises';
import { findEdges } from './bin-edges.js';
import { fillMemory, GrowMemory } from './grow-memory.js';
import { planGrowth } from './grow-plan.js';
import { compileKernels, linkKernels } from './kernels.js';
import { ModelBuilder } from './model-builder.js';
import { binRows } from './row-binner.js';
import { growInTeam } from './thread-team.js';
import { TreeGrower } from './tree-grower.js';
import { checkTreesData, type FitTreesOptions, positivesOf, type TreesData } from './trees-data.js';
import type { TreesModel } from './trees-model.js';
import { checkTreesParams, type TreesParams } from './trees-params.js';

/**
 * Boosts trees under binary logistic loss, leaf by leaf over binned features (Friedman 2001; LightGBM, Ke et al. 2017),
 * with gradients rounded to integers (Shi et al. 2022). The model depends on data and params alone, not on threads.
 * Throws the signal's reason when it is aborted, and TREES_PARAM, TREES_SHAPE, TREES_TARGET or TREES_MEMORY for what cannot be trained.
 */
export async function fitTrees(data: TreesData, params: TreesParams, options: FitTreesOptions = {}): Promise<TreesModel> {
  const { threads = 1, signal } = options;
  checkTreesParams(params, threads);
  checkTreesData(data);
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
  const part = { plan, memory, kernels: linkKernels(compileKernels(plan), memory.wasm), thread: 0 };
  binRows(part, data.features);
  const grower = new TreeGrower(part);
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
