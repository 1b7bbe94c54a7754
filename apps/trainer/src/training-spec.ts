import { type Column, parseCanonicalJson } from '@millrace/core';
import { findEstimator, parseGate, refuseWeights } from '@millrace/ml';
import { checkPlan, extendPlan, type Knowledge, type LeakContext, type Plan, parsePlan, planDigest, resamplings, samplings } from '@millrace/plan';
import { errors } from './errors.js';
import { faultOfSplit, type Split, type SplitRule } from './split.js';

/** One estimator of the ladder. */
export interface Rung {
  readonly name: string;
  readonly estimator: string;
  readonly params: unknown;
  /** More steps after the plan's. */
  readonly steps: readonly unknown[];
}

/** A model that exists already. */
export interface Opponent {
  readonly modelVersion: string;
  readonly artifact: string;
}

/** All that decides what a training job makes; plain JSON. */
export interface TrainingSpec {
  readonly trainingSet: string;
  /** Digests of Parquet objects. */
  readonly objects: readonly string[];
  readonly schema: readonly Column[];
  readonly knownAfterEvent: readonly string[];
  readonly target: string;
  readonly eventTime: string;
  readonly split: Split;
  readonly plan: unknown;
  readonly rungs: readonly Rung[];
  readonly champion: Opponent | undefined;
  readonly gate: unknown;
  readonly sliceColumns: readonly string[];
  readonly seed: number;
  /** 0 means all. */
  readonly maxTrainingRows: number;
  /** Columns whose rows of one value belong together; not there in jobs of before there were groups. */
  readonly groups?: readonly string[];
}

/** What a plan needs to be checked. */
export type PlanQuestion = Pick<TrainingSpec, 'plan' | 'schema' | 'knownAfterEvent' | 'target' | 'eventTime' | 'groups'> & { readonly split?: SplitRule };

const MAX_RUNGS = 20;

/** The plan of a spec, checked for faults and leaks; errors name the offending edge. */
export function planOf(question: PlanQuestion): Plan {
  const plan = parsePlan(question.plan, { inputs: question.schema });
  checkPlan(plan, leakContext(question));
  return plan;
}

function leakContext({ knownAfterEvent, target, eventTime, groups = [], split = {} }: PlanQuestion): LeakContext {
  const knowledge: Record<string, Knowledge> = Object.fromEntries(knownAfterEvent.map((column) => [column, 'after-event']));
  const { by = 'time', column = '' } = split;
  return { target, knowledge, groups, ...(eventTime === '' ? {} : { eventTime }), split: { by, ...(column === '' ? {} : { column }) } };
}

/** The plan of one rung: the spec's, and the rung's own steps after it. */
export const rungPlan = (plan: Plan, rung: Rung): Plan => (rung.steps.length > 0 ? extendPlan(plan, rung.steps) : plan);

/** Finds what is wrong with a spec before anything runs. */
export function checkSpec(spec: TrainingSpec): void {
  const fault = (place: string, why: string): Error => errors.INVALID_SPEC({ place, why });
  const types = new Map(spec.schema.map(({ name, type }) => [name, type]));
  const targetType = types.get(spec.target);
  if (targetType === undefined) throw fault('target', `the training set has no column "${spec.target}"`);
  if (targetType === 'STRING' || targetType === 'TIMESTAMP') throw fault('target', `"${spec.target}" is a ${targetType}, and a model learns 0 and 1; make a label of it`);
  if (types.get(spec.eventTime) !== 'TIMESTAMP') throw fault('event_time_column', `the training set has no TIMESTAMP column "${spec.eventTime}"`);
  for (const column of spec.sliceColumns) if (!types.has(column)) throw fault('slice_columns', `the training set has no column "${column}"`);
  for (const column of spec.groups ?? []) if (!types.has(column)) throw fault('groups', `the training set has no column "${column}"`);
  const wrong = faultOfSplit(spec.split, new Set(types.keys()));
  if (wrong !== undefined) throw fault('split', wrong);
  if (spec.rungs.length === 0 || spec.rungs.length > MAX_RUNGS) throw fault('rungs', `give 1 to ${MAX_RUNGS} rungs`);
  checkLadder(spec);
}

/** The plan of a question, checked with its rungs and its gate; a rung's own steps may no more leak than the plan's. */
export function checkLadder({ rungs, gate, ...question }: PlanQuestion & Pick<TrainingSpec, 'rungs' | 'gate'>): Plan {
  const plan = planOf(question);
  const names = new Set<string>();
  for (const rung of rungs) {
    if (rung.name === '' || rung.name === 'champion' || names.has(rung.name)) throw errors.INVALID_SPEC({ place: `rungs.${rung.name}`, why: 'each rung needs a name of its own, and "champion" is taken' });
    names.add(rung.name);
    const estimator = findEstimator(rung.estimator);
    estimator.parseParams(rung.params);
    const whole = rungPlan(plan, rung);
    if (samplings(whole).length > samplings(plan).length) throw errors.INVALID_SPEC({ place: `rungs.${rung.name}.steps`, why: 'a sample draws rows for all rungs alike, so that they can be compared; put it into the steps of the plan' });
    if (resamplings(whole).some(({ by }) => by === 'weights')) refuseWeights(estimator);
    checkPlan(whole, leakContext(question));
    planDigest(whole);
  }
  parseGate(gate, [...names]);
  return plan;
}

/** JSON of a request; errors name the field. */
export function parseJson(text: string, place: string, fallback: unknown): unknown {
  if (text === '') return fallback;
  try {
    return parseCanonicalJson(text);
  } catch (cause) {
    throw errors.INVALID_JSON({ place, why: cause instanceof Error ? cause.message : String(cause) }, { cause });
  }
}
