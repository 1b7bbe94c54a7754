import { describe, expect, it } from 'vitest';
import { golden } from './goldens.fixture.js';
import { useWords } from './words.fixture.js';

const encoded = useWords();

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
