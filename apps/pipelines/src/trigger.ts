import { resourceName } from '@millrace/core';
import type { PipelineFile } from './file/pipeline-file.js';
import type { Cause, CauseKind } from './pipeline-run.js';

export const triggerName = resourceName('triggers/{trigger}');
export const firingName = resourceName('firings/{firing}');

/** What holds a trigger back. */
export interface Guards {
  /** Least time between two runs, in the time of the data. */
  readonly cooldownMs: number;
  /** Least number of labelled rows that the last training did not see. */
  readonly minNewLabels: number;
  readonly maxConcurrent: number;
}

/** One thing that may start a pipeline, as its file declares it. */
export interface Trigger {
  /** `<pipeline>.<name>` */
  readonly id: string;
  readonly pipeline: string;
  readonly kind: CauseKind;
  /** Empty unless a SCHEDULE. */
  readonly cron: string;
  readonly guards: Guards;
}

export type FiringDecision = 'STARTED' | 'HELD' | 'DROPPED';

/** One time that a trigger fired, and what the guards said. */
export interface Firing {
  /** UUID version 7. */
  readonly id: string;
  readonly trigger: string;
  readonly pipeline: string;
  readonly cause: Cause;
  readonly decision: FiringDecision;
  readonly why: string;
  readonly pipelineRun: string;
  readonly createTime: Date;
  readonly updateTime: Date;
  /** The time of its schedule; undefined for what an event fired. */
  readonly dueTime: Date | undefined;
}

const KINDS: Record<'new_data' | 'drift' | 'performance', CauseKind> = { new_data: 'NEW_DATA', drift: 'DRIFT', performance: 'PERFORMANCE' };

/** The triggers of a file. */
export function triggersOf({ pipeline, triggers, guards }: PipelineFile): readonly Trigger[] {
  const shared: Guards = { cooldownMs: guards.cooldown / 1_000, minNewLabels: guards.min_new_labels, maxConcurrent: guards.max_concurrent };
  return Object.entries(triggers).map(([name, spec]) => ({ id: `${pipeline}.${name}`, pipeline, kind: spec.on === undefined ? 'SCHEDULE' : KINDS[spec.on], cron: spec.schedule ?? '', guards: shared }));
}

/** What the guards must know of the world. */
export interface Situation {
  readonly paused: boolean;
  /** Runs of the pipeline that have not ended. */
  readonly running: number;
  /** Undefined before the first run that trained. */
  readonly lastTraining: { readonly dataEnd: number; readonly rows: number; readonly datasetVersion: string } | undefined;
  /** The newest version of the data to train on; undefined when there is none. */
  readonly data: { readonly version: string; readonly rows: number; readonly eventTimeMax: number } | undefined;
}

/** What the guards say of a firing: start it, hold it until the reason is gone, or drop it. */
export function judge(cause: Cause, guards: Guards, { paused, running, lastTraining, data }: Situation): { readonly decision: FiringDecision; readonly why: string } {
  if (paused) return { decision: 'DROPPED', why: 'the pipeline is paused' };
  if (!data) return { decision: 'HELD', why: 'there are no data yet' };
  if (running >= guards.maxConcurrent) return { decision: 'HELD', why: `${running} of at most ${guards.maxConcurrent} runs at a time are under way` };
  if (!lastTraining) return { decision: 'STARTED', why: 'nothing was trained before' };
  if (cause.kind === 'NEW_DATA' && cause.resource === lastTraining.datasetVersion) return { decision: 'DROPPED', why: `${cause.resource} was trained on already` };
  const since = data.eventTimeMax - lastTraining.dataEnd;
  if (since < guards.cooldownMs) return { decision: 'HELD', why: `cooldown: the data reach ${days(since)} beyond the last training, ${days(guards.cooldownMs)} are asked for` };
  const fresh = data.rows - lastTraining.rows;
  if (fresh < guards.minNewLabels) return { decision: 'HELD', why: `new labels: ${fresh} rows since the last training, ${guards.minNewLabels} are asked for` };
  return { decision: 'STARTED', why: `${fresh} new rows, ${days(since)} beyond the last training` };
}

const DAY_MS = 86_400_000;
const days = (millis: number): string => `${(Math.max(0, millis) / DAY_MS).toFixed(1)} days`;
