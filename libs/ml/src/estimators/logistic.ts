import { canonicalJson } from '@millrace/core';
import { type OnnxGraph, tensor, type Value } from '@millrace/onnx';
import { z } from 'zod';
import { errors } from '../errors.js';
import type { Estimator, FitOptions, Model, TrainingData } from '../estimator.js';
import { exactSigmoid, exactSigmoidToOnnx } from '../exact-sigmoid.js';
import { solvePositive } from './cholesky.js';
import { digestOf } from './model-bytes.js';

const params = z.strictObject({
  /** Penalty on half the squared length of the weights; the intercept is free. */
  l2: z.number().min(0).default(1),
  steps: z.number().int().min(1).max(1_000).default(50),
});
type Params = z.infer<typeof params>;

/** Newton's method needs a matrix of features by features. */
export const MAX_FEATURES = 500;
/** Ended when the largest change of a weight is below this. */
const TOLERANCE = 1e-8;
const ROWS_A_TURN = 1 << 16;

/** Logistic regression with an L2 penalty by Newton's method (iteratively reweighted least squares): deterministic, one thread. */
export const logistic: Estimator<Params> = {
  name: 'logistic',
  params,
  takesWeights: true,
  async fit(data, { l2, steps }, options = {}) {
    checkFeatures(data);
    const k = data.names.length;
    let weights = new Float64Array(k + 1);
    for (let step = 0; step < steps; step++) {
      options.onProgress?.(step, steps);
      const change = await newtonStep(data, weights, { l2, options });
      weights = weights.map((weight, i) => weight + (change[i] ?? 0));
      if (Math.max(...change.map(Math.abs)) < TOLERANCE) break;
    }
    return modelOf(data.names, weights);
  },
};

function checkFeatures({ features, rows, names }: TrainingData): void {
  const k = names.length;
  if (k > MAX_FEATURES) throw errors.TOO_MANY_FEATURES({ estimator: 'logistic', limit: String(MAX_FEATURES), features: String(k) });
  const missing = new Array<number>(k).fill(0);
  for (let i = 0; i < features.length; i++) {
    const value = features[i] ?? Number.NaN;
    if (Number.isNaN(value)) missing[i % k] = (missing[i % k] ?? 0) + 1;
    else if (!Number.isFinite(value)) throw errors.FEATURE_INFINITE({ feature: names[i % k] ?? '' });
  }
  const worst = missing.findIndex((count) => count > 0);
  if (worst >= 0 && rows > 0) throw errors.FEATURE_MISSING({ estimator: 'logistic', feature: names[worst] ?? '', rows: String(missing[worst]) });
}

/** One step towards the weights at which the penalised likelihood is largest; the intercept is the last weight. */
async function newtonStep({ features, rows, target, names, weights: counts }: TrainingData, weights: Float64Array, { l2, options }: { readonly l2: number; readonly options: FitOptions }): Promise<Float64Array> {
  const k = names.length;
  const size = k + 1;
  const hessian = new Float64Array(size * size);
  const gradient = new Float64Array(size);
  for (let start = 0; start < rows; start += ROWS_A_TURN) {
    addRows({ features, target, counts, weights, hessian, gradient, k }, start, Math.min(rows, start + ROWS_A_TURN));
    options.signal?.throwIfAborted();
    await new Promise((resolve) => setImmediate(resolve));
  }
  for (let i = 0; i < k; i++) {
    gradient[i] = (gradient[i] ?? 0) - l2 * (weights[i] ?? 0);
    hessian[i * size + i] = (hessian[i * size + i] ?? 0) + l2;
  }
  const change = solvePositive(hessian, gradient);
  if (!change) throw errors.NOT_SOLVABLE({ estimator: 'logistic' });
  return change;
}

interface Sums {
  readonly features: Float32Array;
  readonly target: Uint8Array;
  /** What each row counts for. */
  readonly counts: Float64Array | undefined;
  readonly weights: Float64Array;
  readonly hessian: Float64Array;
  readonly gradient: Float64Array;
  readonly k: number;
}

/** Adds rows to gradient and lower triangle, in their order: the sums do not depend on how the rows are parted. */
function addRows({ features, target, counts, weights, hessian, gradient, k }: Sums, start: number, end: number): void {
  const size = k + 1;
  const x = new Float64Array(size);
  x[k] = 1;
  for (let row = start; row < end; row++) {
    let margin = weights[k] as number;
    for (let i = 0; i < k; i++) {
      const value = features[row * k + i] as number;
      x[i] = value;
      margin += value * (weights[i] as number);
    }
    const p = exactSigmoid(margin);
    const count = counts?.[row] ?? 1;
    const residual = count * ((target[row] as number) - p);
    const curvature = count * (p * (1 - p));
    for (let i = 0; i < size; i++) {
      const xi = x[i] as number;
      gradient[i] = (gradient[i] as number) + residual * xi;
      const scaled = curvature * xi;
      for (let j = 0; j <= i; j++) hessian[i * size + j] = (hessian[i * size + j] as number) + scaled * (x[j] as number);
    }
  }
}

function modelOf(names: readonly string[], weights: Float64Array): Model {
  const k = names.length;
  const bytes = Buffer.from(canonicalJson({ estimator: 'logistic', names, weights: [...weights] }));
  return {
    estimator: 'logistic',
    predict: (features) => Float64Array.from({ length: features.length / k }, (_, row) => exactSigmoid(marginOf(features, weights, { row, k }))),
    toOnnx: (graph, features) => exactSigmoidToOnnx(graph, marginToOnnx(graph, features, weights)),
    toBytes: () => bytes,
    digest: digestOf(bytes),
    importance: () => names.map((feature, i) => ({ feature, gain: Math.abs(weights[i] ?? 0) })).sort((a, b) => b.gain - a.gain),
  };
}

function marginOf(features: Float32Array, weights: Float64Array, { row, k }: { readonly row: number; readonly k: number }): number {
  let margin = weights[k] as number;
  for (let i = 0; i < k; i++) margin += (features[row * k + i] as number) * (weights[i] as number);
  return margin;
}

const DOUBLE = 11;

/** A chain of products and sums in the order of marginOf: a matrix product would round in another order for other batches. */
function marginToOnnx(graph: OnnxGraph, features: Value, weights: Float64Array): Value {
  const k = weights.length - 1;
  const double = (value: number): Value => graph.constant(tensor.double([value]));
  const wide = graph.op('Cast', [features], { to: { int: DOUBLE } });
  let margin = double(weights[k] ?? 0);
  for (let i = 0; i < k; i++) {
    const column = graph.op('Gather', [wide, graph.constant(tensor.int64([i], []))], { axis: { int: 1 } });
    margin = graph.op('Add', [margin, graph.op('Mul', [column, double(weights[i] ?? 0)])]);
  }
  return margin;
}
