import { canonicalJson } from '@millrace/core';
import { inputSchema, Scorer } from '@millrace/scoring';
import type { ObjectStore } from '@millrace/objects';
import { errors } from '../errors.js';
import { planOf, type TrainingSpec } from '../training-spec.js';
import type { StoredObject, TrainedModel, TrainingResult } from '../training-job.js';
import { judge, type Judged } from './judge.js';
import type { LadderReport } from './ladder-report.js';
import { EvaluationReferences } from './reference.js';
import { scoreRows } from './score-rows.js';
import { type PackedRung, trainRung } from './train-rung.js';
import { type DataLimits, TrainingData } from './training-data.js';

/** How far a training is. */
export type OnProgress = (step: string, done: number, total: number) => void;

/** What a training runs with. */
export interface TrainContext {
  readonly objects: ObjectStore;
  readonly limits: DataLimits;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
}

/** Rows that the parity certificate compares. */
export const PARITY_ROWS = 2_000;
export const CHAMPION = 'champion';

/** Fits, packs and judges the rungs of a spec: the evaluation runs the packed artefacts themselves. */
export async function train(spec: TrainingSpec, { objects, limits, signal, onProgress }: TrainContext): Promise<TrainingResult> {
  const plan = planOf(spec);
  onProgress('read', 0, 0);
  const data = await TrainingData.open(spec, { plan, objects, limits, signal });
  try {
    const context = { plan, data, eventTime: spec.eventTime, objects, threads: limits.threads, seed: spec.seed, signal, fits: new Map() };
    const packed: PackedRung[] = [];
    for (const rung of spec.rungs) packed.push(await trainRung(rung, { ...context, onProgress: (done, total) => onProgress(`train ${rung.name}`, done, total) }));
    const contestants = packed.map(({ rung, packed: { ref } }) => ({ name: rung, artifact: ref.digest }));
    // The champion stands before the challenger, which is the last rung.
    if (spec.champion) contestants.splice(-1, 0, { name: CHAMPION, artifact: spec.champion.artifact });
    const judged: Judged[] = [];
    for (const { name, artifact } of contestants) judged.push(await score(name, artifact, { spec, data, objects, signal, onProgress }));
    onProgress('judge', 0, 0);
    const report: LadderReport = { ...(await judge(judged, { spec, data, inputs: packed.at(-1)?.signature.inputs ?? [] })), samples: data.samples };
    const importance = Object.fromEntries(packed.map((rung) => [rung.rung, rung.importance]));
    const reportObject = await store(objects, { ...report, importance }, report.rows);
    const models: TrainedModel[] = [];
    const references = new EvaluationReferences(data);
    for (const rung of packed) models.push(await finish(rung, { judged, data, references, objects }));
    const kept = [...packed.flatMap(({ packed: { objects: digests } }) => digests), ...models.flatMap(({ paritySample, reference }) => [paritySample.digest, reference.digest]), ...packed.flatMap(({ leftOut: rules }) => rules.flatMap(({ quarantine }) => quarantine?.digest ?? [])), reportObject.digest];
    return { models, report, reportObject, objects: [...new Set(kept)] };
  } finally {
    await data.close();
  }
}

interface ScoreContext {
  readonly spec: TrainingSpec;
  readonly data: TrainingData;
  readonly objects: ObjectStore;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
}

async function score(name: string, artifact: string, { spec, data, objects, signal, onProgress }: ScoreContext): Promise<Judged> {
  const scorer = await Scorer.open(objects, artifact);
  try {
    const inputs = inputSchema(scorer.artifact);
    const types = new Map(spec.schema.map((column) => [column.name, column.type]));
    for (const { name: column, type } of inputs) if (types.get(column) !== type) throw errors.OPPONENT_INPUT_MISSING({ version: spec.champion?.modelVersion ?? name, column, type });
    const columns = await data.columns('evaluation', inputs.map((input) => input.name));
    const rows = columns[0]?.values.length ?? (await data.target('evaluation')).length;
    const scores = await scoreRows(scorer, columns, { rows, signal, onProgress: (done) => onProgress(`score ${name}`, done, rows) });
    return { name, scores };
  } finally {
    await scorer.close();
  }
}

async function finish({ rung, packed, planDigest, signature, seconds, trainingRows, leftOut }: PackedRung, { judged, data, references, objects }: { readonly judged: readonly Judged[]; readonly data: TrainingData; readonly references: EvaluationReferences; readonly objects: ObjectStore }): Promise<TrainedModel> {
  const scores = judged.find(({ name }) => name === rung)?.scores ?? new Float64Array();
  const paritySample = await data.keepSample(signature.inputs.map(({ name }) => name), { scores, most: PARITY_ROWS });
  const reference = await store(objects, await references.of(signature, scores), scores.length);
  return {
    rung,
    artifact: { digest: packed.ref.digest, size: packed.ref.size, rows: 0 },
    modelDigest: packed.modelDigest,
    planDigest,
    inputs: signature.inputs.map(({ name, type, nullable }) => ({ name, type, nullable })),
    paritySample,
    reference,
    seconds,
    trainingRows,
    leftOut,
  };
}

async function store(objects: ObjectStore, value: unknown, rows: number): Promise<StoredObject> {
  const { digest, size } = await objects.put(Buffer.from(canonicalJson(value)));
  return { digest, size, rows };
}
