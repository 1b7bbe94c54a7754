import { z } from 'zod';
import type { Estimator } from '../estimator.js';
import { exactSigmoid, exactSigmoidToOnnx } from '../exact-sigmoid.js';
import { DEFAULT_TREES, fitTrees, predictTrees, treesDigest, treesToBytes, treesToOnnx } from '../trees/trees.js';

const params = z.strictObject({
  trees: z.number().int().min(1).max(10_000).default(DEFAULT_TREES.trees),
  leaves: z.number().int().min(2).max(4_096).default(DEFAULT_TREES.leaves),
  rate: z.number().positive().max(10).default(DEFAULT_TREES.rate),
  minRows: z.number().int().min(1).default(DEFAULT_TREES.minRows),
  l2: z.number().min(0).default(DEFAULT_TREES.l2),
  bins: z.number().int().min(2).max(255).default(DEFAULT_TREES.bins),
  seed: z.number().int().min(0).default(DEFAULT_TREES.seed),
  maxDepth: z.number().int().min(1).optional(),
});
type Params = z.infer<typeof params>;

/** Histogram gradient-boosted trees for a probability (Friedman 2001; histograms as in LightGBM, Ke et al. 2017). */
export const trees: Estimator<Params> = {
  name: 'trees',
  params,
  async fit({ features, rows, names, target }, { maxDepth, ...given }, { threads = 1, signal, onProgress } = {}) {
    const model = await fitTrees({ features, rows, k: names.length, target }, { ...given, ...(maxDepth === undefined ? {} : { maxDepth }) }, { threads, ...(signal ? { signal } : {}), ...(onProgress ? { onRound: onProgress } : {}) });
    return {
      estimator: 'trees',
      predict: (rowsOfFeatures) => predictTrees(model, rowsOfFeatures).map(exactSigmoid),
      toOnnx: (graph, value) => exactSigmoidToOnnx(graph, treesToOnnx(model, graph, value)),
      toBytes: () => treesToBytes(model),
      digest: treesDigest(model),
      importance: () => names.map((feature, i) => ({ feature, gain: model.gain[i] ?? 0 })).sort((a, b) => b.gain - a.gain),
    };
  },
};
