import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { edgesOf, findEdges } from './bin-edges.js';

const binOf = (edges: Float32Array, value: number) => edges.filter((edge) => value > edge).length;

describe('the edges of bins', () => {
  it('part every pair of neighbours when there are few values', () => {
    const values = [-Infinity, -3.4028234663852886e38, -1, -1e-45, 0, 1e-45, 1, 1 + 2 ** -23, 3.4028234663852886e38, Infinity].map(Math.fround);
    const edges = edgesOf(Float32Array.from(values), 255);
    expect(values.map((value) => binOf(edges, value))).toEqual(values.map((_, i) => i));
  });

  it('rise, are numbers, and are fewer than the bins, for any values', () => {
    fc.assert(
      fc.property(fc.array(fc.float({ noNaN: true }), { maxLength: 200 }), fc.integer({ min: 2, max: 40 }), (values, bins) => {
        const edges = edgesOf(Float32Array.from(values).sort(), bins);
        expect(edges.length).toBeLessThan(bins);
        expect(edges.every((edge, i) => i === 0 || edge > (edges[i - 1] ?? Infinity))).toBe(true);
      }),
    );
  });

  it('fill bins about evenly, and leave missing values out', () => {
    const features = Float32Array.from({ length: 10_000 }, (_, i) => (i % 10 === 0 ? Number.NaN : Math.sin(i) ** 3));
    const edges = findEdges({ features, rows: features.length, k: 1 }, 0, 32);
    const counts = new Array<number>(32).fill(0);
    for (const value of features) if (!Number.isNaN(value)) counts[binOf(edges, value)] = (counts[binOf(edges, value)] ?? 0) + 1;
    expect(edges).toHaveLength(31);
    expect(Math.min(...counts)).toBeGreaterThan(200);
    expect(Math.max(...counts)).toBeLessThan(400);
  });
});
