import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StepTrial } from './step-trial.fixture.js';
import { unitOf } from './whole-sum.js';

let trial: StepTrial;
beforeAll(async () => {
  trial = await StepTrial.open();
});
afterAll(() => trial.close());

const value = fc.oneof(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.double({ min: -1e-6, max: 1e-6, noNaN: true }), fc.double({ min: -1e150, max: 1e150, noNaN: true }));
/** Mean and scale of a column, as a step learns them. */
async function learnt(v: readonly number[]): Promise<{ readonly mean: number; readonly scale: number }> {
  const { states } = await trial.fit({ steps: [{ standard: { id: 'scaled', column: 'v' } }], features: ['v'], training: { v } });
  const [state] = (states['scaled'] as { readonly columns: readonly { readonly mean: number; readonly scale: number }[] }).columns;
  if (state === undefined) throw new Error('The step has learnt nothing.');
  return state;
}

describe('a sum', () => {
  it('counts terms in a power of two, whatever their size, which keeps them below 2^86 units', () => {
    for (const reach of [5e-324, 1e-300, 0.1, 1, 2 ** 52, 1e300, Number.MAX_VALUE]) {
      expect(Number.isInteger(Math.log2(unitOf(reach)))).toBe(true);
      expect(reach / unitOf(reach)).toBeLessThan(2 ** 86);
      expect(unitOf(reach)).toBeLessThan(Math.max(reach * 2 ** -83, 2 ** -999));
    }
  });

  it('is the same in any order of the rows', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(value, { minLength: 3, maxLength: 60 }), async (values) => {
        const sorted = [...values].sort((a, b) => a - b);
        expect(await learnt(sorted)).toEqual(await learnt(values));
        expect(await learnt([...values].reverse())).toEqual(await learnt(values));
      }),
      { numRuns: 40 },
    );
  });

  it('is the true one to its last digit, where doubles added one by one lose theirs', async () => {
    const values = Array.from({ length: 1_000 }, (_, i) => (i < 500 ? 1e12 + Math.sqrt(i) : -1e12));
    // Exact: every double here is a whole number of 2^-13.
    const exact = values.reduce((sum, x) => sum + BigInt(x * 2 ** 13), 0n);
    expect((await learnt(values)).mean).toBe(Number(exact) / 2 ** 13 / 1_000);
    expect(values.reduce((sum, x) => sum + x, 0)).not.toBe(Number(exact) / 2 ** 13);
  });
});
