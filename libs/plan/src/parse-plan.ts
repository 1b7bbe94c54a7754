import { COLUMN_TYPES, MAX_COLUMNS, type Schema } from '@millrace/core';
import { z } from 'zod';
import { errors } from './errors.js';
import type { AnyKind, KindTable } from './kind.js';
import { KINDS } from './kinds/kinds.js';
import { optionFault, optionFaults } from './option-faults.js';
import { type Plan, type PlanColumn, placeOf, type Step } from './plan.js';

export const MAX_STEPS = 1_000;

export interface ParseOptions {
  /** The columns that there are, where the plan does not say; those that no step and no feature names are left out. */
  readonly inputs?: Schema;
  readonly kinds?: KindTable;
}

/**
 * Reads a plan, either whole or as people write it:
 * `{ steps: [{ impute: { columns: [a, b], strategy: median } }, { frequency: { column: route, as: share } }], features: [a, share] }`.
 * `column` and `columns` name what a step reads (`columns: features` stands for all features), `as` what it makes, `id` the step; all else are its options.
 * Errors name the step and the column.
 */
export function parsePlan(json: unknown, { inputs, kinds = KINDS }: ParseOptions = {}): Plan {
  const raw = checked(PLAN, json, 'the plan');
  const schema = raw.inputs ?? inputs;
  if (!schema) throw errors.PLAN_INVALID({ place: 'inputs', detail: 'no input columns are given' });
  limit(raw.steps.length, MAX_STEPS, 'steps');
  return build(raw.steps, { schema, kinds, features: raw.features });
}

/**
 * The plan with more steps after its own. A feature that an added step reads is replaced by what the step makes of it;
 * `columns: features` stands for all features.
 */
export function extendPlan(plan: Plan, steps: unknown, { kinds = KINDS, inputs }: ParseOptions = {}): Plan {
  const added = checked(z.array(z.unknown()), steps, 'the added steps');
  limit(plan.steps.length + added.length, MAX_STEPS, 'steps');
  const schema = [...plan.inputs, ...(inputs ?? []).filter(({ name }) => !plan.inputs.some((input) => input.name === name))];
  return build([...plan.steps, ...added], { schema, kinds, features: plan.features, replaceFrom: plan.steps.length });
}

/** The columns after each step, by name; the first are the inputs. Checks kinds, types, numbers of columns and names on the way. */
export function columnsOf(plan: Plan, kinds: KindTable = KINDS): ReadonlyMap<string, PlanColumn> {
  const scope = new Map<string, PlanColumn>(plan.inputs.map((column) => [column.name, column]));
  for (const step of plan.steps) for (const output of outputsOf(step, scope, kinds)) scope.set(output.name, output);
  return scope;
}

/** The kind of a step. */
export function kindOf(step: Pick<Step, 'id' | 'kind'>, kinds: KindTable): AnyKind {
  const kind = Object.hasOwn(kinds, step.kind) ? kinds[step.kind] : undefined;
  if (!kind) throw errors.KIND_UNKNOWN({ place: `step "${step.id}"`, kind: step.kind, kinds: Object.keys(kinds).sort().join(', ') });
  return kind;
}

const NAME = z.string().min(1).refine((name) => name.isWellFormed() && !name.includes('\u0000'), 'a name holds no U+0000 and no half surrogate pair');
const PLAN = z.strictObject({
  inputs: z.array(z.strictObject({ name: NAME, type: z.enum(COLUMN_TYPES), nullable: z.boolean().default(true) })).optional(),
  steps: z.array(z.unknown()).default([]),
  features: z.array(NAME).optional(),
});
const FULL = z.strictObject({ id: NAME.optional(), kind: NAME, inputs: z.array(NAME), options: z.record(z.string(), z.unknown()).default({}), outputs: z.array(NAME).optional() });
const NAMES = z.union([NAME.transform((name) => [name]), z.array(NAME)]);
const SHORT = z.looseObject({ id: NAME.optional(), column: NAME.optional(), columns: NAMES.optional(), as: NAMES.optional() });

interface Draft {
  readonly id: string;
  readonly kind: string;
  readonly inputs: readonly string[];
  readonly options: unknown;
  readonly as: readonly string[] | undefined;
}

interface Frame {
  readonly schema: Schema;
  readonly kinds: KindTable;
  readonly features: readonly string[] | undefined;
  /** Steps from here on replace the features that they read. */
  readonly replaceFrom?: number;
}

function build(raw: readonly unknown[], { schema, kinds, features: listed, replaceFrom = Infinity }: Frame): Plan {
  limit(schema.length, MAX_COLUMNS, 'input columns');
  unique(schema.map(({ name }) => name), (name) => errors.PLAN_INVALID({ place: 'inputs', detail: `the column "${name}" is there twice` }));
  const scope = new Map<string, PlanColumn>(schema.map((column) => [column.name, column]));
  const read = new Set<string>();
  const made = new Set<string>();
  const steps: Step[] = [];
  let features = listed;
  raw.forEach((item, i) => {
    const step = complete(draftOf(item, { index: i, features, scope, kinds }), scope, kinds);
    for (const name of step.inputs) if (!made.has(name)) read.add(name);
    if (steps.some(({ id }) => id === step.id)) throw errors.STEP_REPEATED({ step: step.id });
    steps.push(step);
    for (const output of outputsOf(step, scope, kinds)) {
      scope.set(output.name, output);
      made.add(output.name);
    }
    if (i >= replaceFrom && features) features = replaced(features, step);
  });
  const last = steps.at(-1);
  features ??= last?.kind === 'select' ? last.outputs : undefined;
  if (!features || features.length === 0) throw errors.FEATURES_MISSING({});
  checkFeatures(features, scope);
  for (const name of features) if (!made.has(name)) read.add(name);
  return { inputs: schema.filter(({ name }) => read.has(name)).map(({ name, type, nullable }) => ({ name, type, nullable })), steps, features };
}

/** In place of the first feature that the step reads stands what it makes; its other inputs go. A step that only looks at rows replaces nothing. */
function replaced(features: readonly string[], { inputs, outputs }: Step): readonly string[] {
  if (outputs.length === 0) return features;
  const at = features.findIndex((name) => inputs.includes(name));
  const kept = (part: readonly string[]) => part.filter((name) => !inputs.includes(name) && !outputs.includes(name));
  if (at < 0) return [...kept(features), ...outputs];
  return [...kept(features.slice(0, at)), ...outputs, ...kept(features.slice(at))];
}

function checkFeatures(features: readonly string[], scope: ReadonlyMap<string, PlanColumn>): void {
  limit(features.length, MAX_COLUMNS, 'features');
  unique(features, (feature) => errors.FEATURE_REPEATED({ feature }));
  for (const feature of features) {
    const column = scope.get(feature);
    if (!column) throw errors.COLUMN_UNKNOWN({ place: `features.${feature}`, column: feature, columns: [...scope.keys()].join(', ') });
    if (column.type === 'STRING') throw errors.FEATURE_TYPE({ feature, type: column.type, mend: 'onehot, ordinal or frequency' });
    if (column.type === 'TIMESTAMP') throw errors.FEATURE_TYPE({ feature, type: column.type, mend: 'dateparts' });
  }
}

interface DraftContext {
  readonly index: number;
  readonly features: readonly string[] | undefined;
  readonly scope: ReadonlyMap<string, PlanColumn>;
  readonly kinds: KindTable;
}

function draftOf(item: unknown, { index, features, scope, kinds }: DraftContext): Draft {
  const place = `steps[${index}]`;
  if (typeof item !== 'object' || item === null || Array.isArray(item)) throw errors.PLAN_INVALID({ place, detail: 'a step is written as { kind: { … } }' });
  if ('kind' in item && typeof item.kind === 'string') {
    const { id, kind, inputs, options, outputs } = checked(FULL, item, place);
    return { id: id ?? `${kind}${index + 1}`, kind, inputs, options, as: outputs };
  }
  const [entry, ...others] = Object.entries(item);
  if (!entry || others.length > 0) throw errors.PLAN_INVALID({ place, detail: 'a step has exactly one key, its kind' });
  const [kind, body] = entry;
  const { id = `${kind}${index + 1}`, column, columns, as, ...options } = checked(SHORT, body ?? {}, `${place}.${kind}`);
  // A kind that may do without columns names them in its options, or looks at rows alone.
  const none = kindOf({ id, kind }, kinds).arity[0] === 0 ? [] : undefined;
  const named = column === undefined ? (columns ?? none) : [column];
  if (!named || (column !== undefined && columns !== undefined)) throw errors.PLAN_INVALID({ place: `step "${id}" (${kind})`, detail: 'give either "column" or "columns"' });
  const all = named.length === 1 && named[0] === 'features' && !scope.has('features') && features;
  return { id, kind, inputs: all || named, options, as };
}

function complete({ as, ...draft }: Draft, scope: ReadonlyMap<string, PlanColumn>, kinds: KindTable): Step {
  const kind = kindOf(draft, kinds);
  const place = placeOf(draft);
  const options = checked(kind.options, draft.options, place);
  const last = kind.names?.(options) ?? [];
  const inputs = [...draft.inputs.filter((name) => !last.includes(name)), ...last];
  const outputs = kind.schema(bind({ ...draft, inputs, options }, scope, kind), options).map(({ name }) => name);
  const names = as ?? outputs;
  if (names.length !== outputs.length || new Set(names).size !== names.length) throw errors.OUTPUT_NAMES({ place, count: String(outputs.length), columns: outputs.join(', ') });
  return { ...draft, inputs, options, outputs: names };
}

/** What a step makes of the columns in scope, under the names that the plan gives them; checks what it reads on the way. */
export function outputsOf(step: Step, scope: ReadonlyMap<string, PlanColumn>, kinds: KindTable): readonly PlanColumn[] {
  const kind = kindOf(step, kinds);
  const outputs = kind.schema(bind(step, scope, kind), step.options);
  return outputs.map((output, i) => ({ ...output, name: step.outputs[i] ?? output.name }));
}

/** The columns that a step reads, checked against what its kind takes. */
function bind(step: Pick<Step, 'id' | 'kind' | 'inputs' | 'options'>, scope: ReadonlyMap<string, PlanColumn>, kind: AnyKind): readonly PlanColumn[] {
  const place = placeOf(step);
  const [fewest, most] = kind.arity;
  const given = step.inputs.length - (kind.names?.(step.options).length ?? 0);
  if (given < fewest || given > most) throw errors.COLUMN_COUNT({ place, expected: fewest === most ? String(fewest) : `${fewest} to ${most === Infinity ? 'any number of' : most}`, given: String(given) });
  unique(step.inputs, (column) => errors.PLAN_INVALID({ place, detail: `it reads the column "${column}" twice` }), kind.arity[1] === 2);
  const columns = step.inputs.map((name) => {
    const column = scope.get(name);
    if (!column) throw errors.COLUMN_UNKNOWN({ place, column: name, columns: [...scope.keys()].join(', ') });
    const family = column.family === true && !kind.families;
    if (family || !kind.accepts.includes(column.type)) throw errors.COLUMN_TYPE({ place, column: name, type: family ? 'family of columns' : column.type, accepts: kind.accepts.join(', ') });
    return column;
  });
  const reason = kind.refuse?.(columns, step.options);
  if (reason !== undefined) throw errors.PLAN_INVALID({ place: `${place}, columns ${step.inputs.join(', ')}`, detail: reason });
  return columns;
}

function checked<T>(type: z.ZodType<T>, value: unknown, place: string): T {
  const result = type.safeParse(value, { error: optionFault });
  if (result.success) return result.data;
  throw errors.PLAN_INVALID({ place, detail: optionFaults(result.error) });
}

function limit(count: number, most: number, things: string): void {
  if (count > most) throw errors.PLAN_TOO_LARGE({ count: String(count), things, limit: String(most) });
}

function unique(names: readonly string[], error: (name: string) => Error, allowed = false): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined && !allowed) throw error(twice);
}
