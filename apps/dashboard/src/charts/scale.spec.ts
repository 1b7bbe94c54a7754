import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { roundTicks, scaleOf } from './scale.js';

describe('a scale', () => {
  it('puts numbers in proportion, with round numbers beside it', () => {
    const { at, ticks } = scaleOf([0, 10, 2.5, undefined]);
    expect([at(0), at(2.5), at(10), at(undefined), at(Number.NaN)]).toEqual([0, 0.25, 1, undefined, undefined]);
    expect(ticks.map(({ text }) => text)).toEqual(['0', '5', '10']);
    expect(scaleOf([0.71, 0.79]).ticks.map(({ text }) => text)).toEqual(['0.72', '0.74', '0.76', '0.78']);
  });

  it('puts one value, and none, in the middle of nothing', () => {
    expect(scaleOf([3, 3])).toMatchObject({ ticks: [{ at: 0.5, text: '3' }] });
    expect(scaleOf([]).ticks).toEqual([]);
  });

  it('puts words side by side in their order, numbers in them by size', () => {
    const { at, ticks } = scaleOf(['sgd', 'adam', 10, 9]);
    expect(ticks.map(({ text }) => text)).toEqual(['9', '10', 'adam', 'sgd']);
    expect([at('9'), at('sgd'), at('other')]).toEqual([0, 1, undefined]);
  });

  it('has a few round numbers within every stretch', () => {
    const number = fc.double({ min: -1e9, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(number, number, (a, b) => {
        const [least, most] = [Math.min(a, b), Math.max(a, b)];
        fc.pre(most - least > Math.max(1e-9, Math.abs(most) * 1e-9));
        const ticks = roundTicks(least, most);
        expect(ticks.length).toBeGreaterThan(0);
        expect(ticks.length).toBeLessThan(7);
        const room = (most - least) * 1e-6;
        for (const tick of ticks) expect(tick >= least - room && tick <= most + room).toBe(true);
      }),
    );
  });
});
