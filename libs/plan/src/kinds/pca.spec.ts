import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectClose, StepTrial, type Trial } from '../step-trial.fixture.js';
import { golden } from './goldens.fixture.js';

const { columns, components, ratio } = golden<{ columns: Readonly<Record<string, readonly number[]>>; components: readonly (readonly number[])[]; ratio: number }>('pca');
let trial: StepTrial;
beforeAll(async () => void (trial = await StepTrial.open()));
afterAll(() => trial.close());

const given = (explains: number): Trial => ({ steps: [{ pca: { columns: Object.keys(columns), components: 2, explains } }], features: ['pc1', 'pc2'], training: columns });

describe('principal components', () => {
  it('are those of scikit-learn, up to the sign', async () => {
    const features = await trial.features(given(0.5));
    components.forEach((wanted, i) => expectClose(features[`pc${i + 1}`]?.map(Math.abs), wanted.map(Math.abs), 1e-5));
    expect(((await trial.state(given(0.5))) as { explained: number }).explained).toBeCloseTo(ratio, 10);
  });

  it('are refused where they explain too little, with the number that would do', async () => {
    await expect(trial.fit(given(0.999))).rejects.toThrow(`2 components explain ${ratio.toFixed(4)} of the variance, and 0.999 is asked for; take 4 components, or ask for less`);
  });
});
