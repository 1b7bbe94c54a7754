import { z } from 'zod';
import { MIN_COUNT } from '../categories.js';
import { defineColumnwiseKind } from '../kind.js';

const MAX_INDICATORS = 1_000;
const options = z.strictObject({
  max: z.int().min(1).max(MAX_INDICATORS).default(50).describe('Most categories to keep, the most frequent first; the others count as unseen.'),
  unseen: z.enum(['zero', 'other']).default('zero').describe('What a text becomes that is none of them: only zeros, or an indicator of its own.'),
  min_count: MIN_COUNT,
});

interface State {
  readonly categories: readonly string[];
  readonly other: boolean;
}

/** One column of 0 and 1 for each category, named `column=category`; missing is only zeros. */
export const onehot = defineColumnwiseKind<z.infer<typeof options>, State>({
  name: 'onehot',
  role: 'transform',
  accepts: ['STRING'],
  options,
  schema: ({ name }) => [{ name: `${name}_onehot`, type: 'FLOAT64', nullable: false, family: true }],
  fit: async (table, { max, unseen, min_count: least }) => {
    const states: State[] = [];
    for (const i of table.columns.keys()) states.push({ categories: (await table.categories<string>(i, max, least)).map(({ value }) => value), other: unseen === 'other' });
    return states;
  },
  lower: (ir, { categories, other }, { name, node }) => {
    if (node.type !== 'str') return [];
    const names = [...categories.map((category) => `${name}=${category}`), ...(other ? [`${name}≠`] : [])];
    if (names.length === 0) return [[]];
    const indicator = (place: number) => names.map((_, i) => (i === place ? 1 : 0));
    const elements = ir.lookup(node, { keys: categories, rows: categories.map((_, i) => indicator(i)), unseen: indicator(categories.length), missing: indicator(-1) });
    return [elements.map((element, i) => ({ name: names[i] ?? '', node: element }))];
  },
});
