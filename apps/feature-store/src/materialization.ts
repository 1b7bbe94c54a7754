import { resourceName } from '@millrace/core';
import { begun, ended, type JobResource, PENDING } from '@millrace/service';
import type { FeatureProfile } from './offline/profile-state.js';

export const materializationName = resourceName('materializations/{materialization}');

/** Fills the online state of a view from a dataset version. */
export interface Materialization extends JobResource {
  readonly view: string;
  readonly datasetVersion: string;
  /** Rows known before this microsecond; undefined means all. */
  readonly knownBefore: bigint | undefined;
  readonly rows: number;
  readonly entities: number;
  /** It stands for all that was known before this microsecond; undefined before it has succeeded. */
  readonly knownThrough?: number;
  /** What each feature held then; those that were made before profiles were kept have none. */
  readonly profile?: readonly FeatureProfile[];
}

export type MaterializationDraft = Pick<Materialization, 'view' | 'datasetVersion' | 'knownBefore' | 'requestId'>;

export const newMaterialization = (id: string, draft: MaterializationDraft, now: Date): Materialization => ({ ...draft, id, subject: draft.view, status: PENDING, rows: 0, entities: 0, createTime: now });
export const beginMaterialization = (job: Materialization, now: Date): Materialization => ({ ...job, status: begun(job.status, now) });
export const completeMaterialization = (job: Materialization, { rows, entities, knownThrough, profile }: { rows: number; entities: number; knownThrough: number; profile: readonly FeatureProfile[] }, now: Date): Materialization => ({ ...job, rows, entities, knownThrough, profile, status: ended(job.status, now) });
export const failMaterialization = (job: Materialization, error: unknown, now: Date): Materialization => ({ ...job, status: ended(job.status, now, error) });
