import type { Schema } from '@millrace/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exactLn } from './exact-ln.js';
import type { Bool, F64, I64, Str } from './expression.js';
import type { FeedRow } from './input-layout.js';
import { Ir } from './ir.js';
import { renderJs } from './js-renderer.js';
import { ParityChecker } from './parity-checker.js';
import { DUCKDB } from './sql-dialect.js';

const NUMBERS = [
  null, Number.NaN, Infinity, -Infinity, -0, 0, 5e-324, -5e-324, 2.2250738585072014e-308, -2.225073858507201e-308, Number.MAX_VALUE, -Number.MAX_VALUE, 0.1, 0.5, 1, -1, 2, 3,
  1e-16, 4503599627370497.5, 3.4028235677973366e38, 3.4028234663852886e38, -3.4028235677973366e38, 1e-45, 7e-46, -1e-46, 1.6489884432702917, Math.SQRT2, Number.MAX_SAFE_INTEGER, 1e300,
];
const DAY = 86_400_000_000n;
const TIMES = [null, 0n, -1n, 1n, -DAY, DAY - 1n, -DAY - 1n, 951_782_400_000_000n, 951_868_799_999_999n, 1_709_164_800_000_000n, -2_203_891_200_000_000n, 253_402_300_799_999_999n, -62_135_596_800_000_000n, -9_223_372_022_400_000_000n, 9_223_372_036_854_775_806n];
const INTEGERS = [null, 0n, 1n, -1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 53n + 3n, -(2n ** 53n) - 1n, 2n ** 62n - 1n, 2n ** 63n - 1n, -(2n ** 63n) + 1n];
const TEXTS = [null, '', ' ', 'a', 'A', 'b', 'ab', 'é', 'e\u0301', '日本', '😀', 'ß', "o'clock", 'a"b', 'back\\slash', '%', '\uFFFE', '\uFFFFx', '\u{10FFFF}', '\n', 'word7', 'word31', ' a\t', '\u00a0a', 'İıI', 'ÀaZz', 'aaa', '👩‍👩‍👧'];

const NUMBER_SCHEMA: Schema = ['a', 'b'].map((name) => ({ name, type: 'FLOAT64', nullable: true }));
const TEXT_SCHEMA: Schema = ['s', 't'].map((name) => ({ name, type: 'STRING', nullable: true }));
const TIME_SCHEMA: Schema = [{ name: 'time', type: 'TIMESTAMP', nullable: true }, { name: 'count', type: 'INT64', nullable: true }, { name: 'yes', type: 'BOOL', nullable: true }];
const pairs = <T, U>(first: readonly T[], second: readonly U[]) => first.flatMap((x) => second.map((y) => [x, y] as const));
const NUMBER_ROWS: readonly FeedRow[] = pairs(NUMBERS, NUMBERS).map(([a, b]) => ({ a, b }));
const TEXT_ROWS: readonly FeedRow[] = pairs(TEXTS, TEXTS).map(([s, t]) => ({ s, t }));
const TIME_ROWS: readonly FeedRow[] = pairs(TIMES, INTEGERS).map(([time, count], i) => ({ time, count, yes: [null, true, false][i % 3] ?? null }));

interface Numbers {
  readonly ir: Ir;
  readonly a: F64;
  readonly b: F64;
}
const numbers = (): Numbers => {
  const ir = new Ir();
  return { ir, a: ir.col('a', 'FLOAT64') as F64, b: ir.col('b', 'FLOAT64') as F64 };
};

const NUMBER_OPERATIONS: Readonly<Record<string, (given: Numbers) => readonly F64[]>> = {
  col: ({ a, b }) => [a, b],
  lit: ({ ir, a }) => [0, -0, 5e-324, 0.1, -Infinity, Infinity, Number.NaN, Number.MAX_VALUE].flatMap((value) => [ir.lit(value), ir.add(a, ir.lit(value)), ir.mul(a, ir.lit(value))]),
  add: ({ ir, a, b }) => [ir.add(a, b), ir.add(ir.mul(a, b), ir.mul(b, ir.lit(-1))), ir.add(ir.mul(a, ir.lit(-3)), ir.lit(0)), ir.add(ir.lit(0), ir.mul(b, ir.lit(-3)))],
  sub: ({ ir, a, b }) => [ir.sub(a, b), ir.sub(ir.mul(a, ir.lit(-1)), b)],
  mul: ({ ir, a, b }) => [ir.mul(a, b)],
  div: ({ ir, a, b }) => [ir.div(a, b), ir.div(a, ir.mul(b, ir.lit(-1))), ir.div(a, ir.lit(0)), ir.div(a, ir.lit(3))],
  'constants that are neutral as float32': ({ ir, a, b }) =>
    [1.00000001, 1 + 2 ** -52, 1 - 2 ** -53, 1e-46, -5e-324, 1e-300].flatMap((value) =>
      [ir.add(a, ir.lit(value)), ir.sub(a, ir.lit(value)), ir.mul(a, ir.lit(value)), ir.div(a, ir.lit(value)), ir.mul(ir.lit(value), a), ir.add(ir.lit(value), a), ...ir.dot([a], [[value]])].map((node) => ir.div(node, b)),
    ),
  lt: ({ ir, a, b }) => [ir.flag(ir.lt(a, b))],
  le: ({ ir, a, b }) => [ir.flag(ir.le(a, b))],
  gt: ({ ir, a, b }) => [ir.flag(ir.gt(a, b))],
  ge: ({ ir, a, b }) => [ir.flag(ir.ge(a, b))],
  eq: ({ ir, a, b }) => [ir.flag(ir.eq(a, b))],
  and: ({ ir, a, b }) => [ir.flag(ir.and(ir.gt(a, ir.lit(0)), ir.lt(b, ir.lit(1))))],
  or: ({ ir, a, b }) => [ir.flag(ir.or(ir.gt(a, ir.lit(0)), ir.lt(b, ir.lit(1))))],
  not: ({ ir, a, b }) => [ir.flag(ir.not(ir.lt(a, b))), ir.flag(ir.not(ir.isnull(ir.sub(a, b))))],
  isnull: ({ ir, a, b }) => [ir.flag(ir.isnull(a)), ir.flag(ir.isnull(ir.div(a, b)))],
  when: ({ ir, a, b }) => [ir.when(ir.lt(a, b), a, b), ir.when(ir.gt(a, b), ir.mul(a, b), ir.mul(b, ir.lit(-1))), ir.when(ir.isnull(a), ir.lit(7), ir.mul(a, ir.lit(-0.5)))],
  floor: ({ ir, a, b }) => [ir.floor(a), ir.floor(ir.mul(a, ir.lit(-1))), ir.floor(ir.div(a, b))],
  sqrt: ({ ir, a, b }) => [ir.sqrt(a), ir.sqrt(ir.mul(a, ir.lit(-1))), ir.sqrt(ir.mul(a, b))],
  pow2: ({ ir, a }) => [ir.pow2(ir.floor(a)), ir.pow2(ir.floor(ir.mul(a, ir.lit(-500)))), ir.pow2(ir.floor(ir.mul(a, ir.lit(341.3))))],
  'exact ln': ({ ir, a, b }) => [exactLn(ir, a), exactLn(ir, ir.add(ir.mul(a, b), ir.lit(1)))],
  bucket: ({ ir, a, b }) => [ir.bucket(a, [-1, 0, 0.1, 3]), ir.bucket(b, []), ir.bucket(ir.mul(a, b), [-Number.MAX_VALUE, 5e-324, 1])],
  pick: ({ ir, a, b }) => [...ir.pick(ir.bucket(a, [-1, 0, 0.1, 3]), [[5, -0], [0.1, 1], [5e-324, 2], [Number.MAX_VALUE, 3], [-7, 4]]), ...ir.pick(ir.bucket(ir.mul(a, b), [0]), [[0.3], [-0.7]]), ...ir.pick(ir.bucket(b, []), [[2]]), ...ir.pick(ir.bucket(ir.lit(2), [1]), [[1, 8], [2, 9]])],
  forest: ({ ir, a, b }) => [
    ir.forest([a, b], [{ feature: [0, -1, 1, -1, -1], threshold: [0.1, 3, 0, 2 ** -12, -7.5], yes: [1, 0, 3, 0, 0], no: [2, 0, 4, 0, 0] }, { feature: [-1], threshold: [100], yes: [0], no: [0] }, { feature: [1, -1, -1], threshold: [5e-324, 1, 2], yes: [1, 0, 0], no: [2, 0, 0] }]),
    ir.forest([ir.div(a, b)], [{ feature: [0, -1, -1], threshold: [0.1, -0, 2], yes: [1, 0, 0], no: [2, 0, 0] }]), ir.forest([a, ir.lit(1)], [{ feature: [1, -1, -1], threshold: [1, 4, 2], yes: [1, 0, 0], no: [2, 0, 0] }]),
    ...[1.6489884432702917, 3.4028235677973366e38, -1e-46, Number.MAX_VALUE].map((edge) => ir.forest([b, a], [{ feature: [1, -1, -1], threshold: [edge, 1, 2], yes: [1, 0, 0], no: [2, 0, 0] }])),
  ],
  dot: ({ ir, a, b }) => [...ir.dot([a, b, ir.sub(a, b)], [[0.1, -0.7, 0], [1e300, 0.3, 1], [-5e-324, 3, 0.3]]), ...ir.dot([a], [[2]]), ...ir.dot([a, ir.lit(0.3)], [[2], [3]]), ...ir.dot([a, a], [[0.1], [3]]), ...ir.dot([ir.lit(1)], [[2, 3]]), ...ir.dot([b, a], [[1, 0.5], [0.1, 0]]).slice(1)],
};

const TEXT_OPERATIONS: Readonly<Record<string, (given: { readonly ir: Ir; readonly s: Str; readonly t: Str }) => readonly F64[]>> = {
  'eq of texts': ({ ir, s, t }) => [ir.flag(ir.eq(s, t)), ir.flag(ir.eq(s, ir.text('é'))), ir.flag(ir.not(ir.eq(s, t)))],
  'isnull of texts': ({ ir, s }) => [ir.flag(ir.isnull(s))],
  'when of texts': ({ ir, s, t }) => [ir.flag(ir.eq(ir.when(ir.isnull(s), t, s), ir.text('ab'))), ir.flag(ir.isnull(ir.when(ir.eq(t, ir.text('a')), s, t)))],
  concat: ({ ir, s, t }) => [ir.flag(ir.eq(ir.concat(s, t), ir.text('ab'))), ir.flag(ir.isnull(ir.concat(ir.concat(s, ir.text('-')), t))), ...codes(ir, ir.concat(s, t), 20), ...codes(ir, ir.concat(ir.text('a'), t), 3)],
  match: ({ ir, s, t }) => ['', 'a', 'b', 'é', '😀', '日', '\\', '"', '%', '.', '\n', 'word', "o'c", '\uFFFF', '$', 'x{1}', ' '].flatMap((text) => (['start', 'end', 'anywhere'] as const).map((where) => ir.flag(ir.match(text === 'a' ? ir.concat(s, t) : s, where, text)))),
  recase: ({ ir, s, t }) => (['lower', 'upper'] as const).flatMap((to) => [...codes(ir, ir.recase(s, to), 20), ir.flag(ir.eq(ir.recase(ir.concat(s, t), to), ir.concat(s, t))), ir.flag(ir.isnull(ir.recase(s, to))), ir.flag(ir.eq(ir.recase(ir.text('aZ'), to), s))]),
  trim: ({ ir, s, t }) => [...codes(ir, ir.trim(s), 20), ...codes(ir, ir.trim(ir.concat(ir.concat(ir.text(' \t'), s), ir.text('\n\r '))), 20), ir.length(ir.trim(ir.concat(s, t))), ir.length(ir.trim(ir.text('  '))), ir.flag(ir.isnull(ir.trim(ir.concat(ir.text(' '), s))))],
  length: ({ ir, s, t }) => [ir.length(s), ir.length(ir.concat(s, t)), ir.length(ir.text('é😀')), ir.length(ir.text('')), ir.add(ir.length(s), ir.length(t))],
  substring: ({ ir, s, t }) => [[1, 1], [1, 2], [2, 1], [3, 5], [1, 64], [256, 3]].flatMap(([from = 1, count = 1]) => [ir.length(ir.substring(ir.concat(s, t), from, count)), ir.flag(ir.eq(ir.substring(s, from, count), t)), ...codes(ir, ir.substring(t, from, count), 20)]),
  replace: ({ ir, s, t }) => [['a', ''], ['a', 'aa'], ['', 'b'], ['😀', '$&'], ["'", '"'], ['word', '\\'], [' ', '\n'], ['x', ''], ['aa', 'b']].filter(([find]) => find !== '').flatMap(([find = 'a', by = '']) => [ir.length(ir.replace(s, find, by)), ir.flag(ir.eq(ir.replace(ir.concat(s, t), find, by), ir.text('ab'))), ...codes(ir, ir.replace(ir.concat(ir.concat(s, t), s), find, by), 20), ir.flag(ir.isnull(ir.replace(s, find, by)))]),
  'texts in texts in texts': ({ ir, s, t }) => [ir.length(ir.replace(ir.recase(ir.trim(ir.concat(s, ir.substring(t, 1, 2))), 'upper'), 'A', 'xyz')), ...codes(ir, ir.when(ir.gt(ir.length(s), ir.lit(1)), ir.substring(s, 2, 9), ir.recase(t, 'lower')), 20)],
  'lookup of few keys': ({ ir, s, t }) => [...codes(ir, s, 20), ...codes(ir, t, 1)],
  'lookup of many keys': ({ ir, s, t }) => [...codes(ir, s, 60), ...codes(ir, t, 60), ...wide(ir, s, 60)],
  'lookup of no keys': ({ ir, s }) => ir.lookup(s, { keys: [], rows: [], unseen: [-1, 2], missing: [Number.NaN, 4] }),
  elem: ({ ir, s }) => [...wide(ir, s, 5)].reverse().slice(1),
};
const keys = (count: number) => [...TEXTS.filter((text) => text !== null), ...Array.from({ length: 60 }, (_, i) => `key${i}`)].slice(0, count);
const codes = (ir: Ir, text: Str, count: number) => ir.lookup(text, { keys: keys(count), rows: keys(count).map((_, i) => [i * 0.1]), unseen: [-1], missing: [Number.NaN] });
const wide = (ir: Ir, text: Str, count: number) => ir.lookup(text, { keys: keys(count), rows: keys(count).map((_, i) => [i, -i, i === 3 ? 1 : 0]), unseen: [0, 0, 9], missing: [-0, Number.NaN, 0] });

const TIME_OPERATIONS: Readonly<Record<string, (given: { readonly ir: Ir; readonly time: I64; readonly count: I64; readonly yes: F64 }) => readonly F64[]>> = {
  fmod: ({ ir, time, count }) => [ir.i2d(ir.fmod(time, DAY)), ir.i2d(ir.fmod(count, 7n)), ir.i2d(ir.fmod(count, 2n ** 60n))],
  iadd: ({ ir, time, count }) => [ir.i2d(ir.iadd(ir.fmod(time, DAY), -DAY)), ir.i2d(ir.iadd(ir.fmod(count, 10n), 5n))],
  idiv: ({ ir, time, count }) => [ir.i2d(ir.idiv(ir.fmod(time, 7n * DAY), DAY)), ir.i2d(ir.idiv(ir.iadd(ir.fmod(count, 10n), 1n), 3n))],
  i2d: ({ ir, time, count }) => [ir.i2d(time), ir.i2d(count)],
  'isnull of integers': ({ ir, time, count }) => [ir.flag(ir.isnull(time)), ir.flag(ir.isnull(ir.fmod(count, 3n)))],
  'flags as numbers': ({ ir, yes }) => [yes, ir.flag(ir.eq(yes, ir.lit(1))), ir.flag(ir.isnull(yes))],
};

let checker: ParityChecker;
beforeAll(async () => void (checker = await ParityChecker.open()));
afterAll(() => checker.close());
const named = <T>(nodes: readonly T[]) => nodes.map((node, i) => ({ name: String(i), node }));

describe('an operation has the same bits in DuckDB, in ONNX Runtime on a batch and on a row, and in JavaScript:', () => {
  it.each(Object.entries(NUMBER_OPERATIONS))('%s, as a double', async (_, build) => {
    const outputs = named(build(numbers()));
    expect((await checker.differences({ schema: NUMBER_SCHEMA, rows: NUMBER_ROWS, outputs })).slice(0, 3)).toEqual([]);
  });

  it('all of them together, as float32', async () => {
    const given = numbers();
    const outputs = named(Object.values(NUMBER_OPERATIONS).flatMap((build) => build(given)).map((node) => given.ir.f32(node)));
    expect((await checker.differences({ schema: NUMBER_SCHEMA, rows: NUMBER_ROWS, outputs })).slice(0, 3)).toEqual([]);
  });

  it.each(Object.entries(TEXT_OPERATIONS))('%s', async (_, build) => {
    const ir = new Ir();
    const outputs = named(build({ ir, s: ir.col('s', 'STRING') as Str, t: ir.col('t', 'STRING') as Str }));
    expect((await checker.differences({ schema: TEXT_SCHEMA, rows: TEXT_ROWS, outputs })).slice(0, 3)).toEqual([]);
  });

  it.each(Object.entries(TIME_OPERATIONS))('%s', async (_, build) => {
    const ir = new Ir();
    const outputs = named(build({ ir, time: ir.col('time', 'TIMESTAMP') as I64, count: ir.col('count', 'INT64') as I64, yes: ir.col('yes', 'BOOL') as F64 }));
    expect((await checker.differences({ schema: TIME_SCHEMA, rows: TIME_ROWS, outputs })).slice(0, 3)).toEqual([]);
  });

  it('random graphs of operations on random numbers', async () => {
    const number = fc.oneof(fc.constantFrom(...NUMBERS), fc.double(), fc.double({ min: -10, max: 10 }), fc.float());
    const rows = fc.array(fc.record({ a: number, b: number }), { minLength: 1, maxLength: 20 });
    const recipe = fc.array(fc.record({ op: fc.nat(11), x: fc.nat(99), y: fc.nat(99), value: fc.oneof(fc.constantFrom(0, 1, -1, 0.5, Infinity), fc.double({ noNaN: true })) }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(recipe, rows, async (steps, given) => {
        const outputs = named(grown(steps));
        expect(await checker.differences({ schema: NUMBER_SCHEMA, rows: given, outputs })).toEqual([]);
      }),
      { numRuns: 30, seed: 11, endOnFailure: true },
    );
  }, 180_000);
});

interface Growth {
  readonly op: number;
  readonly x: number;
  readonly y: number;
  readonly value: number;
}

/** A graph that grows by one operation a step, over any earlier nodes. */
function grown(steps: readonly Growth[]): readonly F64[] {
  const { ir, a, b } = numbers();
  const nodes: F64[] = [a, b];
  for (const { op, x, y, value } of steps) {
    const [p = a, q = b] = [nodes[x % nodes.length], nodes[y % nodes.length]];
    const conditions: readonly (() => Bool)[] = [() => ir.lt(p, q), () => ir.isnull(p), () => ir.or(ir.eq(p, q), ir.not(ir.ge(q, ir.lit(value))))];
    const makers: readonly (() => F64)[] = [
      () => ir.add(p, q), () => ir.sub(p, q), () => ir.mul(p, q), () => ir.div(p, q), () => ir.mul(p, ir.lit(value)), () => ir.floor(p),
      () => exactLn(ir, p), () => ir.when((conditions[y % 3] ?? (() => ir.isnull(p)))(), p, q), () => ir.bucket(p, Number.isFinite(value) ? [value] : [0, 1]), () => ir.dot([p, q], [[0.3, Number.isFinite(value) ? value : 1], [-2, 0.1]])[x % 2] ?? p,
      () => ir.sqrt(p), () => ir.pick(ir.bucket(p, [-1, 0.1]), [[1, -2], [0.3, 4], [-5, 1e300]])[x % 2] ?? p,
    ];
    nodes.push(makers[op]?.() ?? a);
  }
  return nodes.slice(2);
}

describe('the exact logarithm', () => {
  it('is at most one unit in the last place from the one of JavaScript', () => {
    const { ir, a } = numbers();
    const evaluate = renderJs([exactLn(ir, a)]);
    fc.assert(
      fc.property(fc.double({ min: 5e-324, max: Number.MAX_VALUE, noNaN: true }), (x) => {
        const [exact = 0] = evaluate(() => x);
        expect(Math.abs(exact - Math.log(x))).toBeLessThanOrEqual(Math.abs(Math.log(x)) * Number.EPSILON + Number.MIN_VALUE);
      }),
      { numRuns: 20_000, seed: 5 },
    );
    const values = [1, 0, -1, Infinity, -Infinity, Number.NaN];
    expect(values.map((x) => evaluate(() => x)[0])).toEqual([0, Number.NaN, Number.NaN, Infinity, Number.NaN, Number.NaN]);
  });
});

describe('the parity checker', () => {
  const rows: readonly FeedRow[] = Array.from({ length: 2_000 }, (_, i) => ({ a: 1 + ((i * 0.61803398875) % 1) * 50, b: i }));

  it("finds the last bits in which the engines' own logarithms differ", async () => {
    const { ir, a } = numbers();
    const found = await checker.differences({ schema: NUMBER_SCHEMA, rows, outputs: named([ir.ln(a)]) });
    expect(found.length).toBeGreaterThan(rows.length / 100);
    expect(await checker.differences({ schema: NUMBER_SCHEMA, rows, outputs: named([exactLn(ir, a)]) })).toEqual([]);
  });

  it('finds a dialect that lets NaN compare as DuckDB does', async () => {
    const { ir, a, b } = numbers();
    const outputs = named([ir.flag(ir.gt(a, b))]);
    const dialect = { ...DUCKDB, column: (sql: string) => sql };
    expect((await checker.differences({ schema: NUMBER_SCHEMA, rows: NUMBER_ROWS, outputs, dialect })).length).toBeGreaterThan(0);
  });

  it('finds a dialect with decimal literals, and one that keeps −0', async () => {
    const { ir, a } = numbers();
    const dialect = { ...DUCKDB, double: (value: number) => (Number.isFinite(value) ? `CAST(${value.toFixed(3)} AS DOUBLE)` : DUCKDB.double(value)) };
    expect((await checker.differences({ schema: NUMBER_SCHEMA, rows, outputs: named([ir.mul(a, ir.lit(0.12345))]), dialect })).length).toBeGreaterThan(0);
    const keeping = { ...DUCKDB, noNegativeZero: (sql: string) => sql };
    const outputs = named([ir.when(ir.lt(a, ir.lit(5)), ir.mul(a, ir.lit(-1)), a)]);
    expect((await checker.differences({ schema: NUMBER_SCHEMA, rows: [{ a: 0, b: 0 }], outputs, dialect: keeping })).length).toBe(1);
  });

  it('finds an evaluator that sums in another order', async () => {
    const { ir, a, b } = numbers();
    const dot = ir.dot([a, b, ir.lit(0.1)], [[0.1], [0.2], [0.3]]);
    const backwards = ir.dot([ir.lit(0.1), b, a], [[0.3], [0.2], [0.1]]);
    const found = await checker.differences({ schema: NUMBER_SCHEMA, rows, outputs: named(dot), evaluator: renderJs(backwards) });
    expect(found.length).toBeGreaterThan(0);
  });
});

describe('the builder of expressions', () => {
  it('makes equal operations once', () => {
    const { ir, a, b } = numbers();
    expect(ir.add(a, b)).toBe(ir.add(a, b));
    expect(ir.lit(-0)).toBe(ir.lit(0));
    expect(ir.lit(Number.NaN)).toBe(ir.lit(Number.NaN));
    expect(ir.lit(1)).not.toBe(ir.bucket(a, [1]));
  });

  it('refuses what some engine could not do alike', () => {
    const { ir, a } = numbers();
    const time = ir.col('time', 'TIMESTAMP') as I64;
    expect(() => ir.iadd(time, 1n)).toThrow('bounded by fmod');
    expect(() => ir.idiv(ir.iadd(ir.fmod(time, 5n), -1n), 2n)).toThrow('non-negative');
    expect(() => ir.pow2(a)).toThrow('floor');
    expect(() => ir.bucket(a, [2, 1])).toThrow('each above the one before');
    const text = ir.text('x');
    expect(() => ir.substring(text, 0, 1)).toThrow('whole numbers from 1');
    expect(() => ir.substring(text, 1, 65)).toThrow('from 1 to 64');
    expect(() => ir.replace(text, '', 'y')).toThrow('at least one character');
    expect(() => ir.replace(text, 'a', '\ud800')).toThrow('halves of surrogate pairs');
    const leaf = { feature: [-1], threshold: [2 ** -13], yes: [0], no: [0] };
    expect(() => ir.forest([a], [leaf])).toThrow('multiples of');
    expect(() => ir.forest([a], [{ ...leaf, threshold: [4096] }])).toThrow('add up to less than 4096');
    expect(() => ir.forest([a], [{ feature: [0, -1, -1], threshold: [1, 1, 1], yes: [0, 0, 0], no: [2, 0, 0] }]), 'a circle').toThrow('trees whose leaves');
    expect(() => ir.pick(a, [[1]])).toThrow('a row of finite numbers for each of its places');
    expect(() => ir.pick(ir.bucket(a, [1]), [[1]])).toThrow('a row of finite numbers for each of its places');
    expect(() => ir.lookup(ir.col('s', 'STRING') as Str, { keys: ['x', 'x'], rows: [[1], [2]], unseen: [0], missing: [0] })).toThrow('different keys');
  });
});
