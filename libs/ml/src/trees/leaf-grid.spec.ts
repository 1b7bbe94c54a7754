import fc from 'fast-check';
import { expect, it } from 'vitest';
import { roundToGrid } from './leaf-grid.js';

it('makes float32 sums exact in any order', () => {
  fc.assert(
    fc.property(fc.array(fc.float({ noNaN: true, min: -1e4, max: 1e4 }), { minLength: 1, maxLength: 60 }), (values) => {
      const largest = values.reduce((sum, value) => sum + Math.abs(value), 0);
      const rounded = roundToGrid(Float32Array.from(values), largest);
      const inFloat = (order: Float32Array) => order.reduce((sum, value) => Math.fround(sum + value), 0);
      expect(inFloat(rounded)).toBe(inFloat(rounded.toReversed()));
      expect(inFloat(rounded.toSorted())).toBe(rounded.reduce((sum, value) => sum + value, 0));
      expect(values.every((value, i) => Math.abs(value - (rounded[i] ?? 0)) <= largest * 2 ** -23 + 2 ** -60)).toBe(true);
    }),
  );
});

it('leaves no negative zero', () => {
  expect(Object.is(roundToGrid(Float32Array.of(-1e-30, 5), 5)[0], 0)).toBe(true);
});
