import { type Attributes, type OnnxGraph, tensor, type Value } from '@millrace/onnx';
import type { TreesModel } from './trees-model.js';

const DOUBLE = 11;

/**
 * Adds the trees to a graph: float features [N, k] in, the margin of each row out, as double [N].
 * A float TreeEnsembleRegressor (ai.onnx.ml 3) adds the leaf values, which is exact in any order, and the base is added in
 * double: ONNX Runtime gives the bits of `predictTrees`, for one row and for many.
 */
export function treesToOnnx(model: TreesModel, graph: OnnxGraph, features: Value): Value {
  const sums = graph.ml('TreeEnsembleRegressor', [features], ensemble(model));
  const flat = graph.op('Squeeze', [sums, graph.constant(tensor.int64([1]))]);
  return graph.op('Add', [graph.op('Cast', [flat], { to: { int: DOUBLE } }), graph.constant(tensor.double([model.base]))]);
}

function ensemble(model: TreesModel): Attributes {
  const nodes = Array.from(indexNodes(model));
  const leaves = nodes.filter(({ leaf }) => leaf);
  return {
    n_targets: { int: 1 },
    aggregate_function: { string: 'SUM' },
    post_transform: { string: 'NONE' },
    nodes_treeids: { ints: nodes.map(({ tree }) => tree) },
    nodes_nodeids: { ints: nodes.map(({ id }) => id) },
    nodes_modes: { strings: nodes.map(({ leaf }) => (leaf ? 'LEAF' : 'BRANCH_LEQ')) },
    nodes_featureids: { ints: nodes.map(({ feature }) => feature) },
    nodes_values: { floats: nodes.map(({ threshold }) => threshold) },
    nodes_missing_value_tracks_true: { ints: nodes.map(({ missingLeft }) => missingLeft) },
    nodes_truenodeids: { ints: nodes.map(({ left }) => left) },
    nodes_falsenodeids: { ints: nodes.map(({ right }) => right) },
    target_treeids: { ints: leaves.map(({ tree }) => tree) },
    target_nodeids: { ints: leaves.map(({ id }) => id) },
    target_ids: { ints: leaves.map(() => 0) },
    target_weights: { floats: leaves.map(({ value }) => value) },
  };
}

interface Node {
  readonly tree: number;
  /** Counted within the tree. */
  readonly id: number;
  readonly leaf: boolean;
  readonly feature: number;
  readonly threshold: number;
  readonly missingLeft: number;
  readonly left: number;
  readonly right: number;
  readonly value: number;
}

function* indexNodes(model: TreesModel): Generator<Node> {
  for (const [tree, root] of model.roots.entries()) {
    const end = model.roots[tree + 1] ?? model.feature.length;
    for (let node = root; node < end; node++) {
      const leaf = (model.feature[node] ?? -1) < 0;
      const child = (index: number | undefined) => (leaf ? 0 : (index ?? root) - root);
      yield {
        tree,
        id: node - root,
        leaf,
        feature: Math.max(0, model.feature[node] ?? 0),
        threshold: model.threshold[node] ?? 0,
        missingLeft: model.missingLeft[node] ?? 0,
        left: child(model.left[node]),
        right: child(model.right[node]),
        value: model.value[node] ?? 0,
      };
    }
  }
  // The operator wants a tree; one leaf of 0 stands for a model that found no split.
  if (model.roots.length === 0) yield { tree: 0, id: 0, leaf: true, feature: 0, threshold: 0, missingLeft: 0, left: 0, right: 0, value: 0 };
}
