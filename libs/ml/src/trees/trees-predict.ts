import { errors } from './errors.js';
import type { TreesModel } from './trees-model.js';

/** Rows that are walked through one tree before the next, so that a tree's nodes stay in the cache. */
const BLOCK = 256;

/**
 * The margin (log-odds) of each row of a row-major matrix: the leaf values of the trees in their order, summed from 0,
 * plus the base. The same doubles as the graph of `treesToOnnx` gives, row by row or in batches.
 */
export function predictTrees(model: TreesModel, features: Float32Array): Float64Array {
  const rows = features.length / model.features;
  if (!Number.isInteger(rows)) throw errors.TREES_SHAPE({ name: 'features', length: String(features.length), expected: `a multiple of ${model.features}` });
  const margins = new Float64Array(rows);
  for (let from = 0; from < rows; from += BLOCK) {
    const to = Math.min(rows, from + BLOCK);
    for (const root of model.roots) addTree(model, root, { features, margins, from, to });
    for (let row = from; row < to; row++) margins[row] = model.base + (margins[row] ?? 0);
  }
  return margins;
}

interface Block {
  readonly features: Float32Array;
  readonly margins: Float64Array;
  readonly from: number;
  readonly to: number;
}

function addTree(model: TreesModel, root: number, { features, margins, from, to }: Block): void {
  const { feature, threshold, missingLeft, left, right, value } = model;
  for (let row = from; row < to; row++) {
    let node = root;
    let asked = feature[node] ?? -1;
    while (asked >= 0) {
      const x = features[row * model.features + asked] ?? Number.NaN;
      const goesLeft = x !== x ? missingLeft[node] === 1 : x <= (threshold[node] ?? 0);
      node = (goesLeft ? left[node] : right[node]) ?? -1;
      asked = feature[node] ?? -1;
    }
    margins[row] = (margins[row] ?? 0) + (value[node] ?? 0);
  }
}
