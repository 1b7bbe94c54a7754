import type { Schema } from '@millrace/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FitTable, fitPlan, fittedFromJson, fittedToJson, parsePlan, toJs } from './index.js';
import { ParityChecker } from './parity-checker.js';

const ROWS = 300_000;
const SCHEMA: Schema = [
  ...['x', 'y', 'z', 'k'].map((name) => ({ name, type: 'FLOAT64' as const, nullable: true })),
  { name: 's', type: 'STRING', nullable: true },
];
const PLAN = parsePlan(
  {
    steps: [
      { clip: { id: 'cut', columns: ['x', 'y'], quantiles: [0.01, 0.99] } },
      { impute: { id: 'fill', columns: ['x', 'y'], strategy: 'mean', flag: true } },
      { impute: { id: 'often', columns: ['k', 's'], strategy: 'mode' } },
      { impute: { id: 'middle', column: 'z' } },
      { standard: { id: 'scale', columns: ['x', 'y', 'z'] } },
      { bin: { id: 'bins', column: 'x', bins: 5 } },
      { frequency: { id: 'share', column: 's' } },
      { onehot: { id: 'hot', column: 's', max: 5 } },
      { pca: { id: 'axes', columns: ['x', 'y', 'z'], components: 2 } },
    ],
    features: ['x', 'y', 'z', 'k', 'x_bin', 's_frequency', 's_onehot', 'pc1', 'pc2'],
  },
  { inputs: SCHEMA },
);

let one: ParityChecker;
let two: ParityChecker;
beforeAll(async () => {
  [one, two] = [await ParityChecker.open(1), await ParityChecker.open(2)];
  for (const { connection } of [one, two])
    // Ties of −0 and 0, of categories and of modes are there on purpose.
    await connection.run(`CREATE TABLE t AS SELECT i AS id,
      CASE WHEN i % 17 = 0 THEN NULL ELSE (hash(i) % 1000003) / 7e0 - 50000 END AS x,
      CASE WHEN i % 13 = 0 THEN 'NaN'::DOUBLE WHEN i % 1009 = 0 THEN 'Infinity'::DOUBLE ELSE exp((hash(i + 5) % 1000) / 50e0) END AS y,
      CASE i % 4 WHEN 0 THEN -0e0 WHEN 1 THEN 0e0 WHEN 2 THEN sin(i) ELSE NULL END AS z,
      CASE WHEN i % 5 = 0 THEN NULL ELSE (i % 6) * (CASE WHEN i % 2 = 0 THEN -1e0 ELSE 1e0 END) END AS k,
      CASE WHEN i % 10 = 0 THEN NULL ELSE chr((97 + i % 8)::INTEGER) END AS s
      FROM range(${ROWS}) r(i)`);
});
afterAll(() => [one, two].forEach((checker) => checker.close()));
const table = (checker: ParityChecker, relation = 't'): FitTable => ({ relation, order: 'id', query: checker.query });

describe('fitting', () => {
  it('gives the same state on one and two threads, run after run', async () => {
    const { digest } = await fitPlan(PLAN, table(one));
    for (let run = 0; run < 3; run++) expect((await fitPlan(PLAN, table(two))).digest).toBe(digest);
  });

  it('is held to that by its row order: other orders of adding give other sums', async () => {
    const orders = ['id', 'id DESC', 'hash(id)'];
    const plain = await Promise.all(orders.map(async (order) => (await one.query(`SELECT sum(y ORDER BY ${order}) AS s FROM t WHERE isfinite(y)`))[0]?.['s']));
    expect(new Set(plain).size).toBeGreaterThan(1);
  });

  it('sees only the rows that it is given', async () => {
    const all = await fitPlan(PLAN, table(one));
    const half = await fitPlan(PLAN, table(one, `(SELECT * FROM t WHERE id < ${ROWS / 2})`));
    await one.connection.run(`CREATE OR REPLACE TABLE u AS SELECT * FROM t WHERE id < ${ROWS / 2}`);
    expect((await fitPlan(PLAN, table(one, 'u'))).digest).toBe(half.digest);
    expect(half.digest).not.toBe(all.digest);
  });

  it('survives its JSON, bit for bit', async () => {
    const fitted = await fitPlan(PLAN, table(one));
    const again = fittedFromJson(fittedToJson(fitted));
    expect(again).toEqual(fitted);
    const row = { x: 1.5, y: -0, z: 3, k: 2, s: 'b' };
    expect(toJs(again)(row)).toEqual(toJs(fitted)(row));
    expect(() => fittedFromJson('{"plan":1')).toThrow('it is no JSON');
    expect(() => fittedFromJson('{"plan":{},"states":{}}')).toThrow('no input columns');
    const { states, ...rest } = JSON.parse(fittedToJson(fitted)) as { states: Record<string, unknown> };
    expect(() => fittedFromJson(JSON.stringify({ ...rest, states: { ...states, scale: undefined } }))).toThrow('the state of step "scale" (standard) is missing');
  });

  it('keeps what every step has learnt, whatever the step is called', async () => {
    const plan = parsePlan({ steps: ['__proto__', 'constructor'].map((id) => ({ impute: { id, column: 'z', strategy: 'mean' } })), features: ['z'] }, { inputs: SCHEMA });
    const fitted = await fitPlan(plan, table(one));
    expect(Object.keys(fitted.states)).toEqual(['__proto__', 'constructor']);
    expect(fittedFromJson(fittedToJson(fitted))).toEqual(fitted);
  });

  it('names the step and the column that cannot be fitted', async () => {
    const empty = `(SELECT id, CAST(NULL AS DOUBLE) AS x, y, z, k, s FROM t LIMIT 100)`;
    await expect(fitPlan(PLAN, table(one, empty))).rejects.toThrow('step "cut" (clip) cannot be fitted: "x" has no finite value');
    const huge = `(SELECT id, 1.7e308 AS x, y, z, k, s FROM t LIMIT 100)`;
    const plan = parsePlan({ steps: [{ standard: { column: 'x' } }], features: ['x'] }, { inputs: SCHEMA });
    await expect(fitPlan(plan, table(one, huge))).rejects.toThrow('the sum of "x" is beyond a double');
  });

  it('stops between steps when it is cancelled', async () => {
    const controller = new AbortController();
    const steps: number[] = [];
    const onStep = (done: number) => {
      steps.push(done);
      if (done === 1) controller.abort();
    };
    await expect(fitPlan(PLAN, table(one), { signal: controller.signal, onStep })).rejects.toThrow('abort');
    expect(steps).toEqual([0, 1]);
  });
});

/** Figures of scikit-learn 1.9 and numpy on the same small columns. */
describe('a state is the textbook one', () => {
  const values = [4, 1, null, 3.5, 10, -2, Number.NaN, Infinity, 7, 7];
  const fitOn = async (step: unknown, feature: string) => {
    const schema: Schema = [{ name: 'v', type: 'FLOAT64', nullable: true }];
    await one.load('small', schema, values.map((v) => ({ v })));
    const plan = parsePlan({ steps: [step], features: [feature] }, { inputs: schema });
    return Object.values((await fitPlan(plan, table(one, 'small'))).states)[0];
  };
  // Finite values in order: −2, 1, 3.5, 4, 7, 7, 10.
  const mean = 30.5 / 7;
  const variance = [-2, 1, 3.5, 4, 7, 7, 10].reduce((sum, v) => sum + (v - mean) ** 2, 0) / 7;

  it.each([
    [{ impute: { column: 'v' } }, 'v', { columns: [{ fill: 4, flag: false }] }],
    [{ impute: { column: 'v', strategy: 'mode' } }, 'v', { columns: [{ fill: 7, flag: false }] }],
    [{ impute: { column: 'v', strategy: 'constant', value: -1 } }, 'v', { columns: [{ fill: -1, flag: false }] }],
    [{ clip: { column: 'v', quantiles: [0.25, 0.75] } }, 'v', { columns: [{ low: 2.25, high: 7 }] }],
    [{ clip: { column: 'v', min: 0 } }, 'v', { columns: [{ low: 0 }] }],
    [{ minmax: { column: 'v', range: [-1, 1] } }, 'v', { columns: [{ scale: 2 / 12, add: -1 + 2 * (2 / 12) }] }],
    [{ log1p: { column: 'v', shift: true } }, 'v', { columns: [{ add: 3 }] }],
    [{ bin: { column: 'v', bins: 3, by: 'width' } }, 'v_bin', { columns: [{ edges: [2, 6] }] }],
    [{ bin: { column: 'v', bins: 4 } }, 'v_bin', { columns: [{ edges: [2.25, 4, 7] }] }],
  ])('%j', async (step, feature, state) => {
    expect(await fitOn(step, feature)).toMatchObject(state);
  });

  it('standard: mean and population deviation', async () => {
    const state = (await fitOn({ standard: { column: 'v' } }, 'v')) as { columns: readonly { mean: number; scale: number }[] };
    expect(state.columns[0]?.mean).toBe(mean);
    expect(state.columns[0]?.scale).toBeCloseTo(Math.sqrt(variance), 14);
  });

  it('pca: the axes of a tilted cloud', async () => {
    const schema: Schema = ['p', 'q'].map((name) => ({ name, type: 'FLOAT64', nullable: false }));
    await one.load('small', schema, [-2, -1, 0, 1, 2].flatMap((t) => [{ p: 3 * t + 1, q: 4 * t }, { p: 3 * t + 1 - 0.04, q: 4 * t + 0.03 }]));
    const plan = parsePlan({ steps: [{ pca: { id: 'axes', columns: ['p', 'q'], components: 2 } }], features: ['pc1', 'pc2'] }, { inputs: schema });
    const { states } = await fitPlan(plan, table(one, 'small'));
    const { weights, variances } = states['axes'] as { weights: readonly (readonly number[])[]; variances: readonly number[] };
    expect(weights[0]?.[0]).toBeCloseTo(0.6, 10);
    expect(weights[1]?.[0]).toBeCloseTo(0.8, 10);
    expect(weights[0]?.[1]).toBeCloseTo(0.8, 10);
    expect(variances[0]).toBeCloseTo((25 * 20) / 9, 10);
  });
});
