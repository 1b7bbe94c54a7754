import { createHash } from 'node:crypto';
import type { Schema } from '@millrace/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkPlan, drawRows, parsePlan, type Plan, type SampleRecord, samplings } from '../index.js';
import { ParityChecker } from '../parity-checker.js';

const ROWS = 6_600;
const VISITED = 6_000;
const SCHEMA: Schema = [
  { name: 'id', type: 'INT64', nullable: false },
  { name: 'patient', type: 'INT64', nullable: true },
  { name: 'ward', type: 'STRING', nullable: true },
  { name: 'open', type: 'BOOL', nullable: true },
  { name: 'x', type: 'FLOAT64', nullable: true },
  { name: 'late', type: 'INT64', nullable: true },
  { name: 'at', type: 'TIMESTAMP', nullable: false },
];
const COLUMNS = ['id', 'patient', 'ward', 'open', 'x', 'late', 'at'];
/** Visits of some 300 patients in five wards of very different sizes; each tenth visit is there twice, and some cells are missing. */
const VISITS = `SELECT i AS id, CASE WHEN i % 97 <> 0 THEN i * 7919 % 300 END AS patient, CASE i % 16 WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN 'b,1:c' WHEN 3 THEN 'ö' ELSE 'a' END AS ward,
  i % 3 = 0 AS open, i / 7e0 AS x, CAST(i % 5 = 0 AS BIGINT) AS late, TIMESTAMP '2001-01-01' + INTERVAL (i) MINUTE AS at FROM (SELECT range AS i FROM range(${VISITED}) UNION ALL SELECT range * 10 AS i FROM range(${ROWS - VISITED}))`;

/** The same rows on 1, 2 and 4 threads, in as many orders. */
const HOMES = [
  { threads: 1, order: 'id' },
  { threads: 2, order: 'id DESC' },
  { threads: 4, order: 'hash(id, 5)' },
];
let homes: readonly ParityChecker[];
beforeAll(async () => {
  homes = await Promise.all(HOMES.map(({ threads }) => ParityChecker.open(threads)));
  for (const [i, { connection }] of homes.entries()) await connection.run(`CREATE TABLE visits AS SELECT *, row_number() OVER () AS o FROM (${VISITS} ORDER BY ${HOMES[i]?.order})`);
});
afterAll(() => homes.forEach((home) => home.close()));

type Step = Readonly<Record<string, unknown>>;
const planOf = (...steps: readonly unknown[]): Plan => parsePlan({ steps, features: ['x'] }, { inputs: SCHEMA });
const sampled = (step: Step): Plan => planOf({ sample: { id: 'some', ...step } });

interface Visit {
  readonly id: string;
  readonly patient: string;
  readonly ward: string;
}

/** What a plan draws in one home, by id. */
async function drawIn(home: ParityChecker | undefined, plan: Plan): Promise<{ readonly rows: readonly Visit[]; readonly records: readonly SampleRecord[] }> {
  if (!home) throw new Error('there is no such home');
  let relation = 'visits';
  const records: SampleRecord[] = [];
  for (const [place, sampling] of samplings(plan).entries()) {
    const drawn = await drawRows({ relation, order: 'o', columns: COLUMNS, query: home.query }, sampling, { place });
    relation = drawn.relation;
    records.push(drawn.record);
  }
  const rows = await home.query(`SELECT CAST(id AS VARCHAR) AS id, coalesce(CAST(patient AS VARCHAR), 'none') AS patient, coalesce(ward, 'NULL') AS ward FROM ${relation} ORDER BY id, patient`);
  return { rows: rows.map((row) => ({ id: String(row['id']), patient: String(row['patient']), ward: String(row['ward']) })), records };
}

/** The same in every home, or the spec fails. */
async function draw(step: Step) {
  const plan = sampled(step);
  const [first, ...others] = await Promise.all(homes.map((home) => drawIn(home, plan)));
  if (!first?.records[0]) throw new Error('nothing was drawn');
  for (const other of others) expect(other).toEqual(first);
  return { rows: first.rows, record: first.records[0] };
}

const share = fc.integer({ min: 2, max: 100 }).map((percent) => percent / 100);
const size = { share, count: fc.integer({ min: 1, max: ROWS + 500 }) };
const seed = fc.nat(1_000);
const step = fc.oneof(
  fc.record({ by: fc.constant('random'), share, seed, identity: fc.constantFrom(['id'], ['patient', 'x']) }, { requiredKeys: ['by', 'share', 'seed'] }),
  fc.record({ by: fc.constant('reservoir'), count: size.count, seed, identity: fc.constantFrom(['id'], ['ward']) }, { requiredKeys: ['by', 'count', 'seed'] }),
  ...(['share', 'count'] as const).flatMap((of) => [
    fc.record({ by: fc.constant('stratified'), [of]: size[of], seed, columns: fc.constantFrom(['ward'], ['ward', 'open'], ['late']), identity: fc.constant(['id']) }, { requiredKeys: ['by', of, 'seed', 'columns'] }),
    fc.record({ by: fc.constant('cluster'), [of]: of === 'share' ? share : fc.integer({ min: 1, max: 400 }), seed, column: fc.constantFrom('patient', 'ward') }),
  ]),
);

it('draws the same rows on 1, 2 and 4 threads and in any order of the rows, and says what it drew of how many', async () => {
  let drawn = 0;
  await fc.assert(
    fc.asyncProperty(step, async (options) => {
      const plan = sampled(options);
      const answers = await Promise.allSettled(homes.map((home) => drawIn(home, plan)));
      const [first, ...others] = answers;
      if (first?.status === 'rejected') {
        for (const answer of answers) expect(String((answer as PromiseRejectedResult).reason)).toContain('draws none of 6600 rows');
        return;
      }
      for (const other of others) expect(other).toEqual(first);
      expect(first?.value.records).toMatchObject([{ step: 'some', by: options.by, seed: options.seed, of: 'training', rowsBefore: ROWS, rows: first?.value.rows.length }]);
      drawn++;
    }),
    { numRuns: 60, seed: 11, endOnFailure: true },
  );
  expect(drawn).toBeGreaterThan(50);
}, 240_000);

describe('random', () => {
  it('takes each row by a hash that any program can compute', async () => {
    const { rows } = await draw({ by: 'random', share: 0.2, seed: 7, identity: ['id'] });
    const isDrawn = (id: number) => Number(BigInt(`0x${createHash('md5').update(`sample 0:7:${String(id).length}:${id}`).digest('hex').slice(0, 13)}`)) / 2 ** 52 < 0.2;
    expect([...new Set(rows.map(({ id }) => Number(id)))].sort((a, b) => a - b)).toEqual(Array.from({ length: VISITED }, (_, i) => i).filter(isDrawn));
  });

  it('takes about its share, other rows by another seed, and all of them by 1', async () => {
    const [seven, eight] = [await draw({ by: 'random', share: 0.3, seed: 7 }), await draw({ by: 'random', share: 0.3, seed: 8 })];
    // Four standard deviations of a binomial count.
    for (const { rows } of [seven, eight]) expect(Math.abs(rows.length - 0.3 * ROWS)).toBeLessThan(4 * Math.sqrt(0.3 * 0.7 * ROWS));
    expect(eight.rows).not.toEqual(seven.rows);
    expect((await draw({ by: 'random', share: 1 })).rows.length).toBe(ROWS);
  });

  it('draws a second time apart from the first, of the same seed too', async () => {
    const { records, rows } = await drawIn(homes[0], planOf({ sample: { by: 'random', share: 0.5, seed: 7 } }, { sample: { by: 'random', share: 0.5, seed: 7 } }));
    expect(records.map(({ rowsBefore }) => rowsBefore)).toEqual([ROWS, records[0]?.rows]);
    expect(Math.abs(rows.length - ROWS / 4)).toBeLessThan(200);
  });
});

describe('reservoir', () => {
  it('takes exactly so many, those that a smaller one took among them, and all where there are fewer', async () => {
    const [few, many, all] = [await draw({ by: 'reservoir', count: 50, seed: 3 }), await draw({ by: 'reservoir', count: 500, seed: 3 }), await draw({ by: 'reservoir', count: ROWS * 2, seed: 3 })];
    expect([few.rows.length, many.rows.length, all.rows.length]).toEqual([50, 500, ROWS]);
    const ids = new Set(many.rows.map(({ id }) => id));
    expect(few.rows.every(({ id }) => ids.has(id))).toBe(true);
  });
});

describe('stratified', () => {
  it('keeps the share of each stratum to the row, a missing value and an empty text apart', async () => {
    const { rows, record } = await draw({ by: 'stratified', column: 'ward', share: 0.1, seed: 7 });
    expect(record.strata?.map(({ stratum }) => stratum)).toEqual(['-', '0:', '1:a', '1:ö', '5:b,1:c']);
    expect(rows.length).toBe(ROWS / 10);
    const texts: Readonly<Record<string, string>> = { '-': 'NULL', '0:': '', '1:a': 'a', '1:ö': 'ö', '5:b,1:c': 'b,1:c' };
    for (const { stratum, rowsBefore, rows: taken } of record.strata ?? []) {
      expect(Math.abs(taken - rowsBefore / 10)).toBeLessThan(1);
      expect(rows.filter(({ ward }) => ward === texts[stratum]).length).toBe(taken);
    }
    expect(record.strata?.reduce((sum, { rowsBefore }) => sum + rowsBefore, 0)).toBe(ROWS);
  });

  it('refuses more strata than it can keep apart', async () => {
    const home = homes[0];
    if (!home) throw new Error('there is no home');
    const [sampling] = samplings(sampled({ by: 'stratified', column: 'id', share: 0.1 }));
    if (!sampling) throw new Error('there is no sampling');
    const table = { relation: '(SELECT range AS id, range AS o FROM range(10001))', order: 'o', columns: ['id'], query: home.query };
    await expect(drawRows(table, sampling, { place: 0 })).rejects.toThrow('step "some" (sample) cannot be drawn: its columns part the rows into more than 10000 strata; name columns with fewer values, or sample by "random".');
  });
});

describe('cluster', () => {
  it('takes whole groups, by share or by count', async () => {
    const all = (await draw({ by: 'random', share: 1 })).rows;
    const sizes = Map.groupBy(all, ({ patient }) => patient);
    for (const { options, expected } of [{ options: { share: 0.25 }, expected: undefined }, { options: { count: 17 }, expected: 17 }]) {
      const { rows, record } = await draw({ by: 'cluster', column: 'patient', seed: 5, ...options });
      const drawn = Map.groupBy(rows, ({ patient }) => patient);
      for (const [patient, visits] of drawn) expect(visits.length, patient).toBe(sizes.get(patient)?.length);
      expect(record.groups).toEqual([sizes.size, drawn.size]);
      expect(drawn.size).toBe(expected ?? drawn.size);
    }
    expect((await draw({ by: 'cluster', column: 'patient', share: 0.25, seed: 5 })).record.groups?.[1]).toBeGreaterThan(50);
  });
});

describe('a sample is refused', () => {
  it.each([
    [{ by: 'random', share: 0.1, column: 'ward' }, '"random" takes no column'],
    [{ by: 'stratified', share: 0.1 }, 'give the columns whose shares are kept'],
    [{ by: 'stratified', share: 0.1, column: 'ward', identity: ['ward'] }, 'apart from those of the identity'],
    [{ by: 'stratified', column: 'ward' }, 'give either "share" or "count"'],
    [{ by: 'cluster', column: 'ward', share: 0.1, count: 3 }, 'give either "share" or "count"'],
    [{ by: 'cluster', columns: ['ward', 'patient'], share: 0.1 }, 'give the one column'],
    [{ by: 'cluster', column: 'x', share: 0.1 }, '"x" is FLOAT64 and tells no groups apart'],
    [{ by: 'random', share: 0 }, 'share'],
  ])('%j', (options, why) => expect(() => sampled(options)).toThrow(why));

  const context = { target: 'late', knowledge: { open: 'after-event' as const }, eventTime: 'at' };
  it.each([
    ['after a step that learns', [{ standard: { id: 'scale', column: 'x' } }, { sample: { id: 'some', by: 'random', share: 0.1 } }], 'standard "scale" → sample "some": rows are drawn before anything is learnt'],
    ['after rows were balanced', [{ resample: { id: 'even', by: 'weights' } }, { sample: { id: 'some', by: 'random', share: 0.1 } }], 'resample "even" → sample "some"'],
    ['by groups of the target', [{ sample: { id: 'some', by: 'cluster', column: 'late', share: 0.5 } }], 'late → sample "some": whole groups of rows would be taken or left'],
    ['by groups of what is known later', [{ sample: { id: 'some', by: 'cluster', column: 'open', count: 1 } }, { split: { column: 'at' } }], 'open → sample "some"'],
    ['by a column that a step makes', [{ dateparts: { id: 'parts', column: 'at', parts: ['hour'], as: 'hour' } }, { cast: { id: 'again', column: 'id' } }, { sample: { id: 'some', by: 'reservoir', count: 5, identity: ['hour'] } }], 'not valid at step "some" (sample): "hour" is made by step "parts" (dateparts), but rows are drawn by the columns that they come with'],
  ])('%s', (_, steps, why) => expect(() => checkPlan(planOf(...steps), context)).toThrow(why));

  it('but not where it keeps the shares of the target, nor before the split', () => {
    checkPlan(planOf({ sample: { by: 'stratified', column: 'late', share: 0.5 } }, { split: { column: 'at' } }, { standard: { column: 'x' } }), context);
    expect(samplings(planOf({ sample: { by: 'random', share: 0.5 } }, { split: { column: 'at' } }, { sample: { by: 'random', share: 0.5 } })).map(({ of }) => of)).toEqual(['all', 'training']);
  });
});
