import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectClose, StepTrial } from '../step-trial.fixture.js';
import { golden } from './goldens.fixture.js';

const training = golden<readonly number[]>('numbers');
const served = golden<readonly number[]>('served');
let trial: StepTrial;
beforeAll(async () => void (trial = await StepTrial.open()));
afterAll(() => trial.close());

describe('quantile', () => {
  it.each(golden<readonly { quantiles: number; to: string; values: readonly number[] }[]>('quantile'))('transforms as scikit-learn does: $quantiles quantiles to $to', async ({ quantiles, to, values }) => {
    expectClose(await trial.numbers({ quantile: { column: 'v', quantiles, to } }, { training, served }), values);
  });

  it('stays at the ends beyond the training range, and leaves missing values missing', async () => {
    const far = [-Infinity, -1e300, 1e300, Infinity, null, Number.NaN];
    expect(await trial.numbers({ quantile: { column: 'v' } }, { training, served: far })).toEqual([0, 0, 1, 1, Number.NaN, Number.NaN]);
    const normal = await trial.numbers({ quantile: { column: 'v', to: 'normal' } }, { training, served: far });
    expectClose(normal, [-5.199337582605575, -5.199337582605575, 5.199337582605575, 5.199337582605575, null, null]);
  });

  it('tells below from above where all training values are one', async () => {
    expect(await trial.numbers({ quantile: { column: 'v' } }, { training: [3, 3, 3], served: [2, 3, 4] })).toEqual([0, 0, 1]);
  });
});
