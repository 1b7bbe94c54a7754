import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectClose, StepTrial } from '../step-trial.fixture.js';
import { golden } from './goldens.fixture.js';

const training = golden<readonly number[]>('numbers');
let trial: StepTrial;
beforeAll(async () => void (trial = await StepTrial.open()));
afterAll(() => trial.close());

describe('log', () => {
  const { natural, decimal, binary } = golden<{ natural: readonly number[]; decimal: readonly number[]; binary: readonly number[] }>('log');
  it('is the logarithm of the shifted value in each base', async () => {
    expectClose(await trial.numbers({ log: { column: 'v', shift: 'fit' } }, { training, served: training }), natural);
    expectClose(await trial.numbers({ log: { column: 'v', shift: 10, base: 10 } }, { training, served: training }), decimal);
    expectClose(await trial.numbers({ log: { column: 'v', shift: 10, base: 2 } }, { training, served: training }), binary);
  });

  it('is missing where there is none, and shifts only what is not positive', async () => {
    expect(await trial.numbers({ log: { column: 'v' } }, { training, served: [0, -1, 1, Infinity] })).toEqual([Number.NaN, Number.NaN, 0, Infinity]);
    expect(await trial.state({ steps: [{ log: { column: 'v', shift: 'fit' } }], features: ['v'], training: { v: [0.5, 2] } })).toMatchObject({ columns: [{ add: 0 }] });
  });
});
