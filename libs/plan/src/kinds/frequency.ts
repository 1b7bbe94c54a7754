import { z } from 'zod';
import { MIN_COUNT } from '../categories.js';
import { defineColumnwiseKind } from '../kind.js';

const MAX_CATEGORIES = 50_000;
const options = z.strictObject({
  max: z.int().min(1).max(MAX_CATEGORIES).default(10_000).describe('Most categories to keep, the most frequent first; the others count as unseen.'),
  unseen: z.enum(['zero', 'rare', 'missing']).optional().describe('What a text becomes that is none of them: 0 (the default), the share of all training rows that were none of them, or missing.'),
  min_count: MIN_COUNT,
});

interface State {
  readonly categories: readonly string[];
  readonly shares: readonly number[];
  /** Only where it is not 0. */
  readonly unseen?: number | 'missing';
}

/** The share of the training rows with a value that have this one; 0 for an unseen text unless said otherwise, missing stays missing. */
export const frequency = defineColumnwiseKind<z.infer<typeof options>, State>({
  name: 'frequency',
  role: 'transform',
  accepts: ['STRING'],
  options,
  schema: ({ name, nullable }, { unseen }) => [{ name: `${name}_frequency`, type: 'FLOAT64', nullable: nullable || unseen === 'missing' }],
  fit: async (table, { max, unseen, min_count: least }) => {
    const states: State[] = [];
    for (const i of table.columns.keys()) {
      const found = await table.categories<string>(i, max, least);
      const total = await table.present(i);
      const rare = total - found.reduce((sum, { count }) => sum + count, 0);
      const other = unseen === 'rare' ? { unseen: total === 0 ? 0 : rare / total } : unseen === 'missing' ? { unseen } : {};
      states.push({ categories: found.map(({ value }) => value), shares: found.map(({ count }) => count / total), ...other });
    }
    return states;
  },
  lower: (ir, { categories, shares, unseen = 0 }, { name, node }) => {
    if (node.type !== 'str') return [];
    const looked = ir.lookup(node, { keys: categories, rows: shares.map((share) => [share]), unseen: [unseen === 'missing' ? Number.NaN : unseen], missing: [Number.NaN] });
    return [looked.map((share) => ({ name, node: share }))];
  },
});
