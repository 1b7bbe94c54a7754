import { canonicalJson, parseCanonicalJson } from '@millrace/core';
import { digestOf, type Plan, placeOf, type Step } from './plan.js';
import { errors } from './errors.js';
import type { AnyKind, Bound, KindTable } from './kind.js';
import { KINDS } from './kinds/kinds.js';
import { columnsOf, kindOf, parsePlan } from './parse-plan.js';
import { PlanWalk } from './plan-walk.js';
import { DUCKDB } from './sql-dialect.js';
import { renderSql } from './sql-renderer.js';
import { type FitTable, StepTable } from './step-table.js';

/** A plan with what its steps have learnt: all that the renderings need. */
export interface FittedPlan {
  readonly plan: Plan;
  /** State of each step by its id; JSON with exact numbers. */
  readonly states: Readonly<Record<string, unknown>>;
  /** Digest of plan and states: equal rows and plans give equal digests. */
  readonly digest: string;
}

export interface FitOptions {
  readonly kinds?: KindTable;
  readonly signal?: AbortSignal;
  /** Told before each step. */
  readonly onStep?: (done: number, steps: number) => void;
}

/** Fits every step in its order on the rows of the table, which must be the training rows only. */
export async function fitPlan(plan: Plan, table: FitTable, { kinds = KINDS, signal, onStep }: FitOptions = {}): Promise<FittedPlan> {
  const walk = new PlanWalk(plan, kinds, table.order);
  const states = new Map<string, unknown>();
  let rows = table;
  for (const [i, step] of plan.steps.entries()) {
    signal?.throwIfAborted();
    onStep?.(i, plan.steps.length);
    const kind = kindOf(step, kinds);
    const state = kind.fit ? await kind.fit(stepTable(rows, step, { walk, kind }), step.options) : step.options;
    states.set(step.id, state);
    const { length } = walk.rules;
    walk.step(step, state);
    if (walk.rules.length > length) rows = await withoutLeaving(table, walk);
  }
  walk.features();
  // Whatever the names of the steps: `__proto__` is one like any other.
  return fitted(plan, Object.fromEntries(states));
}

function stepTable(table: FitTable, step: Step, { walk, kind }: { readonly walk: PlanWalk; readonly kind: AnyKind }): StepTable {
  const bound = walk.inputs(step);
  const own = bound.length - (kind.names?.(step.options).length ?? 0);
  const members = (part: readonly Bound[]) => part.flatMap((column) => column.members);
  if (kind.columnwise !== true && own > 0 && bound.every((column) => column.members.length === 0)) throw errors.FIT_NO_COLUMNS({ place: placeOf(step) });
  const learns = kind.readsTarget?.(step.options) === true;
  if (learns && table.target === undefined) throw errors.FIT_NO_TARGET({ place: placeOf(step) });
  return new StepTable(table, { columns: members(bound.slice(0, own)), keys: members(bound.slice(own)), place: placeOf(step), fold: learns ? walk.fold : undefined, rule: table.keep ? undefined : walk.rule });
}

/** The rows that no step has left out so far, found once. */
async function withoutLeaving(table: FitTable, { rule }: PlanWalk): Promise<FitTable> {
  if (!table.keep || !rule) return table;
  const order = DUCKDB.identifier(table.order);
  const found = await table.keep(renderSql([{ name: 'rule', node: rule }], { relation: table.relation, tail: [table.order], dialect: DUCKDB }));
  return { ...table, relation: `(SELECT * FROM ${table.relation} WHERE ${order} IN (SELECT ${order} FROM ${found} WHERE rule IS NULL))` };
}

/** Canonical JSON of a fitted plan; fittedFromJson gives every bit back. */
export const fittedToJson = ({ plan, states }: FittedPlan): string => canonicalJson({ plan, states });

/** Reads what fittedToJson wrote, checks the plan, and computes its digest anew. */
export function fittedFromJson(text: string, { kinds = KINDS }: { readonly kinds?: KindTable } = {}): FittedPlan {
  const json = parsed(text);
  if (typeof json !== 'object' || json === null || !('plan' in json) || !('states' in json)) throw errors.FITTED_INVALID({ detail: 'it has no "plan" and "states"' });
  const plan = parsePlan(json.plan, { kinds });
  columnsOf(plan, kinds);
  const states = json.states;
  if (typeof states !== 'object' || states === null) throw errors.FITTED_INVALID({ detail: '"states" is no object' });
  const missing = plan.steps.find(({ id }) => !Object.hasOwn(states, id));
  if (missing) throw errors.FITTED_INVALID({ detail: `the state of ${placeOf(missing)} is missing` });
  return fitted(plan, { ...states });
}

function fitted(plan: Plan, states: Readonly<Record<string, unknown>>): FittedPlan {
  return { plan, states, digest: digestOf(canonicalJson({ plan, states })) };
}

function parsed(text: string): unknown {
  try {
    return parseCanonicalJson(text);
  } catch (cause) {
    throw errors.FITTED_INVALID({ detail: 'it is no JSON' }, { cause });
  }
}
