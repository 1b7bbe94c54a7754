import { resourceName } from '@millrace/core';
import { isFinal, type JobFailure, type JobProgress, type JobResource, PENDING } from '@millrace/service';
import { errors } from './errors.js';
import type { PipelineVersion, StepKind, StepSpec } from './pipeline.js';

export const pipelineRunName = resourceName('pipelineRuns/{run}');

export type CauseKind = 'MANUAL' | 'SCHEDULE' | 'NEW_DATA' | 'DRIFT' | 'PERFORMANCE';

/** Why a run was started. */
export interface Cause {
  readonly kind: CauseKind;
  /** The resource that caused it; empty for a person. */
  readonly resource: string;
  /** The time in the data that it is about, in milliseconds since 1970; undefined means the newest row. */
  readonly eventTime: number | undefined;
}

export type StepState = 'PENDING' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CACHED' | 'SKIPPED' | 'CANCELLED';

/** Resource names, digests and facts that a step made, by role. */
export type Outputs = Readonly<Record<string, string>>;

/** One step of a run. */
export interface StepRun extends StepSpec {
  readonly kind: StepKind;
  readonly state: StepState;
  readonly startTime: number | undefined;
  readonly endTime: number | undefined;
  /** Digest of code, parameters and inputs; empty for a step that must always run. */
  readonly cacheKey: string;
  readonly outputs: Outputs;
  readonly failure: JobFailure | undefined;
  /** Counts from 1 when it runs. */
  readonly attempt: number;
  /** Told, not kept. */
  readonly progress?: JobProgress;
}

/** What a run changed in the world. */
export interface Outcome {
  readonly decision: 'PROMOTED' | 'REFUSED' | 'NONE';
  readonly modelVersion: string;
  /** In words, with the figures. */
  readonly why: string;
}

/** One execution of a pipeline version. */
export interface PipelineRun extends JobResource {
  readonly pipeline: string;
  readonly version: number;
  readonly cause: Cause;
  readonly steps: readonly StepRun[];
  readonly outcome: Outcome | undefined;
  /** Do not read the step cache. */
  readonly fresh: boolean;
  readonly traceparent: string;
  /** Somebody has asked to stop it: nothing more is started, also after a restart. */
  readonly cancelRequested: boolean;
}

/** What a caller says of a run. */
export interface RunDraft {
  readonly cause: Cause;
  readonly fresh: boolean;
  readonly requestId: string;
  readonly traceparent: string;
}

const IDLE = { state: 'PENDING', startTime: undefined, endTime: undefined, cacheKey: '', outputs: {}, failure: undefined, attempt: 0 } as const;

export const newRun = (id: string, { pipeline, version }: PipelineVersion, { draft, steps, now }: { readonly draft: RunDraft; readonly steps: readonly StepSpec[]; readonly now: Date }): PipelineRun => ({
  ...draft,
  id,
  subject: pipeline,
  status: PENDING,
  createTime: now,
  pipeline,
  version,
  steps: steps.map((step) => ({ ...step, ...IDLE })),
  outcome: undefined,
  cancelRequested: false,
});

/** Throws when there is nothing left to cancel. */
export function refuseFinal({ id, status }: PipelineRun): void {
  if (isFinal(status)) throw errors.PIPELINE_RUN_FINAL({ name: pipelineRunName.format({ run: id }), state: status.state });
}

/** The outputs of all steps of one kind that have ended well, later ones over earlier ones. */
export const outputsOf = (run: PipelineRun, kind: StepKind): Outputs => Object.assign({}, ...run.steps.filter((step) => step.kind === kind && isDone(step)).map(({ outputs }) => outputs)) as Outputs;

/** Whether what a step makes is there. */
export const isDone = ({ state }: Pick<StepRun, 'state'>): boolean => state === 'SUCCEEDED' || state === 'CACHED';
