import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Schema } from '@millrace/core';
import { openLocalObjects } from '@millrace/objects';
import { openTables, type Tables } from '@millrace/tables';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TableObject } from '../table-object.js';
import { type KeptPartials, rollUp } from './roll-up.js';
import { checkRollup, type Rollup, type RollupColumn, rollupSchema } from './rollup.js';
import { bucketValue, HASHES_KEPT, QUANTILE_ACCURACY } from './sketches.js';

const HOUR = 3_600_000_000;
const SCHEMA: Schema = [
  { name: 'at', type: 'TIMESTAMP', nullable: true },
  { name: 'origin', type: 'STRING', nullable: true },
  { name: 'x', type: 'FLOAT64', nullable: true },
  { name: 'n', type: 'INT64', nullable: true },
  { name: 'late', type: 'BOOL', nullable: true },
];
const FINER = { schema: SCHEMA, eventTime: 'at' };
const column = (name: string, fold: RollupColumn['fold'], of = '', share = 0): RollupColumn => ({ name, fold, column: of, share });
const ROLLUP: Rollup = {
  of: 'datasets/d/versions/1',
  by: ['origin'],
  every: HOUR,
  columns: [
    column('rows', 'COUNT'),
    column('xs', 'COUNT', 'x'),
    column('sum_x', 'SUM', 'x'),
    column('sum_n', 'SUM', 'n'),
    column('lates', 'SUM', 'late'),
    column('low', 'MIN', 'x'),
    column('high', 'MAX', 'n'),
    column('mean_x', 'MEAN', 'x'),
    column('mean_late', 'MEAN', 'late'),
    column('var_x', 'VARIANCE', 'x'),
    column('sd_n', 'STDDEV', 'n'),
    column('median_x', 'QUANTILE', 'x', 0.5),
    column('p95_x', 'QUANTILE', 'x', 0.95),
    column('different', 'DISTINCT', 'n'),
  ],
};

let directory: string;
let one: Tables;
let two: Tables;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-rollup-'));
});
afterAll(() => rmSync(directory, { recursive: true }));
beforeEach(async () => {
  const objects = await openLocalObjects(join(directory, 'objects'));
  [one, two] = [await openTables({ objects, threads: 1, allow: [directory] }), await openTables({ objects, threads: 2, allow: [directory] })];
  return async () => {
    await one.close();
    await two.close();
  };
});

interface Row {
  readonly at: bigint | undefined;
  readonly origin: string | undefined;
  readonly x: number | undefined;
  readonly n: bigint | undefined;
  readonly late: boolean | undefined;
}
type Rolled = Readonly<Record<string, unknown>>;

async function objectOf(tables: Tables, rows: readonly Row[]): Promise<TableObject> {
  await tables.load('given', [
    { name: 'at', type: 'TIMESTAMP', values: rows.map(({ at }) => at) },
    { name: 'origin', type: 'STRING', values: rows.map(({ origin }) => origin) },
    { name: 'x', type: 'FLOAT64', values: rows.map(({ x }) => x) },
    { name: 'n', type: 'INT64', values: rows.map(({ n }) => n) },
    { name: 'late', type: 'BOOL', values: rows.map(({ late }) => late) },
  ]);
  const { ref, rows: written } = await tables.writeParquet('SELECT * FROM given');
  return { ...ref, rows: written };
}

let files = 0;
/** The rows of a rollup with what its version would keep. */
async function rolled(tables: Tables, objects: readonly TableObject[], { rollup = ROLLUP, before }: { rollup?: Rollup; before?: KeptPartials } = {}): Promise<{ rows: readonly Rolled[]; kept: KeptPartials }> {
  for (const table of ['rolled_merged', 'rolled_groups', 'rolled_parts', 'rolled_figures', 'rolled_page', ...objects.map((_, i) => `rolled_partials_${i}`), ...objects.map((_, i) => `rolled_cells_${i}`)]) await tables.run(`DROP TABLE IF EXISTS ${table}`);
  const path = join(directory, `rows-${files++}.parquet`);
  const kept = await rollUp(tables, { ...FINER, rollup, objects, before }, { path, signal: new AbortController().signal });
  return { rows: await tables.rows(`SELECT * FROM '${path}'`), kept };
}

const START = BigInt(Date.UTC(1969, 11, 31, 20)) * 1000n;
const often = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { freq: 8, nil: undefined });
const EDGES = [0, -0, 5e-324, -1e-310, 1e-300, 1e120, -1e120, 2 ** 32, 2 ** 32 - 2 ** -20, 2 ** 64, -(2 ** 64), 0.1, Number.NaN, Infinity, -Infinity];
const row: fc.Arbitrary<Row> = fc.record({
  at: often(fc.bigInt({ min: 0n, max: BigInt(6 * HOUR) }).map((after) => START + after)),
  origin: often(fc.constantFrom('ORD', 'LGA', 'ö', '')),
  x: often(fc.oneof({ weight: 4, arbitrary: fc.double({ min: -1e4, max: 1e4, noNaN: true }) }, { weight: 1, arbitrary: fc.constantFrom(...EDGES) })),
  n: often(fc.oneof({ weight: 4, arbitrary: fc.bigInt({ min: -20n, max: 20n }) }, { weight: 1, arbitrary: fc.bigInt({ min: -(2n ** 53n), max: 2n ** 53n }) })),
  late: often(fc.boolean()),
});
/** Rows, and to which of three objects each belongs. */
const cut = fc.array(fc.tuple(row, fc.integer({ min: 0, max: 2 })), { minLength: 1, maxLength: 60 }).filter((rows) => rows.some(([{ at }]) => at !== undefined));

/** What a rollup must be, computed in the plainest way. */
function expected(rows: readonly Row[]): readonly Rolled[] {
  const timed = rows.flatMap((each) => (each.at === undefined ? [] : [{ ...each, w: floorDivide(each.at, BigInt(HOUR)) }]));
  const groups = Map.groupBy(timed, ({ w, origin }) => `${w} ${origin ?? '?'}`);
  return [...groups.values()].map((of) => {
    const xs = of.flatMap(({ x }) => (x === undefined || !Number.isFinite(x) ? [] : [x + 0])).sort((a, b) => a - b);
    const ns = of.flatMap(({ n }) => (n === undefined ? [] : [n])).sort((a, b) => (a < b ? -1 : 1));
    const lates = of.flatMap(({ late }) => (late === undefined ? [] : [late ? 1n : 0n]));
    return { origin: of[0]?.origin, w: of[0]?.w, count: of.length, xs, ns, lates };
  });
}

const floorDivide = (a: bigint, b: bigint): bigint => (a >= 0n ? a / b : -((-a + b - 1n) / b));
const sum = (values: readonly bigint[]): bigint => values.reduce((a, b) => a + b, 0n);
/** A bound on the error of adding and squaring in plain doubles. */
const close = (value: unknown, other: number, scale: number): boolean => Math.abs(Number(value) - other) <= 1e-12 * scale + 1e-300;

describe('a rollup', () => {
  it('has the same bits on any number of threads and for any cut of the rows into objects, in any order, at once or one after another', async () => {
    await fc.assert(
      fc.asyncProperty(cut, async (rows) => {
        const parts = [0, 1, 2].map((part) => rows.flatMap(([each, of]) => (of === part ? [each] : []))).filter((part) => part.length > 0);
        const objects: TableObject[] = [];
        for (const part of parts) objects.push(await objectOf(one, part));
        const whole = await rolled(two, [await objectOf(two, rows.map(([each]) => each))]);
        const inParts = await rolled(one, objects);
        const reversed = await rolled(two, objects.toReversed());
        expect(inParts.rows).toEqual(whole.rows);
        expect(reversed.rows).toEqual(whole.rows);
        // The partials themselves too, byte for byte.
        expect(new Set([whole, inParts, reversed].map(({ kept }) => kept.partials.digest)).size).toBe(1);
        const [first] = objects;
        if (!first || parts[0]?.every(({ at }) => at === undefined)) return;
        const { kept } = await rolled(one, [first]);
        const grown = await rolled(one, objects, { before: kept });
        expect(grown.rows).toEqual(whole.rows);
        expect(grown.kept).toMatchObject({ objectsRead: new Set(objects.map(({ digest }) => digest)).size - 1, partials: { digest: whole.kept.partials.digest }, rowsWithoutTime: rows.filter(([{ at }]) => at === undefined).length });
      }),
      { numRuns: 40, seed: 3, endOnFailure: true },
    );
  }, 240_000);

  it('counts, sums and finds extremes exactly, and means and variances as the plainest reckoning does', async () => {
    await fc.assert(
      fc.asyncProperty(cut, async (rows) => {
        const given = rows.map(([each]) => each);
        const { rows: found } = await rolled(two, [await objectOf(two, given)]);
        const groups = new Map(found.map((each) => [`${String(floorDivide(BigInt((each['since'] as Date).getTime()) * 1000n, BigInt(HOUR)))} ${(each['origin'] as string | undefined) ?? '?'}`, each]));
        const wanted = expected(given);
        expect(groups.size).toBe(wanted.length);
        for (const want of wanted) {
          const { origin, w, count, xs, ns, lates } = want as { origin: string | undefined; w: bigint; count: number; xs: number[]; ns: bigint[]; lates: bigint[] };
          const got = groups.get(`${w} ${origin ?? '?'}`) ?? {};
          expect(got).toMatchObject({ rows: BigInt(count), xs: BigInt(xs.length), different: BigInt(new Set(ns).size) });
          expect((got['until'] as Date).getTime() - (got['since'] as Date).getTime()).toBe(HOUR / 1000);
          expect(got['sum_n']).toBe(ns.length === 0 ? undefined : sum(ns));
          expect(got['lates']).toBe(lates.length === 0 ? undefined : sum(lates));
          expect(got['mean_late']).toBe(lates.length === 0 ? undefined : Number(sum(lates)) / lates.length);
          expect([got['low'], got['high']]).toEqual([xs[0], ns.at(-1)]);
          if (xs.length === 0) expect([got['sum_x'], got['mean_x'], got['median_x']]).toEqual([undefined, undefined, undefined]);
          const scale = xs.reduce((most, x) => Math.max(most, Math.abs(x)), 0) * (xs.length + 1);
          if (xs.length > 0) {
            const total = xs.reduce((a, b) => a + b, 0);
            expect(close(got['sum_x'], total, scale), `${String(got['sum_x'])} ${total}`).toBe(true);
            expect(close(got['mean_x'], total / xs.length, scale)).toBe(true);
          }
          if (xs.length > 1) {
            const mean = xs.reduce((a, b) => a + b, 0) / xs.length;
            const variance = xs.reduce((a, x) => a + (x - mean) ** 2, 0) / (xs.length - 1);
            expect(close(got['var_x'], variance, scale * scale), `${String(got['var_x'])} ${variance}`).toBe(true);
          } else expect(got['var_x']).toBeUndefined();
          for (const [name, share] of [['median_x', 0.5], ['p95_x', 0.95]] as const) {
            const value = xs[Math.floor(share * (xs.length - 1))];
            if (value !== undefined) expect(Math.abs(Number(got[name]) - value)).toBeLessThanOrEqual(QUANTILE_ACCURACY * Math.abs(value) * (1 + 1e-9));
          }
        }
      }),
      { numRuns: 40, seed: 5, endOnFailure: true },
    );
  }, 240_000);

  it('rounds a sum once, where adding one after another has lost everything', async () => {
    const at = START;
    const rows = [1e20, 1, -1e20, 2 ** -30].map((x): Row => ({ at, origin: 'a', x, n: 9_007_199_254_740_992n, late: true }));
    const { rows: found } = await rolled(one, [await objectOf(one, rows)]);
    expect(found).toMatchObject([{ sum_x: 1 + 2 ** -30, mean_x: (1 + 2 ** -30) / 4, sum_n: 36_028_797_018_963_968n, sd_n: 0 }]);
    const far = [1e15, 1e15 + 1, 1e15 + 2].map((x): Row => ({ at, origin: 'a', x, n: 1n, late: true }));
    expect((await rolled(two, [await objectOf(two, far)])).rows).toMatchObject([{ var_x: 1 }]);
  });
});

describe('a sketch', () => {
  it('knows the bucket of every double, within its accuracy', async () => {
    const values = [...Array.from({ length: 2_000 }, (_, i) => 10 ** ((i - 1_000) / 4)).filter((x) => Number.isFinite(x) && x > 1e-307), Number.MAX_VALUE, 2 ** -1022];
    const { bucketSql } = await import('./sketches.js');
    await one.load('doubles', [{ name: 'y', type: 'FLOAT64', values: values.flatMap((x) => [x, -x]) }]);
    for (const { y, b } of await one.rows<{ y: number; b: bigint }>(`SELECT y, ${bucketSql('y')} AS b FROM doubles`)) expect(Math.abs(bucketValue(Number(b)) - y), String(y)).toBeLessThanOrEqual(QUANTILE_ACCURACY * Math.abs(y) * (1 + 1e-9));
  });

  it('tells quantiles of skewed numbers within 1 %, and how many are different within five standard errors, merged of many parts', async () => {
    const counts = [1_000, HASHES_KEPT - 1, HASHES_KEPT, 50_000, 300_000];
    for (const [i, count] of counts.entries()) {
      const parts: TableObject[] = [];
      for (const part of [0, 1, 2]) {
        // Each number stands in two of the three parts.
        const { ref, rows } = await two.writeParquet(`SELECT make_timestamp(0) AS at, 'a' AS origin, exp((hash(i, ${i}) % 1000000) / 1e5 - 3) AS x, i * 7919 + ${i} AS n, true AS late FROM range(${count}) r(i) WHERE i % 3 <> ${part} ORDER BY i`);
        parts.push({ ...ref, rows });
      }
      const merged = await rolled(two, parts);
      const { rows: [found = {}] } = merged;
      // Of all rows at once no other hashes are kept.
      const { ref, rows } = await one.writeParquet(`SELECT * FROM ${await one.scan(parts)}`);
      expect((await rolled(one, [{ ...ref, rows }])).kept.partials.digest).toBe(merged.kept.partials.digest);
      const n = 2 * count;
      const shareOf = (share: number) => ((Math.floor(share * (n - 1)) + 0.5) / n).toExponential();
      const [exact = {}] = await two.rows<Record<string, number>>(`SELECT quantile_disc(x, ${shareOf(0.5)}) AS median_x, quantile_disc(x, ${shareOf(0.95)}) AS p95_x FROM ${await two.scan(parts)}`);
      for (const name of ['median_x', 'p95_x']) expect(Math.abs(Number(found[name]) / Number(exact[name]) - 1)).toBeLessThanOrEqual(QUANTILE_ACCURACY * (1 + 1e-9));
      if (count < HASHES_KEPT) expect(found['different']).toBe(BigInt(count));
      else expect(Math.abs(Number(found['different']) / count - 1)).toBeLessThan(5 / Math.sqrt(HASHES_KEPT - 2));
    }
  }, 120_000);
});

describe('a rollup is refused', () => {
  const wrong = (change: Partial<Rollup>, finer = FINER) => () => checkRollup({ ...ROLLUP, ...change }, finer);
  it.each([
    ['windows without a time', wrong({}, { ...FINER, eventTime: '' }), 'has no event time to cut windows by'],
    ['windows too short', wrong({ every: 1 }), 'source.rollup.every must be from one second to 366 days'],
    ['no columns', wrong({ columns: [] }), 'source.rollup.columns must be 1 to 200'],
    ['a name twice', wrong({ columns: [column('Origin', 'COUNT')] }), 'makes the column "Origin" twice'],
    ['a name of its own', wrong({ columns: [column('until', 'COUNT')] }), '"since" and "until" are its own'],
    ['an unknown group', wrong({ by: ['town'] }), '"town" is no column of datasets/d/versions/1'],
    ['groups of doubles', wrong({ by: ['x'] }), '"x" is FLOAT64 and tells no groups apart'],
    ['a fold of texts', wrong({ columns: [column('m', 'MEAN', 'origin')] }), 'cannot fold "origin" of type STRING by MEAN'],
    ['a fold of nothing', wrong({ columns: [column('m', 'MEAN')] }), 'source.rollup.columns.m folds "", which is no column'],
    ['a share beyond 1', wrong({ columns: [column('q', 'QUANTILE', 'x', 1.5)] }), 'needs a share from 0 to 1'],
  ])('%s', (_, check, why) => expect(check).toThrow(why));

  it('but sound ones say what they make', () => {
    checkRollup(ROLLUP, FINER);
    expect(rollupSchema(ROLLUP, FINER).map(({ name, type }) => `${name} ${type}`).slice(0, 6)).toEqual(['origin STRING', 'since TIMESTAMP', 'until TIMESTAMP', 'rows INT64', 'xs INT64', 'sum_x FLOAT64']);
  });

  it('of more windows and groups than anybody reads', async () => {
    const { ref, rows } = await two.writeParquet('SELECT make_timestamp(0) AS at, i AS n FROM range(1000001) r(i) ORDER BY i');
    const one = { ...ROLLUP, by: ['n'], columns: [column('rows', 'COUNT')] };
    await expect(rolled(two, [{ ...ref, rows }], { rollup: one })).rejects.toThrow('The rollup of datasets/d/versions/1 has 1000001 windows of groups, more than 1000000; make the windows longer');
  });

  it('over numbers that cannot be squared or summed', async () => {
    const of = (x: number, n: bigint): Row => ({ at: START, origin: 'a', x, n, late: true });
    await expect(rolled(one, [await objectOf(one, [of(1e200, 1n)])])).rejects.toThrow('The column "var_x" of the rollup cannot be made: 1 values of "x" are beyond 1e150');
    const sums = { ...ROLLUP, columns: [column('s', 'SUM', 'n')] };
    await expect(rolled(one, [await objectOf(one, [of(1, 2n ** 63n - 1n), of(1, 2n ** 63n - 1n)])], { rollup: sums })).rejects.toThrow('The column "s" of the rollup cannot be made: a sum of "n" is beyond 64 bits');
    const doubles = { ...ROLLUP, columns: [column('s', 'SUM', 'x')] };
    await expect(rolled(one, [await objectOf(one, [of(1.7e308, 1n), of(1.7e308, 1n)])], { rollup: doubles })).rejects.toThrow('a sum of "x" is beyond a double');
  });
});
