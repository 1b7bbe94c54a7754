import { type ColumnType, isError, type Schema } from '@millrace/core';
import fc from 'fast-check';
import { PLAN_DOMAIN } from './errors.js';
import { columnsOf, KINDS, parsePlan, type PlanColumn, type Role } from './index.js';

/** A step before its columns are known. */
export interface Choice {
  readonly kind: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly columns: number;
  readonly picks: readonly number[];
}

/** Over columns a, b, c, n, m (numbers), s, t (texts), yes and time; a plan over others puts theirs in their place. */
const FORMULAS = [
  'a + b * 2 - c / n % 3', "case when s = 'red' or starts_with(t, 'gr') then abs(a) when b is null then -1 else sqrt(b) end", "coalesce(a, b, 0) <= greatest(b, c, 1)",
  "case when contains(s || '-' || t, 'e-') then s else coalesce(t, 'none') end", "round(a) + floor(b) + ceil(c)", 'year(time) * 100 + month(time) + day(time) / 31',
  "hour(time) in (6, 7, 8) and not (yes = true) or s in ('', 'blue')", 'case when minute(time) != second(time) then quarter(time) else weekday(time) end', "ends_with(s, '') and t is not null", 'weekend(time) - least(a, n)',
  "upper(trim(concat(' ', s, t)))", "length(s) * 10 + length(replace(t, 'e', '—'))", "case when lower(s) = 'red' then substring(t, 2, 3) else replace(s, 'o''', '') end",
];
/** What steps of each kind are asked for. */
const OPTIONS: Readonly<Record<string, fc.Arbitrary<Readonly<Record<string, unknown>>>>> = {
  bin: fc.record({ bins: fc.integer({ min: 2, max: 9 }), by: fc.constantFrom('width', 'quantile', 'target') }),
  cast: fc.constant({}),
  clip: fc.constantFrom({ quantiles: [0.05, 0.9] }, { min: -3 }, { max: 5.5 }, { min: -0.1, max: 100 }),
  concat: fc.record({ separator: fc.constantFrom('-', '', ' → ') }),
  dateparts: fc.constantFrom({ parts: ['hour', 'weekday', 'weekend', 'month'] }, { parts: ['year', 'quarter', 'day', 'minute', 'second'] }, { parts: ['month'] }, {}),
  dropcorrelated: fc.record({ by: fc.constantFrom('pearson', 'spearman', 'cramer', 'vif'), above: fc.constantFrom(0.2, 0.9, 3) }),
  dropmissing: fc.constantFrom({}, { above: 0.1 }, { above: 0 }),
  droprows: fc.constantFrom({}, { missing: 'all' }),
  expr: fc.record({ op: fc.constantFrom('ratio', 'product', 'sum', 'difference', 'lt', 'le', 'gt', 'ge', 'eq') }),
  expression: fc.constantFrom(...FORMULAS).map((formula) => ({ formula })),
  frequency: fc.constantFrom({}, { max: 2 }, { min_count: 3, unseen: 'rare' }, { unseen: 'missing' }),
  hash: fc.constantFrom({}, { buckets: 3 }, { buckets: 5, max: 2 }),
  impute: fc.record({ strategy: fc.constantFrom('median', 'mean', 'mode'), flag: fc.boolean(), by: fc.constantFrom('s', 't') }, { requiredKeys: ['strategy', 'flag'] }),
  isolation: fc.record({ trees: fc.integer({ min: 1, max: 9 }), sample: fc.integer({ min: 2, max: 20 }), share: fc.constantFrom(0.1, 0.3), action: fc.constantFrom('flag', 'score', 'drop', 'quarantine') }),
  log: fc.constantFrom({}, { shift: 'fit' }, { shift: 3.5, base: 10 }, { base: 2 }),
  log1p: fc.record({ shift: fc.boolean() }),
  minmax: fc.constantFrom({}, { range: [-1, 1] }),
  onehot: fc.constantFrom({}, { max: 3, unseen: 'other' }, { min_count: 3, unseen: 'other' }),
  ordinal: fc.constantFrom({}, { max: 4 }, { unseen: 'own' }, { unseen: 'missing', min_count: 2 }),
  outliers: fc.record({ by: fc.constantFrom('iqr', 'z', 'mad'), action: fc.constantFrom('clip', 'flag', 'missing', 'drop', 'quarantine') }),
  pca: fc.record({ components: fc.integer({ min: 1, max: 3 }) }),
  quantile: fc.record({ quantiles: fc.integer({ min: 2, max: 30 }), to: fc.constantFrom('uniform', 'normal') }),
  resample: fc.constantFrom({ by: 'oversample' }, { by: 'undersample', to: 0.5 }, { by: 'smote', neighbours: 2 }, { by: 'weights' }),
  robust: fc.constantFrom({}, { quantiles: [0.1, 0.8] }),
  sample: fc.constantFrom({ by: 'random', share: 0.8 }, { by: 'reservoir', count: 9, seed: 3 }, { by: 'stratified', share: 0.7 }, { by: 'stratified', count: 12 }, { by: 'cluster', share: 0.6 }, { by: 'cluster', count: 2 }),
  select: fc.constant({}),
  smooth: fc.record({ bins: fc.integer({ min: 2, max: 9 }), by: fc.constantFrom('width', 'frequency'), to: fc.constantFrom('mean', 'median', 'boundary') }),
  split: fc.constantFrom({ by: 'random' }, { by: 'group' }, { by: 'time' }),
  standard: fc.constant({}),
  target: fc.constantFrom({}, { smoothing: 0 }, { smoothing: 2.5, min_count: 2, max: 3 }),
};

/** Kinds that choose rows and make no columns. */
export const CHOOSERS: ReadonlySet<Role> = new Set<Role>(['split', 'sample', 'resample']);
const roleOf = (kind: string): Role => KINDS[kind]?.role ?? 'transform';

/** Steps of every kind, or of those that make columns or leave rows out. */
export const choiceOf = ({ choosers }: { readonly choosers: boolean }): fc.Arbitrary<Choice> =>
  fc.oneof(
    ...Object.entries(OPTIONS).filter(([kind]) => choosers || !CHOOSERS.has(roleOf(kind))).map(([kind, options]) => fc.record({ kind: fc.constant(kind), options, columns: fc.integer({ min: 1, max: 4 }), picks: fc.array(fc.nat(20), { minLength: 4, maxLength: 4 }) })),
  );

/** A plan as people write it. */
export interface DraftPlan {
  readonly steps: readonly Readonly<Record<string, unknown>>[];
  readonly features: readonly string[];
}

const LONG: ReadonlySet<string> = new Set(['log', 'log1p', 'quantile']);
/** How many columns a kind takes here, where not any number goes. */
const COUNT: Readonly<Record<string, (options: Choice['options']) => number>> = {
  expr: () => 2,
  log: () => 1,
  log1p: () => 1,
  quantile: () => 1,
  split: ({ by }) => (by === 'random' ? 0 : 1),
  sample: ({ by }) => (by === 'stratified' ? 2 : by === 'cluster' ? 1 : 0),
};

/** A plan from choices: each step reads columns that its kind takes, and every number that comes out is a feature. */
export function draftOf(choices: readonly Choice[], inputs: Schema): DraftPlan {
  const knownAfter = (steps: DraftPlan['steps']) => [...columnsOf({ inputs, steps: stepsOf(steps, inputs), features: [] }).values()];
  const steps: Readonly<Record<string, unknown>>[] = [];
  for (const [i, { kind, options: given, columns, picks }] of choices.entries()) {
    // An exact logarithm is a hundred operations in every query: one of them in a plan is enough.
    if (LONG.has(kind) && steps.some((step) => LONG.has(Object.keys(step)[0] ?? ''))) continue;
    const options = overColumns(given, inputs);
    if (!options) continue;
    const { accepts = [], arity: [fewest, most] = [1, 1], families = false } = KINDS[kind] ?? {};
    const fitting = knownAfter(steps).filter((column) => accepts.includes(column.type) && (families || !column.family) && takes(kind, options, column));
    const count = COUNT[kind]?.(options) ?? Math.min(most, Math.max(fewest, columns));
    const names = fitting.length === 0 ? [] : [...new Set(picks.slice(0, count).map((pick) => fitting[pick % fitting.length]?.name ?? ''))];
    if (names.length < Math.max(fewest, kind === 'expr' ? 2 : 0)) continue;
    const step = { [kind]: { id: `${kind}-${i}`, ...(names.length > 0 && { columns: names }), ...options } };
    try {
      stepsOf([...steps, step], inputs);
      steps.push(step);
    } catch (error) {
      // Names that are there twice, and columns named in options that may have been dropped; a kind that is always refused is missed in the end.
      if (!['OUTPUT_NAMES', 'PLAN_INVALID', 'COLUMN_TYPE'].some((reason) => isError(error, PLAN_DOMAIN, reason))) throw error;
    }
  }
  return { steps, features: knownAfter(steps).filter(({ type }) => type !== 'STRING' && type !== 'TIMESTAMP').map(({ name }) => name) };
}

/** Steps without anything that leaves the plan. */
function stepsOf(steps: DraftPlan['steps'], inputs: Schema) {
  const marked = [...inputs, { name: MARK, type: 'FLOAT64' as const, nullable: true }];
  return parsePlan({ steps, features: [MARK] }, { inputs: marked }).steps;
}

const MARK = 'mark';

function takes(kind: string, options: Choice['options'], { type }: PlanColumn): boolean {
  if (kind === 'impute') return type !== 'STRING' || options['strategy'] === 'mode';
  if (kind === 'sample') return type !== 'FLOAT64';
  return kind !== 'dropcorrelated' || (type === 'STRING') === (options['by'] === 'cramer');
}

const PLACES: readonly (readonly [letter: string, types: readonly ColumnType[], place: number])[] = [
  ...['a', 'b', 'c', 'n', 'm'].map((letter, i) => [letter, ['FLOAT64', 'INT64'], i] as const),
  ...['s', 't'].map((letter, i) => [letter, ['STRING'], i] as const),
  ['yes', ['BOOL'], 0],
  ['time', ['TIMESTAMP'], 0],
];

/** Options that name columns, over these inputs; undefined where there is none of the type. */
function overColumns(options: Choice['options'], inputs: Schema): Choice['options'] | undefined {
  const columnOf = (letter: string): string | undefined => {
    const [, types = [], place = 0] = PLACES.find(([each]) => each === letter) ?? [];
    const fitting = inputs.filter(({ type }) => types.includes(type));
    return fitting[place % Math.max(fitting.length, 1)]?.name;
  };
  const { formula, by } = options;
  if (typeof formula === 'string') {
    const letters = [...formula.matchAll(LETTER)].map(([letter]) => letter);
    if (letters.some((letter) => columnOf(letter) === undefined)) return undefined;
    return { ...options, formula: formula.replace(LETTER, (letter) => (columnOf(letter) === letter ? letter : `"${(columnOf(letter) ?? '').replaceAll('"', '""')}"`)) };
  }
  if (by !== 's' && by !== 't') return options;
  const group = columnOf(by);
  return group === undefined ? undefined : { ...options, by: group };
}

const LETTER = /\b(?:a|b|c|n|m|s|t|yes|time)\b/g;
