import type { Schema } from '@millrace/core';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FeedRow } from './input-layout.js';
import { ParityChecker } from './parity-checker.js';
import { formulaColumns, formulasToJs, formulasToSql, formulaType, MAX_FORMULA_LENGTH } from './row-formulas.js';

const COLUMNS: Schema = [
  { name: 'x', type: 'FLOAT64', nullable: true },
  { name: 'n', type: 'INT64', nullable: true },
  { name: 'late', type: 'BOOL', nullable: true },
  { name: 'at', type: 'TIMESTAMP', nullable: true },
  { name: 'a b', type: 'STRING', nullable: true },
];
const FORMULAS = [
  'x / n', 'x * -1', 'n % 7', 'coalesce(x, n, 0)', 'case when late = 1 then x else n end', 'hour(at) + weekday(at) / 7', '"a b" || \'-\' || "a b"', 'x > n and not late = 1',
  'case when contains("a b", \'x\') then "a b" else \'none\' end', 'ln(abs(x)) + sqrt(n)', 'least(x, n, 3)', 'round(x)', 'case when x is null then \'no\' else "a b" end', 'floor(x) - x', 'x - x',
].map((formula, i) => ({ name: `f${i}`, formula }));

let checker: ParityChecker;
beforeAll(async () => void (checker = await ParityChecker.open()));
afterAll(() => checker.close());

const cell = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: null, freq: 4 });
const row: fc.Arbitrary<FeedRow> = fc.record({
  x: cell(fc.oneof(fc.double(), fc.constantFrom(0, -0, Infinity, -Infinity, Number.NaN, 2.5, -2.5, 1e308))),
  n: cell(fc.oneof(fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n }), fc.bigInt({ min: -9n, max: 9n }))),
  late: cell(fc.boolean()),
  at: cell(fc.oneof(fc.bigInt({ min: -62_135_596_800_000_000n, max: 253_402_300_799_999_999n }), fc.constantFrom(951_782_400_000_000n, -1n))),
  'a b': cell(fc.oneof(fc.constantFrom('', 'x', "it's", 'Zürich 🛫'), fc.string({ unit: 'grapheme' }).filter((text) => text.isWellFormed() && !text.includes('\u0000') && text !== '\uFFFF'))),
});

it('makes the same numbers and texts by SQL and by JavaScript, to the bit', async () => {
  const evaluate = formulasToJs(FORMULAS, COLUMNS);
  const rows = fc.sample(row, { numRuns: 4_000, seed: 11 });
  await checker.load('given', COLUMNS, rows);
  const made = await checker.query(`SELECT * FROM (${formulasToSql(FORMULAS, COLUMNS, { relation: 'given', tail: ['id'] })}) ORDER BY id`);
  const differences = rows.flatMap((given, i) => {
    const values = evaluate(given);
    return FORMULAS.flatMap(({ name, formula }, at) => (Object.is(values[at], made[i]?.[name] ?? undefined) ? [] : [{ formula, given, js: values[at], sql: made[i]?.[name] }]));
  });
  expect(differences.slice(0, 3)).toEqual([]);
  expect(new Set(rows.map((given) => evaluate(given)[0])).size).toBeGreaterThan(500);
});

it('says before anything runs what a formula reads and makes', () => {
  expect(FORMULAS.map(({ formula }) => formulaType(formula, COLUMNS)).filter((type) => type === 'STRING')).toHaveLength(3);
  expect(formulaColumns('case when x > 1 then n else x end + hour(at)')).toEqual(['x', 'n', 'at']);
});

it.each([
  ['x / y', 'at character 5 of the formula: there is no column "y"'],
  ['x + "a b"', 'at character 5 of the formula: a number is needed and this is a text'],
  ['at', 'at character 1 of the formula: a time is no result; take a part of it, such as hour(…)'],
  ['1 + 1', 'at character 1 of the formula: it names no column; name one'],
  ['x /', 'at character 4 of the formula: it ends where'],
])('refuses %s', (formula, message) => {
  expect(() => formulaType(formula, COLUMNS)).toThrow(message);
});

it('refuses a formula that is too long before it reads it', () => {
  expect(() => formulaType(`x${' + x'.repeat(MAX_FORMULA_LENGTH / 4)}`, COLUMNS)).toThrow(`at character ${MAX_FORMULA_LENGTH + 1} of the formula: more than ${MAX_FORMULA_LENGTH} characters; make several formulas of it`);
});

it('refuses a cell of another type with its row and column', () => {
  const evaluate = formulasToJs([{ name: 'y', formula: 'x + n' }], COLUMNS);
  expect(evaluate({ x: 1, n: 2n })).toEqual([3]);
  expect(evaluate({})).toEqual([undefined]);
  expect(() => evaluate({ x: 1, n: 'two' }, 7)).toThrow('Row 7, column "n": "two" is no INT64');
});
