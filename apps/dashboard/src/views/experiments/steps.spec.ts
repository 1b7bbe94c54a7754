import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALL_STEPS, moved, readSteps, stepsAt, writeSteps } from './steps.js';

const WHOLE = { first: 0, last: 1_000 };
const step = fc.option(fc.maxSafeInteger(), { nil: undefined });

describe('the steps that are looked at', () => {
  it('stand in the address as they are', () => {
    fc.assert(fc.property(step, step, (one, other) => {
      const [from, to] = one !== undefined && other !== undefined && one > other ? [other, one] : [one, other];
      expect(readSteps(writeSteps({ from, to }))).toEqual({ from, to });
    }));
  });

  it('are turned where they are the wrong way round, and none where they are no whole numbers', () => {
    expect(readSteps({ from: '20', to: ' −5 ' })).toEqual({ from: -5, to: 20 });
    expect(readSteps({ from: '1.5', to: 'x' })).toEqual(ALL_STEPS);
    expect(readSteps({ from: '', to: '9007199254740992' })).toEqual(ALL_STEPS);
    expect(readSteps({ from: '7', to: '' })).toEqual({ from: 7, to: undefined });
  });

  it('are the part of the picture that was dragged across', () => {
    expect(stepsAt({ first: 0, last: 99_999 }, [0.25, 0.5])).toEqual({ from: 25_000, to: 50_000 });
    expect(stepsAt({ first: -100, last: 100 }, [0, 1])).toEqual({ from: -100, to: 100 });
  });

  it('become half as many in the middle, or twice as many on both sides', () => {
    expect(moved(ALL_STEPS, WHOLE, 'closer')).toEqual({ from: 250, to: 750 });
    expect(moved({ from: 400, to: 600 }, WHOLE, 'wider')).toEqual({ from: 300, to: 700 });
    expect(moved({ from: 10, to: 110 }, WHOLE, 'wider')).toEqual({ from: 0, to: 160 });
    expect(moved({ from: 3, to: 4 }, WHOLE, 'closer')).toEqual({ from: 3, to: 4 });
    expect(moved({ from: 3, to: 5 }, WHOLE, 'closer')).toEqual({ from: 4, to: 4 });
  });

  it('are all of them where nothing more lies on either side', () => {
    expect(moved({ from: 250, to: 750 }, WHOLE, 'wider')).toEqual(ALL_STEPS);
    expect(moved(ALL_STEPS, WHOLE, 'wider')).toEqual(ALL_STEPS);
    expect(moved({ from: 2, to: 5 }, WHOLE, 'all')).toEqual(ALL_STEPS);
  });

  it('go back and on by a quarter, and not beyond the ends', () => {
    expect(moved({ from: 400, to: 800 }, WHOLE, 'back')).toEqual({ from: 300, to: 700 });
    expect(moved({ from: 400, to: 800 }, WHOLE, 'on')).toEqual({ from: 500, to: 900 });
    expect(moved({ from: 40, to: 440 }, WHOLE, 'back')).toEqual({ from: 0, to: 400 });
    expect(moved({ from: 700, to: undefined }, WHOLE, 'on')).toEqual({ from: 700, to: undefined });
    expect(moved({ from: 700, to: undefined }, WHOLE, 'back')).toEqual({ from: 625, to: 925 });
  });

  it('are steps after any move, the first before the last', () => {
    fc.assert(fc.property(fc.maxSafeInteger(), fc.maxSafeInteger(), fc.constantFrom('closer', 'wider', 'back', 'on', 'all'), (one, other, move) => {
      const [from, to] = one < other ? [one, other] : [other, one];
      const next = moved({ from, to }, { first: Number.MIN_SAFE_INTEGER, last: Number.MAX_SAFE_INTEGER }, move);
      for (const end of [next.from, next.to]) expect(end === undefined || Number.isSafeInteger(end)).toBe(true);
      expect((next.from ?? from) <= (next.to ?? to)).toBe(true);
    }));
  });
});
