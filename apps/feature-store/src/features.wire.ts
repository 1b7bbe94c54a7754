import type { Materialization as MaterializationMessage } from '@millrace/contracts/millrace/features/v1/materialization';
import { ColumnOrigin_Known, type Spine as SpineMessage, type TrainingSet as TrainingSetMessage } from '@millrace/contracts/millrace/features/v1/training_set';
import type { ServedVector as VectorMessage } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import type { Row } from '@millrace/contracts/millrace/type/v1/value';
import { defineErrors, resourceName } from '@millrace/core';
import { type JobProgress, toJobStatus } from '@millrace/service';
import { toDate } from './definition.wire.js';
import { featureServiceName } from './feature-service.js';
import { featureViewName } from './feature-view.js';
import { type Materialization, type MaterializationDraft, materializationName } from './materialization.js';
import type { SpineSpec } from './offline/make-training-set.js';
import { comparable, type ServedVector } from './served-vector.js';
import { columnTypeMessage } from './source-table.js';
import { type ColumnOrigin, type TrainingSet, type TrainingSetDraft, trainingSetName } from './training-set.js';

const PARQUET = 'application/vnd.apache.parquet';
const datasetVersionName = resourceName('datasets/{dataset}/versions/{version}');
const errors = defineErrors('features.millrace', {
  SPINE_MISSING: { code: 'INVALID_ARGUMENT', message: 'The training set has no spine; give spine.dataset_version.' },
});

export const toTrainingSet = (set: TrainingSet, origins: readonly ColumnOrigin[], progress?: JobProgress): TrainingSetMessage => ({
  name: trainingSetName.format({ set: set.id }),
  featureService: set.service === '' ? '' : featureServiceName.format({ service: set.service }),
  spine: toSpine(set.spine),
  status: toJobStatus(set.status, progress),
  schema: { columns: set.schema.map(({ name, type, nullable }) => ({ name, type: columnTypeMessage(type), nullable })) },
  objects: set.object ? [{ digest: set.object.digest, sizeBytes: BigInt(set.object.size), rows: BigInt(set.object.rows), mediaType: PARQUET }] : [],
  rows: BigInt(set.object?.rows ?? 0),
  digest: set.digest,
  createTime: set.createTime,
  origins: origins.map(({ column, knownAtEvent, source }) => ({ column, known: knownAtEvent ? ColumnOrigin_Known.AT_EVENT : ColumnOrigin_Known.AFTER_EVENT, source })),
});

const toSpine = (spine: SpineSpec): SpineMessage => ({
  datasetVersion: spine.datasetVersion,
  eventTimeColumn: spine.eventTime,
  from: toTime(spine.from),
  to: toTime(spine.to),
  columns: [...spine.columns],
  sampleShare: spine.sampleShare,
  sampleSeed: BigInt(spine.sampleSeed),
  labels: spine.labels.map((label) => ({ ...label })),
});

export function parseTrainingSet(message: TrainingSetMessage | undefined, requestId: string): TrainingSetDraft {
  const spine = message?.spine;
  if (!spine) throw errors.SPINE_MISSING({});
  datasetVersionName.parse(spine.datasetVersion);
  return {
    service: message.featureService === '' ? '' : featureServiceName.parse(message.featureService).service,
    requestId,
    spine: {
      datasetVersion: spine.datasetVersion,
      eventTime: spine.eventTimeColumn,
      from: toMicros(spine.from),
      to: toMicros(spine.to),
      columns: spine.columns,
      sampleShare: spine.sampleShare,
      sampleSeed: Number(spine.sampleSeed),
      labels: spine.labels.map(({ name, column, greaterThan }) => ({ name, column, greaterThan })),
    },
  };
}

export const toMaterialization = (job: Materialization, progress?: JobProgress): MaterializationMessage => ({
  name: materializationName.format({ materialization: job.id }),
  featureView: featureViewName.format({ view: job.view }),
  datasetVersion: job.datasetVersion,
  knownBefore: toTime(job.knownBefore),
  status: toJobStatus(job.status, progress),
  rows: BigInt(job.rows),
  entities: BigInt(job.entities),
  createTime: job.createTime,
  profile: (job.profile ?? []).map(({ feature, present, missing, distinct, numbers }) => ({ feature, present: BigInt(present), missing: BigInt(missing), distinct: BigInt(distinct), min: numbers?.min, max: numbers?.max, mean: numbers?.mean, stddev: numbers?.stddev })),
  standsBefore: toDate(job.knownThrough),
});

export const parseMaterialization = (message: MaterializationMessage | undefined, requestId: string): MaterializationDraft => ({
  view: featureViewName.parse(message?.featureView ?? '').view,
  datasetVersion: message?.datasetVersion ?? '',
  knownBefore: toMicros(message?.knownBefore),
  requestId,
});

/** A key cell as the text that keys are kept by. */
export function keyCell({ values }: Row, column: string): string | undefined {
  const value = values[column]?.kind?.value;
  return value === undefined ? undefined : String(value);
}

/** A vector as it is compared; without a time it is of no time that history knows. */
export const parseVector = ({ id, keys, time, values }: VectorMessage): ServedVector => ({
  id,
  time: (time?.getTime() ?? 0) * 1000,
  keys: parseCells(keys),
  values: parseCells(values),
});

/** Cells by name, one value each, or none where it was missing. */
export const parseCells = (row: Row | undefined): ServedVector['values'] => Object.fromEntries(Object.entries(row?.values ?? {}).map(([name, { kind }]) => [name, kind === undefined ? [] : [comparable(kind.value)]]));

export const toMicros = (time: Date | undefined): bigint | undefined => (time === undefined ? undefined : BigInt(time.getTime()) * 1000n);
const toTime = (micros: bigint | undefined): Date | undefined => (micros === undefined ? undefined : new Date(Number(micros / 1000n)));
