import { errors } from './errors.js';
import type { KindTable } from './kind.js';
import { KINDS } from './kinds/kinds.js';
import { kindOf } from './parse-plan.js';
import { type Plan, placeOf, type Step } from './plan.js';

/** When the value of a column can be known. */
export type Knowledge = 'at-event' | 'after-event';

/** What the checker must know of the columns. */
export interface LeakContext {
  readonly target: string;
  /** Columns that the target is made from. */
  readonly targetSources?: readonly string[];
  /** The column of the event time: always known. */
  readonly eventTime?: string;
  /** Columns that are not named are known at the event. */
  readonly knowledge?: Readonly<Record<string, Knowledge>>;
  /** Columns whose rows of one value belong together, such as a patient. */
  readonly groups?: readonly string[];
  /** How training and evaluation are told apart outside the plan, when the plan has no split step. */
  readonly split?: Split;
}

export interface Split {
  readonly by: 'time' | 'random' | 'group';
  /** The column of a split by group. */
  readonly column?: string;
}

/**
 * Refuses, naming the edge, a plan whose features reach the target or a column known only after the event, that fits or resamples before its split,
 * resamples rows that evaluate, draws groups of an outcome, or whose split puts rows of one group on both sides. It looks at the plan only, before anything runs.
 */
export function checkPlan(plan: Plan, context: LeakContext, { kinds = KINDS }: { readonly kinds?: KindTable } = {}): void {
  checkReach(plan, context, kinds);
  // Whatever splits again sets more rows aside, which nothing before may have seen.
  const split = plan.steps.findLastIndex((step) => kindOf(step, kinds).role === 'split');
  checkBeforeSplit(plan, split, kinds);
  checkResampling(plan, kinds);
  checkSampling(plan, context, kinds);
  for (const step of plan.steps) if (kindOf(step, kinds).role === 'split') checkSameSplit(step, context);
  checkGroups(plan.steps[split], context);
}

function checkReach({ inputs, steps, features }: Plan, { target, targetSources = [], eventTime, knowledge = {} }: LeakContext, kinds: KindTable): void {
  const targets = new Set([target, ...targetSources]);
  const isLate = (name: string) => name !== eventTime && Object.hasOwn(knowledge, name) && knowledge[name] === 'after-event';
  // Which forbidden inputs a column holds, each with the way it came.
  const ways = new Map<string, Ways>();
  for (const { name } of inputs) if (targets.has(name) || isLate(name)) ways.set(name, new Map([[name, name]]));
  for (const step of steps) {
    const { columnwise = false, names } = kindOf(step, kinds);
    const own = step.inputs.length - (names?.(step.options).length ?? 0);
    const each = step.outputs.length / own;
    const sources = (output: number) => (columnwise ? [...step.inputs.slice(Math.floor(output / each)).slice(0, 1), ...step.inputs.slice(own)] : step.inputs);
    const reached = step.outputs.map((_, i) => through(step, { sources: sources(i), ways }));
    step.outputs.forEach((output, i) => ways.set(output, reached[i] ?? new Map()));
  }
  for (const feature of features)
    for (const [column, way] of ways.get(feature) ?? []) {
      const edge = `${way} → features.${feature}`;
      throw targets.has(column) ? errors.PLAN_LEAKS_TARGET({ edge, column }) : errors.PLAN_LEAKS_FUTURE({ edge, column });
    }
}

/** Forbidden inputs with the way from them. */
type Ways = ReadonlyMap<string, string>;

function through(step: Step, { sources, ways }: { readonly sources: readonly string[]; readonly ways: ReadonlyMap<string, Ways> }): Ways {
  return new Map(sources.flatMap((source) => [...(ways.get(source) ?? [])]).map(([column, way]) => [column, `${way} → ${step.kind} "${step.id}"`]));
}

function checkBeforeSplit({ steps }: Plan, split: number, kinds: KindTable): void {
  const splitting = steps[split];
  if (!splitting) return;
  for (const step of steps.slice(0, split)) {
    const edge = `${named(step)} → ${named(splitting)}`;
    if (kindOf(step, kinds).role === 'resample') throw errors.PLAN_RESAMPLES_BEFORE_SPLIT({ edge });
    if (learns(step, kinds)) throw errors.PLAN_FITS_BEFORE_SPLIT({ edge });
  }
}

const named = ({ kind, id }: Step): string => `${kind} "${id}"`;

function learns(step: Step, kinds: KindTable): boolean {
  const kind = kindOf(step, kinds);
  return kind.fit !== undefined && (kind.readsRows?.(step.options) ?? true);
}

function checkResampling({ steps }: Plan, kinds: KindTable): void {
  let before: Step | undefined;
  for (const step of steps) {
    const isResampling = kindOf(step, kinds).role === 'resample';
    const rows = step.options['rows'] ?? 'training';
    if (isResampling && rows !== 'training') throw errors.PLAN_RESAMPLES_EVALUATION({ edge: `${named(step)} → ${rows === 'all' ? 'all rows, those that evaluate among them' : 'the rows that evaluate'}` });
    if (before && learns(step, kinds)) throw errors.PLAN_FITS_RESAMPLED({ edge: `${named(before)} → ${named(step)}` });
    if (isResampling) before = step;
  }
}

/** Rows are drawn by columns that the rows come with, before anything is learnt; whole groups of an outcome would choose what a model is judged on. */
function checkSampling({ steps }: Plan, { target, targetSources = [], eventTime, knowledge = {} }: LeakContext, kinds: KindTable): void {
  const made = new Map<string, Step>();
  let before: Step | undefined;
  for (const step of steps) {
    const { role } = kindOf(step, kinds);
    if (role === 'sample') {
      if (before) throw errors.PLAN_SAMPLES_LATE({ edge: `${named(before)} → ${named(step)}` });
      for (const column of step.inputs) {
        const maker = made.get(column);
        if (maker) throw errors.PLAN_INVALID({ place: placeOf(step), detail: `"${column}" is made by ${placeOf(maker)}, but rows are drawn by the columns that they come with; name one of those` });
        const isLate = column === target || targetSources.includes(column) || (column !== eventTime && Object.hasOwn(knowledge, column) && knowledge[column] === 'after-event');
        if (step.options['by'] === 'cluster' && isLate) throw errors.PLAN_SAMPLES_BY_OUTCOME({ edge: `${column} → ${named(step)}`, column });
      }
    }
    if (role === 'resample' || learns(step, kinds)) before ??= step;
    for (const output of step.outputs) made.set(output, step);
  }
}

/** A plan that names its split must mean the one that is made: else it would be checked for another one. */
function checkSameSplit(step: Step, { split, eventTime }: LeakContext): void {
  if (!split) return;
  const said = step.options['by'];
  const column = said === 'time' ? eventTime : split.column;
  const isSame = said === split.by && (said === 'random' || column === undefined || step.inputs.includes(column));
  const told = (by: unknown, columns: readonly string[]) => `by ${String(by)}${columns.length > 0 ? ` on ${columns.join(', ')}` : ''}`;
  if (!isSame) throw errors.PLAN_SPLITS_OTHERWISE({ edge: `${named(step)} → training.split`, said: told(said, step.inputs), done: told(split.by, split.by === 'time' ? (eventTime === undefined ? [] : [eventTime]) : split.column === undefined ? [] : [split.column]) });
}

function checkGroups(step: Step | undefined, { groups = [], split }: LeakContext): void {
  const by = step ? step.options['by'] : split?.by;
  const columns = step ? step.inputs : [split?.column];
  if (by === undefined) return;
  const name = step ? named(step) : `split by ${String(by)}`;
  for (const column of groups) if (by !== 'group' || !columns.includes(column)) throw errors.PLAN_MIXES_GROUPS({ edge: `${column} → ${name}`, column });
}
