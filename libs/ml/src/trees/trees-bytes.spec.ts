import { isError } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { TREES_DOMAIN } from './errors.js';
import { DEFAULT_TREES, fitTrees, treesDigest, treesFromBytes, treesToBytes } from './trees.js';

const rows = 600;
const features = Float32Array.from({ length: rows * 2 }, (_, i) => (i % 11 === 0 ? Number.NaN : Math.sin(i * 3.7)));
const target = Uint8Array.from({ length: rows }, (_, row) => Number((features[2 * row + 1] ?? 0) > 0.2));
const model = await fitTrees({ features, rows, k: 2, target }, { ...DEFAULT_TREES, trees: 5 });

const refused = (bytes: Uint8Array) => {
  try {
    treesFromBytes(bytes);
    return false;
  } catch (error) {
    return isError(error, TREES_DOMAIN, 'TREES_BYTES');
  }
};

describe('the bytes of trees', () => {
  it('hold the whole model', () => {
    expect(treesFromBytes(treesToBytes(model))).toEqual(model);
  });

  it('may lie anywhere in a larger buffer', () => {
    const bytes = treesToBytes(model);
    const padded = new Uint8Array(bytes.length + 3);
    padded.set(bytes, 3);
    expect(treesDigest(treesFromBytes(padded.subarray(3)))).toBe(treesDigest(model));
  });

  it('have a digest that any change changes', () => {
    const changed = { ...model, value: model.value.map((value, i) => (i === model.value.length - 1 ? value + 2 ** -10 : value)) };
    expect(treesDigest(model)).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(treesDigest(changed)).not.toBe(treesDigest(model));
  });

  it('are refused when cut, lengthened or of another kind', () => {
    const bytes = treesToBytes(model);
    for (const wrong of [new Uint8Array(), bytes.subarray(0, 20), bytes.subarray(0, -1), Uint8Array.of(...bytes, 0), bytes.with(0, 0)]) expect(refused(wrong)).toBe(true);
  });

  it('are refused when a walk through them would not end', () => {
    for (const child of [0, 10_000, -5]) expect(refused(treesToBytes({ ...model, left: model.left.with(0, child) }))).toBe(true);
    expect(refused(treesToBytes({ ...model, feature: model.feature.with(0, 2) }))).toBe(true);
    expect(refused(treesToBytes({ ...model, roots: model.roots.with(1, 0) }))).toBe(true);
  });
});
