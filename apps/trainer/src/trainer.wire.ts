import { type Rung as RungMessage, type Split as SplitMessage, Split_By, type TrainedModel as TrainedModelMessage, type TrainingJob as TrainingJobMessage, type TrainingSpec as TrainingSpecMessage } from '@millrace/contracts/millrace/trainer/v1/training_job';
import type { ObjectRef } from '@millrace/contracts/millrace/type/v1/object';
import { type Schema as SchemaMessage, ColumnType as ColumnTypeMessage } from '@millrace/contracts/millrace/type/v1/schema';
import { canonicalJson, type Column, type ColumnType } from '@millrace/core';
import { type JobProgress, toJobStatus } from '@millrace/service';
import { errors } from './errors.js';
import { isDrawn, type Split, type SplitRule } from './split.js';
import { evaluationName, type StoredObject, type TrainedModel, type TrainingJob, trainingJobName } from './training-job.js';
import { parseJson, type Rung, type TrainingSpec } from './training-spec.js';

const PARQUET = 'application/vnd.apache.parquet';
export const JSON_TYPE = 'application/json';
const MODEL_TYPE = 'application/vnd.millrace.model+json';

/** Types as they travel. */
export const TYPES: Record<ColumnType, ColumnTypeMessage> = {
  BOOL: ColumnTypeMessage.BOOL,
  INT64: ColumnTypeMessage.INT64,
  FLOAT64: ColumnTypeMessage.FLOAT64,
  STRING: ColumnTypeMessage.STRING,
  TIMESTAMP: ColumnTypeMessage.TIMESTAMP,
};
const TYPE_OF = Object.fromEntries(Object.entries(TYPES).map(([type, message]) => [message, type])) as Partial<Record<ColumnTypeMessage, ColumnType>>;

/** Columns of a schema; throws INVALID_SPEC where a type is not given. */
export const parseColumns = (schema: SchemaMessage | undefined): readonly Column[] =>
  (schema?.columns ?? []).map(({ name, type, nullable }) => {
    const known = TYPE_OF[type];
    if (known === undefined) throw errors.INVALID_SPEC({ place: `schema.columns.${name}`, why: 'it has no type' });
    return { name, type: known, nullable };
  });

const toSchema = (columns: readonly Column[]): SchemaMessage => ({ columns: columns.map(({ name, type, nullable }) => ({ name, type: TYPES[type], nullable })) });

export function parseSpec(message: TrainingSpecMessage | undefined): TrainingSpec {
  if (!message) throw errors.INVALID_SPEC({ place: 'spec', why: 'it is missing' });
  const { champion } = message;
  return {
    trainingSet: message.trainingSet,
    objects: message.objects.map(({ digest }) => digest),
    schema: parseColumns(message.schema),
    knownAfterEvent: message.knownAfterEvent,
    target: message.target,
    eventTime: message.eventTimeColumn,
    split: parseSplit(message.split),
    plan: parseJson(message.planJson, 'plan_json', undefined),
    rungs: message.rungs.map(parseRung),
    champion: champion ? { modelVersion: champion.modelVersion, artifact: champion.artifact?.digest ?? '' } : undefined,
    gate: parseJson(message.gateJson, 'gate_json', {}),
    sliceColumns: message.sliceColumns,
    seed: Number(message.seed),
    maxTrainingRows: Number(message.maxTrainingRows),
    groups: message.groups,
  };
}

/** Steps of a rung, none where the text is empty. */
export function parseSteps(text: string, place: string): readonly unknown[] {
  const steps = parseJson(text, place, []);
  if (!Array.isArray(steps)) throw errors.INVALID_SPEC({ place, why: 'it must be a list of steps' });
  return steps;
}

/** One rung of a request. */
export function parseRung({ name, estimator, paramsJson, stepsJson }: RungMessage): Rung {
  const steps = parseSteps(stepsJson, `rungs.${name}.steps_json`);
  return { name, estimator, params: parseJson(paramsJson, `rungs.${name}.params_json`, {}), steps };
}

const RULES: Partial<Record<Split_By, 'time' | 'group' | 'random'>> = { [Split_By.UNSPECIFIED]: 'time', [Split_By.TIME]: 'time', [Split_By.GROUP]: 'group', [Split_By.RANDOM]: 'random' };
const RULE_OF = { time: Split_By.TIME, group: Split_By.GROUP, random: Split_By.RANDOM };

/** What decides the sides, and no more. */
export function parseSplitRule(message: SplitMessage | undefined): SplitRule {
  const by = RULES[message?.by ?? Split_By.UNSPECIFIED];
  if (by === undefined) throw errors.INVALID_SPEC({ place: 'split.by', why: 'it is not known' });
  return { by, column: message?.column ?? '' };
}

function parseSplit(message: SplitMessage | undefined): Split {
  const { by = 'time', column = '' } = parseSplitRule(message);
  const micros = (time: Date | undefined, place: string): bigint => {
    if (!time) throw errors.INVALID_SPEC({ place, why: 'the time is missing' });
    return BigInt(time.getTime()) * 1000n;
  };
  const to = micros(message?.evaluateTo, 'split.evaluate_to');
  if (by === 'time') return { trainFrom: micros(message?.trainFrom, 'split.train_from'), trainTo: micros(message?.trainTo, 'split.train_to'), evaluateFrom: micros(message?.evaluateFrom, 'split.evaluate_from'), evaluateTo: to };
  return { by, column, share: message?.evaluateShare ?? 0, seed: Number(message?.seed ?? 0n), to, ...(message?.trainFrom ? { from: micros(message.trainFrom, 'split.train_from') } : {}) };
}

function toSplit(split: Split): SplitMessage {
  const none = { trainFrom: undefined, trainTo: undefined, evaluateFrom: undefined, column: '', evaluateShare: 0, seed: 0n };
  if (!isDrawn(split)) return { ...none, by: Split_By.TIME, trainFrom: date(split.trainFrom), trainTo: date(split.trainTo), evaluateFrom: date(split.evaluateFrom), evaluateTo: date(split.evaluateTo) };
  return { ...none, by: RULE_OF[split.by], column: split.column, evaluateShare: split.share, seed: BigInt(split.seed), trainFrom: split.from === undefined ? undefined : date(split.from), evaluateTo: date(split.to) };
}

const date = (micros: bigint): Date => new Date(Number(micros / 1000n));

const toSpec = (spec: TrainingSpec): TrainingSpecMessage => ({
  trainingSet: spec.trainingSet,
  objects: spec.objects.map((digest) => ({ digest, sizeBytes: 0n, rows: 0n, mediaType: PARQUET })),
  schema: toSchema(spec.schema),
  knownAfterEvent: [...spec.knownAfterEvent],
  target: spec.target,
  eventTimeColumn: spec.eventTime,
  split: toSplit(spec.split),
  planJson: canonicalJson(spec.plan),
  rungs: spec.rungs.map(({ name, estimator, params, steps }) => ({ name, estimator, paramsJson: canonicalJson(params), stepsJson: canonicalJson(steps) })),
  champion: spec.champion && { modelVersion: spec.champion.modelVersion, artifact: { digest: spec.champion.artifact, sizeBytes: 0n, rows: 0n, mediaType: MODEL_TYPE } },
  gateJson: canonicalJson(spec.gate),
  sliceColumns: [...spec.sliceColumns],
  seed: BigInt(spec.seed),
  maxTrainingRows: BigInt(spec.maxTrainingRows),
  groups: [...(spec.groups ?? [])],
});

export const toObject = ({ digest, size, rows }: StoredObject, mediaType: string): ObjectRef => ({ digest, sizeBytes: BigInt(size), rows: BigInt(rows), mediaType });

const toModel = (model: TrainedModel): TrainedModelMessage => ({
  rung: model.rung,
  artifact: toObject(model.artifact, MODEL_TYPE),
  modelDigest: model.modelDigest,
  planDigest: model.planDigest,
  inputs: toSchema(model.inputs),
  paritySample: toObject(model.paritySample, PARQUET),
  reference: toObject(model.reference, JSON_TYPE),
  seconds: model.seconds,
  trainingRows: BigInt(model.trainingRows),
  leftOut: (model.leftOut ?? []).map(({ step, column, rows, quarantine }) => ({ step, column, rows: BigInt(rows), quarantine: quarantine && toObject(quarantine, PARQUET) })),
});

export const toTrainingJob = (job: TrainingJob, progress?: JobProgress): TrainingJobMessage => ({
  name: trainingJobName.format({ job: job.id }),
  spec: toSpec(job.spec),
  status: toJobStatus(job.status, progress),
  models: job.models.map(toModel),
  evaluation: job.evaluation === '' ? '' : evaluationName.format({ evaluation: job.evaluation }),
  createTime: job.createTime,
});
