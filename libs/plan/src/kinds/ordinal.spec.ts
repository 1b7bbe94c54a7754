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

describe('ordinal', () => {
  it('gives an unseen text −1, a code of its own or none', async () => {
    expect((await encoded({ ordinal: { column: 's' } }, 's_code'))['s_code']).toEqual([0, 1, 4, -1, -1, Number.NaN]);
    expect((await encoded({ ordinal: { column: 's', unseen: 'own' } }, 's_code'))['s_code']).toEqual([0, 1, 4, 5, 5, Number.NaN]);
    expect((await encoded({ ordinal: { column: 's', unseen: 'missing', min_count: 2 } }, 's_code'))['s_code']).toEqual([0, 1, Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
  });
});
