import fc from 'fast-check';
import { expect, it } from 'vitest';
import { flowPlaces, HEIGHT } from './flow-places.js';

/** Half of a label, in units of the picture. */
const HALF = 8;

it('keeps every stream and its label within the picture and apart from the others, whatever the amounts are', () => {
  fc.assert(
    fc.property(fc.array(fc.bigInt({ min: 1n, max: 3_000_000n }), { minLength: 1, maxLength: 3 }), (amounts) => {
      const places = flowPlaces(amounts);
      expect(places).toHaveLength(amounts.length);
      places.forEach(({ end, begin, width }, i) => {
        expect(end - Math.max(HALF, width / 2)).toBeGreaterThanOrEqual(0);
        expect(end + Math.max(HALF, width / 2)).toBeLessThanOrEqual(HEIGHT);
        expect(begin + width / 2).toBeLessThanOrEqual(HEIGHT);
        const before = places[i - 1];
        if (before) expect(end - before.end).toBeGreaterThanOrEqual(2 * HALF);
      });
    }),
  );
});
