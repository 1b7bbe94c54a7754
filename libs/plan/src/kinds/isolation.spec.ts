import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exactExp2 } from '../exact-exp2.js';
import type { Tree } from '../expression.js';
import { fittedFromJson, fittedToJson, lowerPlan, toJs, toLeftOutSql } from '../index.js';
import { FOREST_STEP, Ir } from '../ir.js';
import { averagePath } from '../isolation-forest.js';
import { renderJs } from '../js-renderer.js';
import { StepTrial } from '../step-trial.fixture.js';
import { golden } from './goldens.fixture.js';

interface SklearnTree {
  readonly feature: readonly number[];
  readonly threshold: readonly number[];
  readonly left: readonly number[];
  readonly right: readonly number[];
  readonly rows: readonly number[];
}
const { rows, planted, sample, trees, served, scores, recall } = golden<{ rows: readonly (readonly number[])[]; planted: number; sample: number; trees: readonly SklearnTree[]; served: readonly (readonly number[])[]; scores: readonly number[]; recall: number }>('isolation');
const columns = (from: readonly (readonly number[])[]) => ({ a: from.map(([a = 0]) => a), b: from.map(([, b = 0]) => b) });
const training = columns(rows);
let trial: StepTrial;
beforeAll(async () => void (trial = await StepTrial.open()));
afterAll(() => trial.close());

/** A tree of scikit-learn as ours: it goes left up to the threshold, ours below the next double. */
function ours({ feature, threshold, left, right, rows: counts }: SklearnTree): Tree {
  const depth = feature.map(() => 0);
  feature.forEach((at, i) => [left[i], right[i]].forEach((child) => at >= 0 && child !== undefined && (depth[child] = (depth[i] ?? 0) + 1)));
  const leaf = (i: number) => Math.round(((depth[i] ?? 0) + averagePath(counts[i] ?? 1)) / FOREST_STEP) * FOREST_STEP;
  return { feature: feature.map((at) => Math.max(-1, at)), threshold: threshold.map((value, i) => ((feature[i] ?? -1) < 0 ? leaf(i) : nextUp(value))), yes: left.map((child) => Math.max(0, child)), no: right.map((child) => Math.max(0, child)) };
}
function nextUp(value: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  view.setBigInt64(0, view.getBigInt64(0) + (value > 0 ? 1n : -1n));
  return value === 0 ? 5e-324 : view.getFloat64(0);
}

describe('isolation', () => {
  it('scores by the trees of scikit-learn what scikit-learn scores', async () => {
    const fitted = await trial.fit({ steps: [{ isolation: { columns: ['a', 'b'], action: 'score' } }], features: ['isolation'], training });
    const state = { forest: trees.map(ours), path: averagePath(sample), limit: 0, action: 'score' };
    const theirs = fittedFromJson(fittedToJson({ ...fitted, states: { isolation1: state } }));
    const given = served.map(([a = 0, b = 0]) => ({ a, b }));
    expect(await trial.checker.differences({ schema: theirs.plan.inputs, rows: given, outputs: lowerPlan(theirs).features })).toEqual([]);
    const score = toJs(theirs);
    given.forEach((row, i) => expect(Math.abs((score(row)[0] ?? 0) - (scores[i] ?? 0)), `row ${i}`).toBeLessThan(2e-5));
  });

  it('finds the planted rows as often as scikit-learn does, on average over seeds', async () => {
    const found: number[] = [];
    for (let seed = 0; seed < 3; seed++) {
      const { isolation = [] } = await trial.features({ steps: [{ isolation: { columns: ['a', 'b'], seed, action: 'score' } }], features: ['isolation'], training });
      const first = [...isolation.keys()].sort((x, y) => (isolation[y] ?? 0) - (isolation[x] ?? 0)).slice(0, planted);
      found.push(first.filter((row) => row >= rows.length - planted).length / planted);
    }
    const mean = found.reduce((sum, share) => sum + share, 0) / found.length;
    expect(recall).toBeGreaterThan(0.7);
    expect(mean).toBeGreaterThan(recall - 0.07);
  });

  it('flags the share that is asked for, or what scores above a bound; a row that misses a number is not isolated and has no score', async () => {
    const served = { a: [...training.a, null, 500, Infinity], b: [...training.b, 3, null, 500] };
    const { isolated = [] } = await trial.features({ steps: [{ isolation: { columns: ['a', 'b'], share: planted / rows.length } }], features: ['isolated'], training, served });
    // Equal scores at the edge are none of them.
    const flagged = isolated.slice(0, rows.length).reduce((sum, flag) => sum + flag, 0);
    expect(flagged).toBeLessThanOrEqual(planted);
    expect(flagged).toBeGreaterThan(planted - 3);
    expect(isolated.slice(rows.length)).toEqual([0, 0, 1]);
    const { isolation = [] } = await trial.features({ steps: [{ isolation: { columns: ['a', 'b'], action: 'score' } }], features: ['isolation'], training, served });
    expect(isolation.slice(rows.length, -1)).toEqual([Number.NaN, Number.NaN]);
    const bounded = await trial.features({ steps: [{ isolation: { columns: ['a', 'b'], above: 0.55 } }], features: ['isolated'], training, served });
    expect(bounded['isolated']).toEqual(isolation.map((score) => (score > 0.55 ? 1 : 0)));
  });

  it('leaves isolated rows out of training, and keeps them aside where asked', async () => {
    for (const action of ['drop', 'quarantine']) {
      const given = { steps: [{ isolation: { columns: ['a', 'b'], share: planted / rows.length, action } }], features: ['a', 'b'], training };
      const left = (await trial.trainingFeatures(given)).length;
      expect(left).toBeGreaterThanOrEqual(rows.length - planted);
      expect(left).toBeLessThan(rows.length - planted + 3);
      expect((await trial.features(given))['a']).toHaveLength(rows.length);
      expect(toLeftOutSql(await trial.fit(given), 'training', {})?.rules).toEqual([{ step: 'step "isolation1" (isolation)', column: 'a, b', aside: action === 'quarantine' }]);
    }
  });

  it('grows the same trees for the same seed and others for another, also from rows that are drawn', async () => {
    const states = [];
    for (const seed of [1, 1, 2]) states.push(await trial.state({ steps: [{ isolation: { columns: ['a', 'b'], seed, trees: 3 } }], features: ['isolated'], training }));
    expect(states[1]).toEqual(states[0]);
    expect(states[2]).not.toEqual(states[0]);
    const many = { a: Array.from({ length: 21_000 }, (_, i) => (i * 7919) % 1_000), b: Array.from({ length: 21_000 }, (_, i) => (i % 5 === 0 ? null : i)) };
    expect(await trial.state({ steps: [{ isolation: { columns: ['a', 'b'], trees: 3, share: 0.1 } }], features: ['isolated'], training: many })).toMatchObject({ path: averagePath(256) });
    const more = { a: Array.from({ length: 25_000 }, (_, i) => (i * 7919) % 1_000) };
    const twice = [await trial.state({ steps: [{ isolation: { columns: ['a'], trees: 3 } }], features: ['isolated'], training: more }), await trial.state({ steps: [{ isolation: { columns: ['a'], trees: 3 } }], features: ['isolated'], training: more })];
    expect(twice[1]).toEqual(twice[0]);
  });

  it('is refused where there is nothing to do, with the reason', async () => {
    const fit = (options: object, values: readonly (number | null)[] = training.a) => trial.fit({ steps: [{ isolation: { columns: ['a'], ...options } }], features: ['isolated'], training: { a: values } });
    await expect(fit({ action: 'clip' })).rejects.toThrow('a row is isolated and none of its values is, so there is nothing to clip or empty; use one of flag, score, drop, quarantine');
    await expect(fit({ above: 0.5, share: 0.1 })).rejects.toThrow('give either "above" or "share"');
    await expect(fit({}, [null, 1, null])).rejects.toThrow('"a" has no finite value');
  });
});

describe('the exact power of 2', () => {
  it('is within two units in the last place of the one of JavaScript', () => {
    const ir = new Ir();
    const a = ir.col('a', 'FLOAT64');
    const evaluate = renderJs(a.type === 'f64' ? [exactExp2(ir, a)] : []);
    fc.assert(
      fc.property(fc.double({ min: -1_000, max: 1_000, noNaN: true }), (x) => {
        const wanted = 2 ** x;
        expect(Math.abs((evaluate(() => x)[0] ?? 0) - wanted)).toBeLessThanOrEqual(4 * Number.EPSILON * wanted);
      }),
      { numRuns: 20_000, seed: 5 },
    );
    expect([0, -1, 3].map((x) => evaluate(() => x)[0])).toEqual([1, 0.5, 8]);
  });
});
