import { z } from 'zod';
import { defineColumnwiseKind } from '../kind.js';

const MAX_CATEGORIES = 50_000;
const options = z.strictObject({
  /** Most categories to keep, the most frequent first; the others count as unseen. */
  max: z.int().min(1).max(MAX_CATEGORIES).default(10_000),
});

interface State {
  readonly categories: readonly string[];
  readonly shares: readonly number[];
}

/** The share of the training rows with a value that have this one; 0 for an unseen text, missing stays missing. */
export const frequency = defineColumnwiseKind<z.infer<typeof options>, State>({
  name: 'frequency',
  role: 'transform',
  accepts: ['STRING'],
  options,
  schema: ({ name, nullable }) => [{ name: `${name}_frequency`, type: 'FLOAT64', nullable }],
  fit: async (table, { max }) => {
    const states: State[] = [];
    for (const i of table.columns.keys()) {
      const found = await table.categories<string>(i, max);
      const total = await table.present(i);
      states.push({ categories: found.map(({ value }) => value), shares: found.map(({ count }) => count / total) });
    }
    return states;
  },
  lower: (ir, { categories, shares }, { name, node }) => {
    if (node.type !== 'str') return [];
    const looked = ir.lookup(node, { keys: categories, rows: shares.map((share) => [share]), unseen: [0], missing: [Number.NaN] });
    return [looked.map((share) => ({ name, node: share }))];
  },
});
