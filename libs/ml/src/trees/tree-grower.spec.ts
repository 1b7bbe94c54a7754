import { describe, expect, it } from 'vitest';
import { findEdges } from './bin-edges.js';
import { fillMemory, GrowMemory } from './grow-memory.js';
import { planGrowth } from './grow-plan.js';
import { compileKernels, linkKernels } from './kernels.js';
import { ModelBuilder } from './model-builder.js';
import { binRows } from './row-binner.js';
import { TreeGrower } from './tree-grower.js';
import { DEFAULT_TREES, predictTrees } from './trees.js';

/** A grower on rows of k waves, with the raw features and targets. */
function start(rows: number, k: number, target: Uint8Array) {
  const features = Float32Array.from({ length: rows * k }, (_, i) => (i % 17 === 0 ? Number.NaN : Math.sin(i * 1.7) * (i % k)));
  const edges = Array.from({ length: k }, (_, feature) => findEdges({ features, rows, k }, feature, 255));
  const positives = target.reduce((sum, value) => sum + value, 0);
  const plan = planGrowth({ rows, k, threads: 1, params: DEFAULT_TREES, positives, edgeCounts: edges.map(({ length }) => length) });
  const memory = new GrowMemory(fillMemory(plan, edges, target));
  const kernels = linkKernels(compileKernels(plan), memory.wasm);
  const part = { plan, memory, kernels, thread: 0 };
  binRows(part, features);
  const grower = new TreeGrower(part);
  return { features, edges, plan, memory, kernels, grower, scores: memory.f32.subarray(plan.at.score / 4, plan.at.score / 4 + rows) };
}

describe('a tree grower', () => {
  it('sends training rows where the served model sends them', () => {
    const rows = 20_000;
    const { features, edges, plan, grower, scores } = start(rows, 4, Uint8Array.from({ length: rows }, (_, row) => Number(Math.sin(row * 5.1) > 0.3)));
    const builder = new ModelBuilder(plan.base, edges);
    for (let tree = 0; tree < 20; tree++) {
      const grown = grower.grow();
      if (grown) builder.add(grown);
    }
    const served = predictTrees(builder.build(), features);
    expect(Math.max(...served.map((margin, row) => Math.abs(margin - (scores[row] ?? 0))))).toBeLessThan(1e-4);
  });

  it('sums every bin as exact integers do, for rows and for scattered pairs', () => {
    const [rows, k] = [5_000, 5];
    const { plan, memory, kernels } = start(rows, k, Uint8Array.from({ length: rows }, (_, row) => Number(row % 3 === 0)));
    const { at, offsets, stride } = plan;
    kernels.gradLogistic(at.score, at.target, at.packed, 0, rows, 30_000, 100_000, 5, at.threadSums);
    kernels.zero(at.parts, plan.histogramBytes);
    kernels.addRows(at.byRow, at.packed, rows, at.parts);
    const picked = Array.from({ length: 2_345 }, (_, i) => (i * 1_999) % rows);
    picked.forEach((row, i) => {
      memory.u32[at.pairsA / 4 + 2 * i] = row;
      memory.i32[at.pairsA / 4 + 2 * i + 1] = memory.i32[at.packed / 4 + row] ?? 0;
    });
    kernels.zero(at.pool, plan.histogramBytes);
    kernels.addPairs(at.byRow, at.pairsA, picked.length, at.pool, at.stage);

    const expected = (chosen: readonly number[]) => {
      const sums = new BigInt64Array(plan.histogramBytes / 8);
      for (const row of chosen) {
        const word = memory.i32[at.packed / 4 + row] ?? 0;
        for (let f = 0; f < k; f++) {
          const entry = (offsets[f] ?? 0) / 8 + (memory.bytes[at.byRow + row * stride + f] ?? 0);
          sums[entry] = (sums[entry] ?? 0n) + (BigInt(word >> 16) << 32n) + BigInt(word & 0xffff);
        }
      }
      return sums;
    };
    const histogram = (from: number) => memory.i64.slice(from / 8, from / 8 + plan.histogramBytes / 8);
    expect(histogram(at.parts)).toEqual(expected(Array.from({ length: rows }, (_, row) => row)));
    expect(histogram(at.pool)).toEqual(expected(picked));
  });

  it('lowers the scale of gradients that would not fit, and fits the same leaves', () => {
    const rows = 200_000;
    const target = Uint8Array.from({ length: rows }, (_, row) => Number(Math.sin((2 * row + 1) * 1.7) > 0.9998));
    const { scores, grower, plan } = start(rows, 2, target);
    // Wrong by far for nearly all rows: their gradients sum to a hundred times what the base rate lets expect.
    scores.fill(3);
    const grown = grower.grow();
    const p = 1 / (1 + Math.exp(-3));
    const { rate, l2 } = DEFAULT_TREES;
    const plain = (-rate * (rows * p - plan.positives)) / (rows * p * (1 - p) + l2);
    const moved = scores.reduce((sum, score) => sum + score - 3, 0) / rows;
    expect(grown).toBeDefined();
    expect(moved / plain).toBeCloseTo(1, 2);
  });
});
