import { canonicalJson } from '@millrace/core';
import { tensor } from '@millrace/onnx';
import { z } from 'zod';
import type { Estimator } from '../estimator.js';
import { digestOf } from './model-bytes.js';

/** Says the share of 1 in training, whatever it is asked: what every model must beat. */
export const dummy: Estimator<Record<string, never>> = {
  name: 'dummy',
  takesWeights: true,
  params: z.strictObject({}),
  async fit({ target, names, weights }) {
    const weightOf = (row: number): number => weights?.[row] ?? 1;
    const share = target.reduce((sum, value, row) => sum + value * weightOf(row), 0) / target.reduce((sum, _, row) => sum + weightOf(row), 0);
    const bytes = Buffer.from(canonicalJson({ estimator: 'dummy', share }));
    return {
      estimator: 'dummy',
      predict: (features) => new Float64Array(features.length / names.length).fill(share),
      toOnnx: (graph, features) => graph.op('Expand', [graph.constant(tensor.double([share])), graph.op('Shape', [features], { start: { int: 0 }, end: { int: 1 } })]),
      toBytes: () => bytes,
      digest: digestOf(bytes),
      importance: () => [],
    };
  },
};
