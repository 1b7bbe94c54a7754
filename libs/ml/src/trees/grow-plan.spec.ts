import { isError } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { TREES_DOMAIN } from './errors.js';
import { ownBlocks, planGrowth } from './grow-plan.js';
import { DEFAULT_TREES } from './trees.js';

const plan = (rows: number, threads: number, k = 5) => planGrowth({ rows, k, threads, params: DEFAULT_TREES, positives: 1, edgeCounts: new Array<number>(k).fill(254) });

describe('a plan of growth', () => {
  it('gives every row to one thread', () => {
    for (const [rows, threads] of [[1, 3], [4_096, 2], [100_001, 2], [300_000, 5]] as const) {
      const planned = plan(rows, threads);
      const blocks = Array.from({ length: threads }, (_, thread) => ownBlocks(planned, thread)).flat().toSorted(([a], [b]) => a - b);
      expect(blocks[0]?.[0]).toBe(0);
      expect(blocks.every(([, to], i) => to === (blocks[i + 1]?.[0] ?? rows))).toBe(true);
    }
  });

  it('starts blocks and areas where four rows can be worked on at once', () => {
    const { at, histogramBytes, block } = plan(70_001, 3);
    expect(Object.values(at).every((from) => from % 128 === 0)).toBe(true);
    expect([histogramBytes % 16, block % 4]).toEqual([0, 0]);
  });

  it('keeps the log-odds of one-sided targets finite', () => {
    expect(planGrowth({ rows: 10, k: 1, threads: 1, params: DEFAULT_TREES, positives: 0, edgeCounts: [0] }).base).toBeCloseTo(Math.log(0.5 / 10.5), 5);
  });

  it('refuses more than WebAssembly can address', () => {
    expect(plan(10_000_000, 2).pages).toBeLessThan(65_536);
    const refused = () => plan(200_000_000, 2, 28);
    expect(refused).toThrow(/200000000 rows of 28 features need \d+ MiB/);
    try {
      refused();
    } catch (error) {
      expect(isError(error, TREES_DOMAIN, 'TREES_MEMORY')).toBe(true);
    }
  });
});
