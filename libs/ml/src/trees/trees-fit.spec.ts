import { isError, seededRandom } from '@millrace/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TREES_DOMAIN } from './errors.js';
import { DEFAULT_TREES, fitTrees, predictTrees, treesDigest, type TreesData, type TreesModel, type TreesParams } from './trees.js';

interface Task {
  readonly rows: number;
  readonly k?: number;
  readonly seed?: number;
  /** Share of missing values. */
  readonly missing?: number;
  /** What is added to the margin: the smaller, the fewer positives. */
  readonly shift?: number;
}

/** Three features that matter (one of them by being missing) among k. */
function task({ rows, k = 6, seed = 1, missing = 0.1, shift = 0 }: Task): TreesData & { readonly truth: Float64Array } {
  const random = seededRandom(seed);
  const features = Float32Array.from({ length: rows * k }, (_, i) => (random() < missing ? Number.NaN : i % k === 1 ? Math.round(random() * 8) : random() * 4 - 2));
  const truth = Float64Array.from({ length: rows }, (_, row) => {
    const [a = 0, b = 0, c = 0] = features.subarray(row * k, row * k + 3);
    return shift + (Number.isNaN(a) ? 2 : 2 * Math.sin(a * 2)) + (b > 4 ? 2 : -1) + (Number.isNaN(c) ? 0 : c);
  });
  const target = Uint8Array.from(truth, (margin) => (random() < 1 / (1 + Math.exp(-2 * margin)) ? 1 : 0));
  return { features, rows, k, target, truth };
}

/** The share of pairs of a positive and a negative that are in order. */
function areaUnder(scores: Float64Array, target: Uint8Array): number {
  const order = Array.from(scores.keys()).sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0));
  let [ranks, positives] = [0, 0];
  order.forEach((row, rank) => {
    if (target[row] !== 1) return;
    ranks += rank + 1;
    positives += 1;
  });
  return (ranks - (positives * (positives + 1)) / 2) / (positives * (target.length - positives));
}

const few: TreesParams = { ...DEFAULT_TREES, trees: 12 };
const leavesOf = (model: TreesModel, tree: number) => model.feature.subarray(model.roots[tree] ?? 0, model.roots[tree + 1]).filter((feature) => feature < 0).length;

describe('boosted trees', () => {
  it('are the same on one, two and three threads, with missing values too', async () => {
    for (const data of [task({ rows: 12_000, missing: 0 }), task({ rows: 9_001, missing: 0.3 }), task({ rows: 137, k: 2 })]) {
      const digests = await Promise.all([1, 2, 3].map(async (threads) => treesDigest(await fitTrees(data, few, { threads }))));
      expect(new Set(digests).size).toBe(1);
    }
  });

  it('are the same on any number of threads for any small data, infinite values among it', async () => {
    const value = fc.oneof(fc.constantFrom(Number.NaN, Infinity, -Infinity, 0, -0, 1e-45, 3.4e38), fc.float());
    const rows = fc.array(fc.tuple(value, value, fc.boolean()), { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(rows, async (drawn) => {
        const data = { features: Float32Array.from(drawn.flatMap(([a, b]) => [a, b])), rows: drawn.length, k: 2, target: Uint8Array.from(drawn, ([, , positive]) => Number(positive)) };
        const params = { ...DEFAULT_TREES, trees: 4, minRows: 1 };
        const [one, two] = await Promise.all([1, 2].map((threads) => fitTrees(data, params, { threads })));
        expect(one && treesDigest(one)).toBe(two && treesDigest(two));
        if (one) expect(predictTrees(one, data.features).every(Number.isFinite)).toBe(true);
      }),
      { numRuns: 12 },
    );
  });

  it('are the same when grown again, and others with another seed', async () => {
    const data = task({ rows: 3_000 });
    const digest = async (seed: number) => treesDigest(await fitTrees(data, { ...few, seed }));
    expect(await digest(1)).toBe(await digest(1));
    expect(await digest(1)).not.toBe(await digest(2));
  });

  it('rank unseen rows nearly as well as the truth does, for even and for rare targets', async () => {
    for (const shift of [0, -4]) {
      const model = await fitTrees(task({ rows: 20_000, shift }), DEFAULT_TREES);
      const unseen = task({ rows: 8_000, seed: 99, shift });
      expect(areaUnder(predictTrees(model, unseen.features), unseen.target)).toBeGreaterThan(areaUnder(unseen.truth, unseen.target) - 0.01);
    }
  });

  it('are calibrated: the mean probability is the share of positives', async () => {
    const data = task({ rows: 20_000, shift: -2 });
    const margins = predictTrees(await fitTrees(data, DEFAULT_TREES), data.features);
    const mean = margins.reduce((sum, margin) => sum + 1 / (1 + Math.exp(-margin)), 0) / data.rows;
    const share = data.target.reduce((sum, value) => sum + value, 0) / data.rows;
    expect(mean).toBeCloseTo(share, 3);
  });

  it('give their gain to the features that matter', async () => {
    const { gain } = await fitTrees(task({ rows: 10_000 }), few);
    expect(Math.min(...gain.subarray(0, 3))).toBeGreaterThan(10 * Math.max(...gain.subarray(3)));
  });

  it('keep to the most leaves and the greatest depth', async () => {
    const data = task({ rows: 5_000 });
    const wide = await fitTrees(data, { ...few, leaves: 7 });
    expect(wide.roots.every((_, tree) => leavesOf(wide, tree) <= 7)).toBe(true);
    const flat = await fitTrees(data, { ...few, maxDepth: 2 });
    expect(flat.roots.every((_, tree) => leavesOf(flat, tree) <= 4)).toBe(true);
    expect(leavesOf(flat, 0)).toBe(4);
  });

  it('are only the base rate where no split is possible', async () => {
    const alike = { features: new Float32Array(400).fill(3), rows: 200, k: 2, target: Uint8Array.from({ length: 200 }, (_, i) => i % 2) };
    const missing = { ...alike, features: new Float32Array(400).fill(Number.NaN) };
    const oneRow = { features: Float32Array.of(1, 2), rows: 1, k: 2, target: Uint8Array.of(1) };
    const oneClass = { ...task({ rows: 500 }), target: new Uint8Array(500) };
    for (const data of [alike, missing, oneRow, oneClass]) {
      const model = await fitTrees(data, few);
      expect(model.roots).toHaveLength(0);
      expect(predictTrees(model, data.features)[0]).toBe(model.base);
    }
  });

  it('part missing values from all others', async () => {
    const rows = 400;
    const features = Float32Array.from({ length: rows }, (_, row) => (row % 4 === 0 ? Number.NaN : row));
    const target = Uint8Array.from({ length: rows }, (_, row) => Number(row % 4 === 0));
    const model = await fitTrees({ features, rows, k: 1, target }, few);
    const [missing = 0, present = 0] = predictTrees(model, Float32Array.of(Number.NaN, 17));
    expect(missing).toBeGreaterThan(present + 1);
  });

  it('tell of each round and stop when aborted, in the calling thread and in workers', async () => {
    const data = task({ rows: 3_000 });
    for (const threads of [1, 2]) {
      const rounds: number[] = [];
      await fitTrees(data, few, { threads, onRound: (done, total) => rounds.push(done / total) });
      expect(rounds).toEqual(Array.from({ length: 12 }, (_, i) => (i + 1) / 12));
      const stop = new AbortController();
      const training = fitTrees(data, { ...few, trees: 10_000 }, { threads, signal: stop.signal, onRound: (done) => done === 3 && stop.abort(new Error('enough')) });
      await expect(training).rejects.toThrow('enough');
    }
  });

  it('refuse data and parameters that cannot be trained on', async () => {
    const data = task({ rows: 100 });
    const reason = (wrong: Partial<TreesData>, params: Partial<TreesParams> = {}) => fitTrees({ ...data, ...wrong }, { ...few, ...params }).then(() => '', (error: unknown) => error);
    expect(isError(await reason({ rows: 99 }), TREES_DOMAIN, 'TREES_SHAPE')).toBe(true);
    expect(isError(await reason({ target: new Uint8Array(99) }), TREES_DOMAIN, 'TREES_SHAPE')).toBe(true);
    expect(isError(await reason({ target: new Uint8Array(100).fill(2) }), TREES_DOMAIN, 'TREES_TARGET')).toBe(true);
    for (const wrong of [{ trees: 0 }, { leaves: 1 }, { rate: 0 }, { l2: -1 }, { bins: 256 }, { minRows: 0.5 }, { seed: -1 }, { maxDepth: 0 }]) {
      expect(isError(await reason({}, wrong), TREES_DOMAIN, 'TREES_PARAM')).toBe(true);
    }
  });
});
