import { canonicalJson } from '@millrace/core';
import { tensor } from '@millrace/onnx';
import type { Model } from '../estimator.js';
import { digestOf } from '../estimators/model-bytes.js';

/**
 * A model that was fitted on rows with `ratio` times the odds of 1, with its probabilities put back to the odds that there were before
 * (Elkan 2001; Saerens et al. 2002): p / (p + (1 − p) × ratio). It keeps the order of all scores, and the bits of graph and predict alike.
 */
export function withOdds(model: Model, ratio: number): Model {
  if (ratio === 1) return model;
  const bytes = Buffer.concat([Buffer.from(`${canonicalJson({ format: 'millrace-odds/1', ratio })}\n`), model.toBytes()]);
  return {
    estimator: model.estimator,
    predict: (features) => model.predict(features).map((p) => p / (p + (1 - p) * ratio)),
    toOnnx: (graph, features) => {
      const p = model.toOnnx(graph, features);
      const double = (value: number) => graph.constant(tensor.double([value]));
      const rest = graph.op('Mul', [graph.op('Sub', [double(1), p]), double(ratio)]);
      return graph.op('Div', [p, graph.op('Add', [p, rest])]);
    },
    toBytes: () => bytes,
    digest: digestOf(bytes),
    importance: () => model.importance(),
  };
}
