import { createHash } from 'node:crypto';
import { canonicalJson, type Column, resourceName } from '@millrace/core';
import { begun, ended, type JobResource, PENDING } from '@millrace/service';
import type { ResolvedReference } from './feature-service.js';
import type { SpineSpec, TrainingSetResult } from './offline/make-training-set.js';

export const trainingSetName = resourceName('trainingSets/{set}');

/** Rows of a spine with the features that were known at each row's time. */
export interface TrainingSet extends JobResource {
  readonly service: string;
  readonly spine: SpineSpec;
  readonly schema: readonly Column[];
  readonly object: TrainingSetResult['object'] | undefined;
  readonly digest: string;
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

/** Where a column comes from, and whether it is known at the event. */
export interface ColumnOrigin {
  readonly column: string;
  readonly knownAtEvent: boolean;
  readonly source: string;
}

/** Labels, and the columns that they are made from, are known only after the event; features are known at it by construction. */
export function columnOrigins({ schema, spine }: TrainingSet, references: readonly ResolvedReference[]): readonly ColumnOrigin[] {
  const features = new Map(references.flatMap(({ view, features: list }) => list.map(({ feature, as }) => [as, `featureViews/${view.view}.${feature.name}`] as const)));
  const late = new Set(spine.labels.map(({ column }) => column));
  return schema.map(({ name }) => {
    const label = spine.labels.find((candidate) => candidate.name === name);
    if (label) return { column: name, knownAtEvent: false, source: `${label.column} > ${label.greaterThan}` };
    return { column: name, knownAtEvent: !late.has(name), source: features.get(name) ?? spine.datasetVersion };
  });
}
