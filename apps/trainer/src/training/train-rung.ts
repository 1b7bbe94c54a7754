import { canonicalJson } from '@millrace/core';
import { findEstimator, type Model, oddsRatio, resample, type TrainingData as TrainingRows, withOdds } from '@millrace/ml';
import type { ObjectStore } from '@millrace/objects';
import { OnnxGraph } from '@millrace/onnx';
import { fitPlan, type FittedPlan, fittedToJson, type InputLayout, layoutColumns, type Plan, planDigest, type Resampling, resamplings, toOnnx } from '@millrace/plan';
import { packModel, type PackedModel, SCORE, type Signature } from '@millrace/scoring';
import type { LeftOut } from '../training-job.js';
import { type Rung, rungPlan } from '../training-spec.js';
import { signatureOf } from './signature.js';
import type { TrainingData } from './training-data.js';

/** A trained and packed model. */
export interface PackedRung {
  readonly rung: string;
  readonly packed: PackedModel;
  readonly planDigest: string;
  readonly signature: Signature;
  readonly importance: Model['importance'] extends () => infer Importance ? Importance : never;
  readonly seconds: number;
  readonly trainingRows: number;
  readonly leftOut: readonly LeftOut[];
}

/** What all rungs share. */
export interface RungContext {
  readonly plan: Plan;
  readonly data: TrainingData;
  readonly eventTime: string;
  readonly objects: ObjectStore;
  readonly threads: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  /** Rungs with equal plans share the fit. */
  readonly fits: Map<string, Promise<FittedPlan>>;
  readonly onProgress: (done: number, total: number) => void;
}

/** Fits one rung on the training rows and packs transforms and model as one artefact. */
export async function trainRung(rung: Rung, context: RungContext): Promise<PackedRung> {
  const { data, objects, threads, seed, signal, onProgress } = context;
  const began = performance.now();
  const plan = rungPlan(context.plan, rung);
  const fitted = await fitOnce(plan, context);
  const estimator = findEstimator(rung.estimator);
  const params = estimator.parseParams(withSeed(rung.params, seed, estimator.name));
  const made = await data.features(fitted);
  const graph = new OnnxGraph();
  const { value, names, layout } = toOnnx(fitted, graph);
  const { rows, ratio, balanced } = await balance({ ...made, names }, resamplings(plan), signal);
  const model = withOdds(await estimator.fit(balanced, params, { threads, signal, onProgress }), ratio);
  graph.output(SCORE, 'double', ['N'], model.toOnnx(graph, value));
  const signature = await signatureOf(inputsOf(layout, plan), { data, fitted, eventTime: context.eventTime });
  const packed = await packModel(objects, { onnx: graph.bytes(), signature, plan: fittedToJson(fitted), planDigest: fitted.digest, estimator: rung.estimator, params: canonicalJson(params), model: model.toBytes() });
  return { rung: rung.name, packed, planDigest: fitted.digest, signature, importance: model.importance(), seconds: (performance.now() - began) / 1_000, trainingRows: rows, leftOut: await data.leftOut(fitted) };
}

/** The training rows as the plan wants them balanced, and by how much that raised the odds that the model is to take back. */
async function balance(data: TrainingRows, steps: readonly Resampling[], signal: AbortSignal): Promise<{ readonly balanced: TrainingRows; readonly rows: number; readonly ratio: number }> {
  let balanced = data;
  let ratio = 1;
  for (const step of steps) {
    const before = balanced;
    balanced = await resample(before, step, { signal });
    if (step.calibrate && balanced !== before) ratio *= oddsRatio(before, balanced);
  }
  return { balanced, rows: balanced.rows, ratio };
}

async function fitOnce(plan: Plan, { fits, data, signal }: RungContext): Promise<FittedPlan> {
  const digest = planDigest(plan);
  const known = fits.get(digest) ?? fitPlan(plan, data.fitTable, { signal });
  fits.set(digest, known);
  return known;
}

/** The inputs that the graph reads, in the order of the plan. */
function inputsOf(layout: InputLayout, plan: Plan) {
  const read = new Set(layoutColumns(layout).map(({ name }) => name));
  return plan.inputs.filter(({ name }) => read.has(name));
}

/** The seed of the job is the seed of a rung that names none. */
const SEEDED: ReadonlySet<string> = new Set(['trees']);
const withSeed = (params: unknown, seed: number, estimator: string): unknown => (SEEDED.has(estimator) && typeof params === 'object' && params !== null && !('seed' in params) ? { ...params, seed } : params);
