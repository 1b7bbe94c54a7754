import type { OnnxGraph, Value } from '@millrace/onnx';
import type { z } from 'zod';

/** What a model is fitted on: rows of float32 features, row by row, NaN where missing, and a target of 0 and 1. */
export interface TrainingData {
  readonly features: Float32Array;
  readonly rows: number;
  readonly names: readonly string[];
  readonly target: Uint8Array;
  /** What each row counts for; 1 where there are none. Only for estimators that take weights. */
  readonly weights?: Float64Array;
}

/** How a fit runs; nothing here changes the model. */
export interface FitOptions {
  readonly threads?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** How much one feature is worth to a model, in the model's own unit. */
export interface Importance {
  readonly feature: string;
  readonly gain: number;
}

/** A fitted model. Its graph gives the bits of `predict`, for one row and for many. */
export interface Model {
  readonly estimator: string;
  /** The probability of 1 for each row of features. */
  predict(features: Float32Array): Float64Array;
  /** Adds the model to a graph: float [N, k] in, the probability as double [N] out. */
  toOnnx(graph: OnnxGraph, features: Value): Value;
  /** The model in its own form; equal models, equal bytes. */
  toBytes(): Uint8Array;
  /** `sha256:` and the digest of the bytes. */
  readonly digest: string;
  /** Most worth first. */
  importance(): readonly Importance[];
}

/** An algorithm: its parameters with their defaults, and how it is fitted. Equal data and parameters give equal models. */
export interface Estimator<Params> {
  readonly name: string;
  readonly params: z.ZodType<Params>;
  /** Whether rows may count for more or less than 1. */
  readonly takesWeights?: boolean;
  fit(data: TrainingData, params: Params, options?: FitOptions): Promise<Model>;
}
