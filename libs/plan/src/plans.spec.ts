import type { Schema } from '@millrace/core';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isError } from '@millrace/core';
import { PLAN_DOMAIN } from './errors.js';
import type { FeedRow } from './input-layout.js';
import { ParityChecker } from './parity-checker.js';
import { columnsOf, extendPlan, fitPlan, fittedFromJson, fittedToJson, KINDS, lowerPlan, parsePlan, type Plan } from './index.js';

const SCHEMA: Schema = [
  ...['a', 'b', 'c'].map((name) => ({ name, type: 'FLOAT64' as const, nullable: true })),
  ...['n', 'm'].map((name) => ({ name, type: 'INT64' as const, nullable: true })),
  ...['s', 't'].map((name) => ({ name, type: 'STRING' as const, nullable: true })),
  { name: 'yes', type: 'BOOL', nullable: true },
  { name: 'time', type: 'TIMESTAMP', nullable: true },
];

const often = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { freq: 9 });
const EDGES = [Number.NaN, Infinity, -Infinity, -0, 0, 5e-324, -5e-324, 1e300, -1e300, 0.1, 1, -1, 3.4028235677973366e38, 2 ** 53];
const tame = fc.double({ min: -1e4, max: 1e4, noNaN: true });
const word = fc.oneof({ weight: 6, arbitrary: fc.constantFrom('red', 'green', 'blue', 'é', 'e\u0301', '日本', '😀', "o'clock", 'a"b', '') }, { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 4 }).filter((text) => text.isWellFormed() && !text.includes('\u0000') && text !== '\uFFFF') });
/** The last and first moments of leap days, of the hours that daylight-saving time skips and repeats in New York and Berlin, of years and of an era. */
const MOMENTS = ['2000-02-29T00:00:00Z', '2004-02-28T23:59:59.999Z', '2024-02-29T23:59:59.999Z', '1900-02-28T23:59:59Z', '1900-03-01T00:00:00Z', '2100-02-28T23:59:59Z', '2024-03-10T06:59:59Z', '2024-03-10T07:00:00Z', '2024-11-03T05:30:00Z', '2024-11-03T06:30:00Z', '2024-03-31T01:00:00Z', '2024-10-27T00:30:00Z', '2024-10-27T01:30:00Z', '1969-12-31T23:59:59.999Z', '2000-03-01T00:00:00Z', '1999-12-31T23:59:59.999Z'];
const time = fc.oneof(fc.constantFrom(...MOMENTS).map((moment) => BigInt(Date.parse(moment)) * 1000n), fc.bigInt({ min: -(2n ** 51n), max: 2n ** 51n }), fc.bigInt({ min: -9_223_372_022_400_000_000n, max: 9_223_372_036_854_775_806n }));
const integer = fc.oneof(fc.bigInt({ min: -1000n, max: 1000n }), fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n }));
const row = (number: fc.Arbitrary<number>): fc.Arbitrary<FeedRow> =>
  fc.record({ a: often(number), b: often(number), c: often(number), n: often(integer), m: often(integer), s: often(word), t: often(word), yes: often(fc.boolean()), time: often(time) });
const trainingRows = fc.array(row(fc.oneof({ weight: 12, arbitrary: tame }, { weight: 1, arbitrary: fc.constantFrom(...EDGES) })), { minLength: 12, maxLength: 40 });
const servedRows = fc.array(row(fc.oneof(tame, fc.double(), fc.constantFrom(...EDGES))), { minLength: 1, maxLength: 15 });

interface Choice {
  readonly kind: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly columns: number;
  readonly picks: readonly number[];
}
/** Each reads inputs only, so that a plan may hold any of them. */
const FORMULAS = [
  'a + b * 2 - c / n % 3', "case when s = 'red' or starts_with(t, 'gr') then abs(a) when b is null then -1 else sqrt(b) end", "coalesce(a, b, 0) <= greatest(b, c, 1)",
  "case when contains(s || '-' || t, 'e-') then s else coalesce(t, 'none') end", "round(a) + floor(b) + ceil(c)", 'year(time) * 100 + month(time) + day(time) / 31',
  "hour(time) in (6, 7, 8) and not (yes = true) or s in ('', 'blue')", 'case when minute(time) != second(time) then quarter(time) else weekday(time) end', "ends_with(s, '') and t is not null", 'weekend(time) - least(a, n)',
  "upper(trim(concat(' ', s, t)))", "length(s) * 10 + length(replace(t, 'e', '—'))", "case when lower(s) = 'red' then substring(t, 2, 3) else replace(s, 'o''', '') end",
];
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
  robust: fc.constantFrom({}, { quantiles: [0.1, 0.8] }),
  select: fc.constant({}),
  smooth: fc.record({ bins: fc.integer({ min: 2, max: 9 }), by: fc.constantFrom('width', 'frequency'), to: fc.constantFrom('mean', 'median', 'boundary') }),
  standard: fc.constant({}),
  target: fc.constantFrom({}, { smoothing: 0 }, { smoothing: 2.5, min_count: 2, max: 3 }),
};
const choice: fc.Arbitrary<Choice> = fc.oneof(
  ...Object.entries(OPTIONS).map(([kind, options]) => fc.record({ kind: fc.constant(kind), options, columns: fc.integer({ min: 1, max: 4 }), picks: fc.array(fc.nat(20), { minLength: 4, maxLength: 4 }) })),
);

const LONG: ReadonlySet<string> = new Set(['log', 'log1p', 'quantile']);

/** A plan from choices: each step reads columns that its kind takes, and every number that comes out is a feature. */
function planOf(choices: readonly Choice[]): Plan | undefined {
  const everything = (steps: readonly unknown[]) => {
    const numbers = [...columnsOf({ inputs: SCHEMA, steps: parsePlan({ steps, features: ['a'] }, { inputs: SCHEMA }).steps, features: [] }).values()];
    return numbers.filter(({ type }) => type !== 'STRING' && type !== 'TIMESTAMP');
  };
  const steps: unknown[] = [];
  for (const [i, { kind, options, columns, picks }] of choices.entries()) {
    const known = [...columnsOf({ inputs: SCHEMA, steps: parsePlan({ steps, features: ['a'] }, { inputs: SCHEMA }).steps, features: [] }).values()];
    const { accepts = [], arity: [fewest, most] = [1, 1], families = false } = KINDS[kind] ?? {};
    const fitting = known.filter((column) => accepts.includes(column.type) && (families || !column.family) && (kind !== 'impute' || column.type !== 'STRING' || options['strategy'] === 'mode') && (kind !== 'dropcorrelated' || (column.type === 'STRING') === (options['by'] === 'cramer')));
    // An exact logarithm is a hundred operations in every query: one of them in a plan is enough.
    if (LONG.has(kind) && steps.some((step) => typeof step === 'object' && step !== null && LONG.has(Object.keys(step)[0] ?? ''))) continue;
    const count = Math.min(most, Math.max(fewest, kind === 'expr' ? 2 : LONG.has(kind) ? 1 : columns));
    const names = [...new Set(picks.slice(0, count).map((pick) => fitting[pick % fitting.length]?.name ?? ''))];
    if (names.length < fewest || (kind === 'expr' && names.length < 2)) continue;
    const step = { [kind]: { id: `${kind}-${i}`, ...(most > 0 && { columns: names }), ...options } };
    try {
      parsePlan({ steps: [...steps, step], features: ['a'] }, { inputs: SCHEMA });
      steps.push(step);
    } catch (error) {
      // Names that are there twice, and columns named in options that may have been dropped; a kind that is always refused is missed in the end.
      if (!['OUTPUT_NAMES', 'PLAN_INVALID', 'COLUMN_TYPE'].some((reason) => isError(error, PLAN_DOMAIN, reason))) throw error;
    }
  }
  return parsePlan({ steps, features: everything(steps).map(({ name }) => name) }, { inputs: SCHEMA });
}

let one: ParityChecker;
let two: ParityChecker;
beforeAll(async () => {
  [one, two] = [await ParityChecker.open(1), await ParityChecker.open(2)];
});
afterAll(() => [one, two].forEach((checker) => checker.close()));

const TABLE = { relation: '(SELECT *, id % 3 = 1 AS late FROM training)', order: 'id', target: 'late' };
const UNFIT = ['FIT_NO_VALUES', 'FIT_NO_COLUMNS', 'FIT_OVERFLOW', 'FEATURE_REPEATED', 'FEATURES_MISSING'];
let compared = 0;
const seen = new Set<string>();

it('gives random plans over all kinds the same bits on random rows in every rendering, and the same state on one and two threads', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(choice, { minLength: 2, maxLength: 7 }), trainingRows, servedRows, async (choices, training, served) => {
      const plan = planOf(choices);
      if (!plan) return;
      await one.load('training', SCHEMA, training);
      await two.load('training', SCHEMA, training);
      const fitted = await fitPlan(plan, { ...TABLE, query: one.query }).catch((error: unknown) => {
        if (UNFIT.some((reason) => isError(error, PLAN_DOMAIN, reason))) return undefined;
        throw error;
      });
      if (!fitted) return;
      expect((await fitPlan(plan, { ...TABLE, query: two.query })).digest).toBe(fitted.digest);
      const again = fittedFromJson(fittedToJson(fitted));
      expect(again).toEqual(fitted);
      const { features } = lowerPlan(again);
      expect((await two.differences({ schema: plan.inputs, rows: served, outputs: features })).slice(0, 3)).toEqual([]);
      compared++;
      for (const { kind } of plan.steps) seen.add(kind);
    }),
    { numRuns: 45, seed: 12, endOnFailure: true },
  );
  expect(compared).toBeGreaterThan(20);
  // Steps that only choose rows make no columns that could differ.
  expect([...seen].sort()).toEqual(Object.keys(KINDS).filter((kind) => !['split', 'sample', 'resample'].includes(KINDS[kind]?.role ?? '')).sort());
}, 240_000);

it('extends a plan on top of its features', () => {
  const plan = parsePlan({ steps: [{ onehot: { column: 's' } }], features: ['a', 's_onehot', 'n'] }, { inputs: SCHEMA });
  const extended = extendPlan(plan, [{ impute: { columns: 'features', flag: true } }, { pca: { columns: ['a', 'n'], components: 2 } }]);
  expect(extended.features).toEqual(['pc1', 'pc2', 'a_missing', 's_onehot', 's_onehot_missing', 'n_missing']);
  expect(extendPlan(plan, [{ droprows: { columns: 'features' } }]).features, 'a step that only looks at rows').toEqual(plan.features);
});
