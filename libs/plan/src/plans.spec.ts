import type { Schema } from '@millrace/core';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isError } from '@millrace/core';
import { PLAN_DOMAIN } from './errors.js';
import type { FeedRow } from './input-layout.js';
import { ParityChecker } from './parity-checker.js';
import { extendPlan, fitPlan, fittedFromJson, fittedToJson, KINDS, lowerPlan, parsePlan, type Plan } from './index.js';
import { type Choice, choiceOf, CHOOSERS, draftOf } from './random-plans.fixture.js';

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

/** Over every kind that makes columns or leaves rows out. */
function planOf(choices: readonly Choice[]): Plan {
  const { steps, features } = draftOf(choices, SCHEMA);
  return parsePlan({ steps, features }, { inputs: SCHEMA });
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
    fc.asyncProperty(fc.array(choiceOf({ choosers: false }), { minLength: 2, maxLength: 7 }), trainingRows, servedRows, async (choices, training, served) => {
      const plan = planOf(choices);
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
  expect([...seen].sort()).toEqual(Object.keys(KINDS).filter((kind) => !CHOOSERS.has(KINDS[kind]?.role ?? 'transform')).sort());
}, 240_000);

it('extends a plan on top of its features', () => {
  const plan = parsePlan({ steps: [{ onehot: { column: 's' } }], features: ['a', 's_onehot', 'n'] }, { inputs: SCHEMA });
  const extended = extendPlan(plan, [{ impute: { columns: 'features', flag: true } }, { pca: { columns: ['a', 'n'], components: 2 } }]);
  expect(extended.features).toEqual(['pc1', 'pc2', 'a_missing', 's_onehot', 's_onehot_missing', 'n_missing']);
  expect(extendPlan(plan, [{ droprows: { columns: 'features' } }]).features, 'a step that only looks at rows').toEqual(plan.features);
});
