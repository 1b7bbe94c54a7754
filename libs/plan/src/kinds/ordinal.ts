import { z } from 'zod';
import { MIN_COUNT } from '../categories.js';
import { defineColumnwiseKind } from '../kind.js';

const MAX_CATEGORIES = 50_000;
const options = z.strictObject({
  max: z.int().min(1).max(MAX_CATEGORIES).default(10_000).describe('Most categories to keep, the most frequent first; the others count as unseen.'),
  unseen: z.enum(['negative', 'own', 'missing']).optional().describe('What a text becomes that is none of them: −1 (the default), a code of its own after the last, or missing.'),
  min_count: MIN_COUNT,
});

interface State {
  readonly categories: readonly string[];
  /** Only where it is not −1. */
  readonly unseen?: 'own' | 'missing';
}

/** The place of a text among the training categories, most frequent first; −1 for an unseen one unless said otherwise, missing stays missing. */
export const ordinal = defineColumnwiseKind<z.infer<typeof options>, State>({
  name: 'ordinal',
  role: 'transform',
  accepts: ['STRING'],
  options,
  schema: ({ name, nullable }, { unseen }) => [{ name: `${name}_code`, type: 'FLOAT64', nullable: nullable || unseen === 'missing' }],
  fit: async (table, { max, unseen, min_count: least }) => {
    const states: State[] = [];
    for (const i of table.columns.keys()) {
      const categories = (await table.categories<string>(i, max, least)).map(({ value }) => value);
      states.push({ categories, ...(unseen !== undefined && unseen !== 'negative' && { unseen }) });
    }
    return states;
  },
  lower: (ir, { categories, unseen }, { name, node }) => {
    if (node.type !== 'str') return [];
    const codes = ir.lookup(node, { keys: categories, rows: categories.map((_, i) => [i]), unseen: [unseen === 'own' ? categories.length : unseen === 'missing' ? Number.NaN : -1], missing: [Number.NaN] });
    return [codes.map((code) => ({ name, node: code }))];
  },
});
