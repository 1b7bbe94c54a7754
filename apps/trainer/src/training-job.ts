import { resourceName } from '@millrace/core';
import { begun, ended, isFinal, type JobResource, PENDING } from '@millrace/service';
import { errors } from './errors.js';
import type { LadderReport } from './training/ladder-report.js';
import type { TrainingSpec } from './training-spec.js';

export const trainingJobName = resourceName('trainingJobs/{job}');
export const evaluationName = resourceName('evaluations/{evaluation}');

/** A stored object. */
export interface StoredObject {
  readonly digest: string;
  readonly size: number;
  readonly rows: number;
}

/** How many training rows a rule has left out; where it keeps them aside, the Parquet object that holds them. */
export interface LeftOut {
  readonly step: string;
  readonly column: string;
  readonly rows: number;
  readonly quarantine?: StoredObject;
}

/** What one rung became. */
export interface TrainedModel {
  readonly rung: string;
  readonly artifact: StoredObject;
  readonly modelDigest: string;
  readonly planDigest: string;
  readonly inputs: readonly { readonly name: string; readonly type: 'BOOL' | 'INT64' | 'FLOAT64' | 'STRING' | 'TIMESTAMP'; readonly nullable: boolean }[];
  readonly paritySample: StoredObject;
  readonly reference: StoredObject;
  readonly seconds: number;
  readonly trainingRows: number;
  /** Not there in jobs of before steps could leave rows out. */
  readonly leftOut?: readonly LeftOut[];
}

/** What the job of a ladder gives. */
export interface TrainingResult {
  readonly models: readonly TrainedModel[];
  readonly report: LadderReport;
  readonly reportObject: StoredObject;
  /** Every object that must be kept. */
  readonly objects: readonly string[];
}

/** Fits a plan and the rungs of a ladder on one training set. */
export interface TrainingJob extends JobResource {
  readonly spec: TrainingSpec;
  readonly models: readonly TrainedModel[];
  /** Id of the evaluation; empty until SUCCEEDED. */
  readonly evaluation: string;
}

/** How the rungs did; has the id of its job. */
export interface Evaluation {
  readonly id: string;
  readonly report: LadderReport;
  readonly reportObject: StoredObject;
  readonly createTime: Date;
}

export const newTrainingJob = (id: string, { spec, requestId }: { readonly spec: TrainingSpec; readonly requestId: string }, now: Date): TrainingJob => ({
  id,
  subject: spec.trainingSet,
  status: PENDING,
  requestId,
  createTime: now,
  spec,
  models: [],
  evaluation: '',
});

export const beginJob = (job: TrainingJob, now: Date): TrainingJob => ({ ...job, status: begun(job.status, now) });

export function completeJob(job: TrainingJob, { models, report, reportObject }: TrainingResult, now: Date): { readonly job: TrainingJob; readonly evaluation: Evaluation } {
  return { job: { ...job, status: ended(job.status, now), models, evaluation: job.id }, evaluation: { id: job.id, report, reportObject, createTime: now } };
}

export const failJob = (job: TrainingJob, error: unknown, now: Date): TrainingJob => ({ ...job, status: ended(job.status, now, error) });

/** Throws when there is nothing left to cancel. */
export function refuseFinal({ id, status }: TrainingJob): void {
  if (isFinal(status)) throw errors.TRAINING_JOB_FINAL({ name: trainingJobName.format({ job: id }), state: status.state });
}
