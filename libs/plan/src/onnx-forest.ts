import { type OnnxGraph, tensor, type Value } from '@millrace/onnx';
import type { Tree } from './expression.js';

const DOUBLE = 11;

/** The sum of the leaves of trees over doubles [N, k] as [N, 1]: a TreeEnsembleRegressor of ai.onnx.ml 3 compares doubles and adds in float32, which is exact for such leaves. */
export function onnxForest(graph: OnnxGraph, numbers: Value, trees: readonly Tree[]): Value {
  const nodes = trees.flatMap(({ feature, threshold, yes, no }, tree) => feature.map((at, id) => ({ tree, id, at, value: threshold[id] ?? 0, yes: yes[id] ?? 0, no: no[id] ?? 0 })));
  const leaves = nodes.filter(({ at }) => at < 0);
  const sums = graph.ml('TreeEnsembleRegressor', [numbers], {
    n_targets: { int: 1 },
    aggregate_function: { string: 'SUM' },
    post_transform: { string: 'NONE' },
    nodes_treeids: { ints: nodes.map(({ tree }) => tree) },
    nodes_nodeids: { ints: nodes.map(({ id }) => id) },
    nodes_modes: { strings: nodes.map(({ at }) => (at < 0 ? 'LEAF' : 'BRANCH_LT')) },
    nodes_featureids: { ints: nodes.map(({ at }) => Math.max(0, at)) },
    nodes_values_as_tensor: { tensor: tensor.double(nodes.map(({ at, value }) => (at < 0 ? 0 : value))) },
    nodes_missing_value_tracks_true: { ints: nodes.map(() => 0) },
    nodes_truenodeids: { ints: nodes.map(({ at, yes }) => (at < 0 ? 0 : yes)) },
    nodes_falsenodeids: { ints: nodes.map(({ at, no }) => (at < 0 ? 0 : no)) },
    target_treeids: { ints: leaves.map(({ tree }) => tree) },
    target_nodeids: { ints: leaves.map(({ id }) => id) },
    target_ids: { ints: leaves.map(() => 0) },
    target_weights_as_tensor: { tensor: tensor.double(leaves.map(({ value }) => value)) },
  });
  return graph.op('Cast', [sums], { to: { int: DOUBLE } });
}
