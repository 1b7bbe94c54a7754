import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectClose, StepTrial, type Trial } from '../step-trial.fixture.js';
import { golden } from './goldens.fixture.js';

const { words, targets, folds, served, encoded, outOfFold } = golden<{
  words: readonly (string | null)[]; targets: readonly number[]; folds: readonly number[]; served: readonly (string | null)[]; encoded: readonly (number | null)[]; outOfFold: readonly (number | null)[];
}>('target');
let trial: StepTrial;
beforeAll(async () => void (trial = await StepTrial.open()));
afterAll(() => trial.close());

const given = (changes: Partial<Trial> = {}): Trial => ({
  steps: [{ target: { column: 's', smoothing: 5 } }], features: ['s_target'], training: { s: words, late: targets }, served: { s: served }, types: { s: 'STRING' }, target: 'late', ...changes,
});
const inTraining = async (changes: Partial<Trial> = {}) => (await trial.trainingFeatures(given(changes))).map((row) => Number(row['s_target'] ?? Number.NaN));

describe('target encoding', () => {
  it('is that of scikit-learn, with the mean of all for an unseen text', async () => {
    expectClose((await trial.features(given()))['s_target'], encoded);
  });

  it('gives training rows what scikit-learn learns from the rows of the other parts', async () => {
    expect(new Set(folds).size).toBe(5);
    expectClose(await inTraining(), outOfFold);
  });

  it("does not hand a training row its own target: turning it round changes other parts' rows only", async () => {
    const before = await inTraining();
    for (const row of [0, 7, 20]) {
      const late = targets.map((value, i) => (i === row ? 1 - value : value));
      const after = await inTraining({ training: { s: words, late } });
      after.forEach((value, i) => folds[i] === folds[row] && expect(value, `row ${i}`).toEqual(before[i]));
      expect(after).not.toEqual(before);
    }
  });

  it('would hand it over if training rows were computed like others: each text with one row would tell its target', async () => {
    const alone = words.map((_, i) => `word ${i}`);
    const changes: Partial<Trial> = { steps: [{ target: { column: 's', smoothing: 0 } }], training: { s: alone, late: targets }, served: { s: alone } };
    expect((await trial.features(given(changes)))['s_target']).toEqual(targets);
    expect(new Set(await inTraining(changes)).size).toBeLessThanOrEqual(5);
  });

  it('lets later steps learn from the values that training rows get', async () => {
    const features = { steps: [...given().steps, { standard: { column: 's_target' } }] };
    const values = (await inTraining(features)).filter((value) => !Number.isNaN(value));
    expect(values.reduce((sum, value) => sum + value, 0) / values.length).toBeCloseTo(0, 6);
    expect(values.reduce((sum, value) => sum + value * value, 0) / values.length).toBeCloseTo(1, 6);
  });

  it('is refused where there is no target', async () => {
    const { target: _, ...without } = given();
    await expect(trial.fit(without)).rejects.toThrow('step "target1" (target) cannot be fitted: it learns from the target');
    await expect(trial.fit(given({ training: { s: words, late: targets.map(() => null) } }))).rejects.toThrow('"late" has no finite value');
  });
});
