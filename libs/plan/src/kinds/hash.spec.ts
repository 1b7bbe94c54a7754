import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StepTrial, type Trial } from '../step-trial.fixture.js';
import { golden } from './goldens.fixture.js';

const { words, places } = golden<{ words: readonly string[]; places: readonly number[] }>('hash');
let trial: StepTrial;
beforeAll(async () => void (trial = await StepTrial.open()));
afterAll(() => trial.close());

const BUCKETS = 7;
const columns = Array.from({ length: BUCKETS }, (_, i) => `s_hash${i}`);
const given = (served: readonly (string | null)[], training = words): Trial => ({ steps: [{ hash: { column: 's', buckets: BUCKETS } }], features: columns, training: { s: training }, served: { s: served }, types: { s: 'STRING' } });

describe('hashing', () => {
  it('puts a text into the column that its FNV-1a hash names, as computed elsewhere', async () => {
    const features = await trial.features(given(words));
    expect(Object.keys(features)).toEqual(columns);
    expect(words.map((_, row) => columns.map((name) => features[name]?.[row]))).toEqual(places.map((place) => columns.map((_, i) => (i === place ? 1 : 0))));
  });

  it('gives unseen and missing texts only zeros', async () => {
    expect(new Set(Object.values(await trial.features(given(['never seen', '', null], ['a', 'b']))).flat())).toEqual(new Set([0]));
  });
});
