import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StepTrial } from '../step-trial.fixture.js';
import { golden } from './goldens.fixture.js';

const words = golden<readonly string[]>('words');
let trial: StepTrial;
beforeAll(async () => void (trial = await StepTrial.open()));
afterAll(() => trial.close());

const served = ['a', 'b', 'e', 'zzz', '', null];
const encoded = async (step: unknown, feature: string, given: readonly (string | null)[] = served) =>
  trial.features({ steps: [step], features: [feature], training: { s: words }, served: { s: given }, types: { s: 'STRING' } });

describe('onehot', () => {
  it('groups rare and unseen texts in one indicator, as scikit-learn does', async () => {
    const { served: given, rare } = golden<{ served: readonly string[]; rare: readonly (readonly number[])[] }>('onehot');
    const features = await encoded({ onehot: { column: 's', unseen: 'other', min_count: 4 } }, 's_onehot', given);
    expect(Object.keys(features)).toEqual(['s=a', 's=b', 's=c', 's≠']);
    expect(given.map((_, row) => Object.values(features).map((values) => values[row]))).toEqual(rare);
  });

  it('gives an unseen text and a missing one zeros otherwise', async () => {
    const features = await encoded({ onehot: { column: 's' } }, 's_onehot', ['zzz', '', null]);
    expect(new Set(Object.values(features).flat())).toEqual(new Set([0]));
  });
});
