import type { EventRecord } from '@millrace/core';
import { catalogue, toRecord } from '@millrace/events';
import type { LogPart } from '@millrace/jobs';
import { currentTraceparent } from '@millrace/rpc';
import { toJobLog } from '@millrace/service';
import { toShortEvaluation } from './evaluation.wire.js';
import { toTrainingJob } from './trainer.wire.js';
import { type Evaluation, type TrainingJob, trainingJobName } from './training-job.js';

const SOURCE = '/millrace/trainer';

/** What goes into the outbox when a job has ended. */
export function encodeEnded(job: TrainingJob, evaluation: Evaluation | undefined): readonly EventRecord[] {
  const attributes = { traceparent: currentTraceparent() };
  const finished = toRecord(catalogue.trainer.trainingJobFinished, SOURCE, { trainingJob: toTrainingJob(job) }, attributes);
  return evaluation ? [finished, toRecord(catalogue.trainer.evaluationFinished, SOURCE, { evaluation: toShortEvaluation(evaluation) }, attributes)] : [finished];
}

/** What goes into the outbox when a job has said something. */
export const encodeLogged = ({ id, requestId }: TrainingJob, part: LogPart): EventRecord =>
  toRecord(catalogue.trainer.trainingJobLogged, SOURCE, { log: toJobLog(trainingJobName.format({ job: id }), { requestId, part }) }, { traceparent: currentTraceparent() });
