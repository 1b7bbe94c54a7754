import { describe, expect, it } from 'vitest';
import type { Tree } from './expression.js';
import { FOREST_STEP } from './ir.js';
import { averagePath, growForest } from './isolation-forest.js';

/** Every leaf with its depth and the rows that reach it. */
function leavesOf({ feature, threshold, yes, no }: Tree, rows: readonly (readonly number[])[]) {
  const walk = (place: number, depth: number, here: readonly (readonly number[])[]): readonly { readonly value: number; readonly depth: number; readonly rows: readonly (readonly number[])[] }[] => {
    const [at = -1, value = 0] = [feature[place], threshold[place]];
    if (at < 0) return [{ value, depth, rows: here }];
    const below = (row: readonly number[]) => (row[at] ?? 0) < value;
    return [...walk(yes[place] ?? 0, depth + 1, here.filter(below)), ...walk(no[place] ?? 0, depth + 1, here.filter((row) => !below(row)))];
  };
  return walk(0, 0, rows);
}

describe('an isolation tree', () => {
  const rows = Array.from({ length: 60 }, (_, i) => [(i * 7919) % 50, i % 7 === 0 ? 3 : (i * 31) % 17]);

  it('cuts rows apart until each is alone, all are equal or the tree is as high as an average one, and its leaves hold the way with what was left', () => {
    for (const tree of growForest(rows, { trees: 20, sample: 256, seed: 5 })) {
      const leaves = leavesOf(tree, rows);
      expect(leaves.reduce((sum, leaf) => sum + leaf.rows.length, 0)).toBe(rows.length);
      for (const { value, depth, rows: here } of leaves) {
        expect(here.length, 'no leaf is empty').toBeGreaterThan(0);
        expect(Math.abs(value - depth - averagePath(here.length))).toBeLessThanOrEqual(FOREST_STEP / 2);
        const equal = here.every((row) => row.join() === here[0]?.join());
        expect(depth === 6 || (depth < 6 && equal), `depth ${depth} with ${here.length} rows`).toBe(true);
      }
    }
  });

  it('sees as many rows as it is told, and is one leaf where all are equal', () => {
    const equal = Array.from({ length: 40 }, () => [1, 2]);
    expect(growForest(equal, { trees: 1, sample: 8, seed: 1 })).toEqual([{ feature: [-1], threshold: [Math.round(averagePath(8) / FOREST_STEP) * FOREST_STEP], yes: [0], no: [0] }]);
    for (const tree of growForest(rows, { trees: 5, sample: 16, seed: 2 })) for (const { depth } of leavesOf(tree, rows)) expect(depth).toBeLessThanOrEqual(4);
  });

  it('cuts also between the largest numbers', () => {
    const far = [[-Number.MAX_VALUE], [Number.MAX_VALUE], [0]];
    for (const tree of growForest(far, { trees: 10, sample: 3, seed: 3 })) expect(tree.threshold.every(Number.isFinite)).toBe(true);
  });

  it('knows how long an average way is (Liu, Ting and Zhou 2008)', () => {
    expect([0, 1, 2].map(averagePath)).toEqual([0, 0, 1]);
    expect(averagePath(256)).toBeCloseTo(10.2448, 4);
  });
});
