import { expect, it } from 'vitest';
import { sortFloats } from './float-sort.js';

it('sorts as the engine does, for few and for many values of every size and sign', () => {
  const special = [Infinity, -Infinity, 0, -0, 1e-45, -1e-45, 3.4e38, -3.4e38, 1, -1];
  for (const length of [0, 1, 100, 20_000]) {
    const values = Float32Array.from({ length }, (_, i) => (i % 9 === 0 ? (special[(i / 9) % special.length] ?? 0) : Math.sin(i * 7.3) * 10 ** (i % 60 - 30)));
    const bits = (sorted: Float32Array) => new Uint32Array(sorted.slice().buffer);
    expect(bits(sortFloats(values.slice()))).toEqual(bits(values.slice().sort()));
  }
});
