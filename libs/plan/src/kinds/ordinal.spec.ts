import { describe, expect, it } from 'vitest';
import { useWords } from './words.fixture.js';

const encoded = useWords();

describe('ordinal', () => {
  it('gives an unseen text −1, a code of its own or none', async () => {
    expect((await encoded({ ordinal: { column: 's' } }, 's_code'))['s_code']).toEqual([0, 1, 4, -1, -1, Number.NaN]);
    expect((await encoded({ ordinal: { column: 's', unseen: 'own' } }, 's_code'))['s_code']).toEqual([0, 1, 4, 5, 5, Number.NaN]);
    expect((await encoded({ ordinal: { column: 's', unseen: 'missing', min_count: 2 } }, 's_code'))['s_code']).toEqual([0, 1, Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
  });
});
