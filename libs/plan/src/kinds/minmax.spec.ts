import { afterAll, beforeAll, describe, it } from 'vitest';
import { expectClose, StepTrial } from '../step-trial.fixture.js';
import { golden } from './goldens.fixture.js';

const training = golden<readonly number[]>('numbers');
const served = golden<readonly number[]>('served');
let trial: StepTrial;
beforeAll(async () => void (trial = await StepTrial.open()));
afterAll(() => trial.close());

describe('minmax and standard', () => {
  const { unit, symmetric } = golden<{ unit: readonly number[]; symmetric: readonly number[] }>('minmax');
  it('scale as scikit-learn does, to any range', async () => {
    expectClose(await trial.numbers({ minmax: { column: 'v' } }, { training, served }), unit);
    expectClose(await trial.numbers({ minmax: { column: 'v', range: [-1, 1] } }, { training, served }), symmetric);
    expectClose(await trial.numbers({ standard: { column: 'v' } }, { training, served }), golden<readonly number[]>('standard'));
  });
});
