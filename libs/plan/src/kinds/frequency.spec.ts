import { describe, it } from 'vitest';
import { expectClose } from '../step-trial.fixture.js';
import { golden } from './goldens.fixture.js';
import { useWords } from './words.fixture.js';

const encoded = useWords();

describe('frequency', () => {
  const shares = golden<Readonly<Record<string, number>>>('frequency');
  it('is the share of a text among the training texts, as in pandas', async () => {
    expectClose((await encoded({ frequency: { column: 's' } }, 's_frequency'))['s_frequency'], [shares['a'] ?? 0, shares['b'] ?? 0, shares['e'] ?? 0, 0, 0, null]);
  });

  it('gives rare and unseen texts the share that they have together, or none', async () => {
    const rare = (shares['d'] ?? 0) + (shares['e'] ?? 0);
    expectClose((await encoded({ frequency: { column: 's', unseen: 'rare', min_count: 4 } }, 's_frequency'))['s_frequency'], [shares['a'] ?? 0, shares['b'] ?? 0, rare, rare, rare, null]);
    expectClose((await encoded({ frequency: { column: 's', unseen: 'missing' } }, 's_frequency'))['s_frequency'], [shares['a'] ?? 0, shares['b'] ?? 0, shares['e'] ?? 0, null, null, null]);
  });
});
