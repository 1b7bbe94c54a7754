import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StepTrial, type Trial } from '../step-trial.fixture.js';

let trial: StepTrial;
beforeAll(async () => void (trial = await StepTrial.open()));
afterAll(() => trial.close());

const training = { full: [1, 2, 3, 4], half: [null, Number.NaN, 3, 4], sparse: [null, null, null, 4], word: ['a', null, 'b', 'a'] };
const given = (above: number, more: readonly unknown[] = [], features: readonly string[] = ['full', 'half', 'sparse']): Trial => ({ steps: [{ dropmissing: { columns: ['full', 'half', 'sparse', 'word'], above } }, ...more], features, training, types: { word: 'STRING' } });

describe('dropping columns that are missing too often', () => {
  it('keeps those up to the share, and says how often each was missing', async () => {
    expect(Object.keys(await trial.features(given(0.5)))).toEqual(['full', 'half']);
    expect(Object.keys(await trial.features(given(0.4)))).toEqual(['full']);
    expect(await trial.state(given(0.5))).toMatchObject({ columns: [{ share: 0, kept: true }, { share: 0.5, kept: true }, { share: 0.75, kept: false }, { share: 0.25, kept: true }] });
  });

  it('lets later steps do without the dropped ones', async () => {
    const steps = [{ impute: { columns: ['half', 'sparse'], flag: true } }, { standard: { columns: ['full', 'half', 'sparse'] } }, { onehot: { column: 'word' } }];
    expect(Object.keys(await trial.features(given(0.5, steps, ['full', 'half', 'sparse', 'sparse_missing', 'word_onehot'])))).toEqual(['full', 'half', 'word=a', 'word=b']);
    expect(Object.keys(await trial.features(given(0, steps, ['full', 'word_onehot'])))).toEqual(['full']);
  });

  it('refuses to go on where nothing is left', async () => {
    await expect(trial.fit(given(0.2, [{ pca: { columns: ['half', 'sparse'], components: 1 } }], ['pc1']))).rejects.toThrow('step "pca2" (pca) cannot be fitted: the steps before it have dropped every column that it reads');
  });
});
