import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectClose, StepTrial } from '../step-trial.fixture.js';
import { golden } from './goldens.fixture.js';

const training = golden<readonly number[]>('numbers');
let trial: StepTrial;
beforeAll(async () => void (trial = await StepTrial.open()));
afterAll(() => trial.close());

describe('smoothing', () => {
  it.each(golden<readonly { by: string; to: string; values: readonly number[] }[]>('smooth'))('puts values to the $to of their bin by $by, as pandas groups them', async ({ by, to, values }) => {
    expectClose(await trial.numbers({ smooth: { column: 'v', bins: 5, by, to } }, { training }), values);
  });

  it('gives a value between far bins the bin below it, and leaves missing values missing', async () => {
    const given = { training: [0, 1, 9, 10], served: [5, -100, 100, Infinity, null, Number.NaN] };
    expect(await trial.numbers({ smooth: { column: 'v', bins: 10, by: 'width' } }, given)).toEqual([1, 0, 9.5, 9.5, Number.NaN, Number.NaN]);
    expect(await trial.numbers({ smooth: { column: 'v', bins: 2, by: 'width', to: 'boundary' } }, { training: [0, 4, 6, 10], served: [1, 2, 3, 8, 9] })).toEqual([0, 0, 4, 6, 10]);
  });
});
