import { z } from 'zod';
import { defineColumnwiseKind } from '../kind.js';

const MAX_CATEGORIES = 50_000;
const options = z.strictObject({
  /** Most categories to keep, the most frequent first. */
  max: z.int().min(1).max(MAX_CATEGORIES).default(10_000),
});

/** The place of a text among the training categories, most frequent first; −1 for an unseen one, missing stays missing. */
export const ordinal = defineColumnwiseKind<z.infer<typeof options>, { readonly categories: readonly string[] }>({
  name: 'ordinal',
  role: 'transform',
  accepts: ['STRING'],
  options,
  schema: ({ name, nullable }) => [{ name: `${name}_code`, type: 'FLOAT64', nullable }],
  fit: async (table, { max }) => {
    const states: { readonly categories: readonly string[] }[] = [];
    for (const i of table.columns.keys()) states.push({ categories: (await table.categories<string>(i, max)).map(({ value }) => value) });
    return states;
  },
  lower: (ir, { categories }, { name, node }) => {
    if (node.type !== 'str') return [];
    const codes = ir.lookup(node, { keys: categories, rows: categories.map((_, i) => [i]), unseen: [-1], missing: [Number.NaN] });
    return [codes.map((code) => ({ name, node: code }))];
  },
});
