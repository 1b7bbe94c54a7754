import type { Pipeline as PipelineMessage, PipelineVersion as PipelineVersionMessage } from '@millrace/contracts/millrace/pipelines/v1/pipeline';
import { type Cause as CauseMessage, Cause_Kind, Outcome_Decision, type PipelineRun as PipelineRunMessage, type StepLogLine, StepRun_State } from '@millrace/contracts/millrace/pipelines/v1/pipeline_run';
import { type Firing as FiringMessage, Firing_Decision, type Trigger as TriggerMessage } from '@millrace/contracts/millrace/pipelines/v1/trigger';
import { toJobStatus, toStatusMessage } from '@millrace/service';
import { errors } from './errors.js';
import { type Firing, type FiringDecision, firingName, type Trigger, triggerName } from './trigger.js';
import { type Pipeline, pipelineName, type PipelineVersion, pipelineVersionName, stepsOf } from './pipeline.js';
import { type Cause, type CauseKind, type Outcome, type PipelineRun, pipelineRunName, type StepRun, type StepState } from './pipeline-run.js';
import type { StepLine } from './step-log.js';

export const toPipeline = ({ pipeline, latestVersion, createTime, revision, paused, description = '', deletion }: Pipeline): PipelineMessage => ({
  name: pipelineName.format({ pipeline }),
  latestVersion: latestVersion === 0 ? '' : pipelineVersionName.format({ pipeline, version: String(latestVersion) }),
  createTime,
  etag: String(revision),
  paused,
  description,
  deleteTime: deletion?.time,
});

export const toVersion = ({ pipeline, version, source, digest, createTime, file }: PipelineVersion): PipelineVersionMessage => ({
  name: pipelineVersionName.format({ pipeline, version: String(version) }),
  source,
  digest,
  createTime,
  steps: stepsOf(file).map(({ id, kind, needs }) => ({ id, kind, needs: [...needs] })),
});

const CAUSES: Record<CauseKind, Cause_Kind> = { MANUAL: Cause_Kind.MANUAL, SCHEDULE: Cause_Kind.SCHEDULE, NEW_DATA: Cause_Kind.NEW_DATA, DRIFT: Cause_Kind.DRIFT, PERFORMANCE: Cause_Kind.PERFORMANCE };
const STATES: Record<StepState, StepRun_State> = {
  PENDING: StepRun_State.PENDING,
  RUNNING: StepRun_State.RUNNING,
  SUCCEEDED: StepRun_State.SUCCEEDED,
  FAILED: StepRun_State.FAILED,
  CACHED: StepRun_State.CACHED,
  SKIPPED: StepRun_State.SKIPPED,
  CANCELLED: StepRun_State.CANCELLED,
};
const OUTCOMES: Record<Outcome['decision'], Outcome_Decision> = { PROMOTED: Outcome_Decision.PROMOTED, REFUSED: Outcome_Decision.REFUSED, NONE: Outcome_Decision.NONE };
const DECISIONS: Record<FiringDecision, Firing_Decision> = { STARTED: Firing_Decision.STARTED, HELD: Firing_Decision.HELD, DROPPED: Firing_Decision.DROPPED };

const toDate = (millis: number | undefined): Date | undefined => (millis === undefined ? undefined : new Date(millis));

const toCause = ({ kind, resource, eventTime }: Cause): CauseMessage => ({ kind: CAUSES[kind], resource, eventTime: toDate(eventTime) });

export const toRun = (run: PipelineRun): PipelineRunMessage => ({
  name: pipelineRunName.format({ run: run.id }),
  pipelineVersion: pipelineVersionName.format({ pipeline: run.pipeline, version: String(run.version) }),
  status: toJobStatus(run.status),
  cause: toCause(run.cause),
  steps: run.steps.map(toStep),
  createTime: run.createTime,
  outcome: run.outcome && { ...run.outcome, decision: OUTCOMES[run.outcome.decision] },
});

const toStep = ({ id, kind, state, startTime, endTime, cacheKey, outputs, failure, attempt, progress }: StepRun) => ({
  id,
  kind,
  state: STATES[state],
  progress: progress && { ...progress },
  startTime: toDate(startTime),
  endTime: toDate(endTime),
  cacheKey,
  outputs: { ...outputs },
  error: failure && toStatusMessage(failure),
  attempt,
});

export const toStepLogLine = ({ position, step, time, text }: StepLine): StepLogLine => ({ position: String(position), step, time, text });

/** Where a line stands; -1 before all. */
export function parsePosition(position: string): number {
  if (position !== '' && !/^\d{1,15}$/.test(position)) throw errors.POSITION_INVALID({ position });
  return position === '' ? -1 : Number(position);
}

export const toTrigger = ({ pipeline, id, kind, cron, guards }: Trigger, nextTime: Date | undefined): TriggerMessage => ({
  name: triggerName.format({ trigger: id }),
  pipeline: pipelineName.format({ pipeline }),
  kind: CAUSES[kind],
  cron,
  guards: { cooldownSeconds: BigInt(Math.round(guards.cooldownMs / 1_000)), minNewLabels: BigInt(guards.minNewLabels), maxConcurrent: guards.maxConcurrent },
  nextTime,
});

export const toFiring = ({ id, trigger, cause, decision, why, pipelineRun, createTime, updateTime, dueTime }: Firing): FiringMessage => ({
  name: firingName.format({ firing: id }),
  trigger: triggerName.format({ trigger }),
  cause: toCause(cause),
  decision: DECISIONS[decision],
  why,
  pipelineRun: pipelineRun === '' ? '' : pipelineRunName.format({ run: pipelineRun }),
  createTime,
  updateTime,
  dueTime,
});
