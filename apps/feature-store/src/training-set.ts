import { createHash } from 'node:crypto';
import { canonicalJson, type Column, COLUMN_TYPES, type ColumnType, resourceName, type Schema } from '@millrace/core';
import { formulaColumns } from '@millrace/plan';
import { begun, ended, type JobResource, PENDING } from '@millrace/service';
import { errors } from './errors.js';
import { type ComputedReference, requestColumns, type ResolvedService } from './feature-service.js';
import { KEY_TYPES } from './entity.js';
import type { SpineSpec, TrainingSetResult } from './offline/make-training-set.js';

export const trainingSetName = resourceName('trainingSets/{set}');

/** Rows of a spine with the features that were known at each row's time. */
export interface TrainingSet extends JobResource {
  readonly service: string;
  readonly spine: SpineSpec;
  readonly schema: readonly Column[];
  readonly object: TrainingSetResult['object'] | undefined;
  readonly digest: string;
  /** What each column was when the set was made; undefined before, and in sets from before this was kept. */
  readonly origins?: readonly ColumnOrigin[];
}

export type TrainingSetDraft = Pick<TrainingSet, 'service' | 'spine' | 'requestId'>;

export const newTrainingSet = (id: string, draft: TrainingSetDraft, now: Date): TrainingSet => ({ ...draft, id, subject: draft.service, status: PENDING, schema: [], object: undefined, digest: '', createTime: now });

export const beginTrainingSet = (set: TrainingSet, now: Date): TrainingSet => ({ ...set, status: begun(set.status, now) });

/** Ends a set with its rows; the digest tells equal spines, features and data apart from others. */
export function completeTrainingSet(set: TrainingSet, { object, schema }: TrainingSetResult, now: Date): TrainingSet {
  const digest = `sha256:${createHash('sha256').update(canonicalJson({ object: object.digest, schema })).digest('hex')}`;
  return { ...set, status: ended(set.status, now), object, schema, digest };
}

export const failTrainingSet = (set: TrainingSet, error: unknown, now: Date): TrainingSet => ({ ...set, status: ended(set.status, now, error) });

/** Finds what a set asks of its spine and cannot have: throws COLUMN_UNKNOWN, COLUMN_TYPE or COLUMN_TWICE. */
export function checkSpine({ datasetVersion, eventTime, columns, labels }: SpineSpec, schema: Schema, service: ResolvedService): void {
  const name = 'the training set';
  const found = new Map(schema.map((column) => [column.name, column.type]));
  const need = (column: string, types: readonly ColumnType[]): void => {
    const type = found.get(column);
    if (type === undefined) throw errors.COLUMN_UNKNOWN({ dataset: datasetVersion, column, name, found: [...found.keys()].join(', ') });
    if (!types.includes(type)) throw errors.COLUMN_TYPE({ column, dataset: datasetVersion, type, name, wanted: types.join(' or ') });
  };
  need(eventTime, ['TIMESTAMP']);
  for (const column of columns) need(column, COLUMN_TYPES);
  for (const { column } of labels) need(column, ['INT64', 'FLOAT64', 'BOOL']);
  for (const column of service.reads.flatMap(({ keys }) => keys)) need(column, KEY_TYPES);
  for (const { name: column, type } of requestColumns(service)) need(column, type === 'FLOAT64' ? ['FLOAT64', 'INT64'] : [type]);
  const taken = new Set<string>();
  for (const column of [...(columns.length > 0 ? columns : found.keys()), ...labels.map((label) => label.name), ...service.features]) {
    // Names differ in SQL by more than their case.
    const folded = column.toLowerCase();
    if (taken.has(folded)) throw errors.COLUMN_TWICE({ column });
    taken.add(folded);
  }
}

/** Where a column comes from, and whether it is known at the event. */
export interface ColumnOrigin {
  readonly column: string;
  readonly knownAtEvent: boolean;
  readonly source: string;
}

/**
 * Labels, the columns that they are made from, and the time at which a row was known are known only after the event; features of views with values are known at
 * it by construction, and those on demand where all that they read of the spine is.
 */
export function columnOrigins({ schema, spine }: TrainingSet, { reads, computed }: ResolvedService): readonly ColumnOrigin[] {
  const features = new Map([...reads, ...computed].flatMap(({ view, features: list }) => list.map(({ feature, as }) => [as, `featureViews/${view.view}.${feature.name}`] as const)));
  const known = reads.filter(({ view }) => spine.datasetVersion.startsWith(`datasets/${view.dataset}/`)).map(({ view }) => view.knowledge.column);
  const late = new Set([...spine.labels.map(({ column }) => column), ...known]);
  for (const reference of computed) for (const { as } of lateFeatures(reference, late)) late.add(as);
  return schema.map(({ name }) => {
    const label = spine.labels.find((candidate) => candidate.name === name);
    if (label) return { column: name, knownAtEvent: false, source: `${label.column} > ${label.greaterThan}` };
    return { column: name, knownAtEvent: !late.has(name), source: features.get(name) ?? spine.datasetVersion };
  });
}

/** Features on demand that read of the spine what is known only later. */
function lateFeatures({ features, columns }: ComputedReference, late: ReadonlySet<string>): ComputedReference['features'] {
  const named = new Set(columns.flatMap((column) => ('request' in column && late.has(column.request) ? [column.name] : [])));
  return features.filter(({ feature }) => formulaColumns(feature.formula).some((name) => named.has(name)));
}
