import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectClose, StepTrial } from '../step-trial.fixture.js';
import { golden } from './goldens.fixture.js';

const training = golden<readonly number[]>('numbers');
const served = golden<readonly number[]>('served');
let trial: StepTrial;
beforeAll(async () => void (trial = await StepTrial.open()));
afterAll(() => trial.close());

describe('robust', () => {
  const { quartiles, deciles } = golden<{ quartiles: readonly number[]; deciles: readonly number[] }>('robust');
  it('scales as scikit-learn does, by quartiles and by other quantiles', async () => {
    expectClose(await trial.numbers({ robust: { column: 'v' } }, { training, served }), quartiles);
    expectClose(await trial.numbers({ robust: { column: 'v', quantiles: [0.1, 0.9] } }, { training, served }), deciles);
  });

  it('only centres where the quartiles are equal, and leaves missing values missing', async () => {
    expect(await trial.numbers({ robust: { column: 'v' } }, { training: [5, 5, 5, 5, 9], served: [5, 7, null, Infinity] })).toEqual([0, 2, Number.NaN, Infinity]);
  });
});
