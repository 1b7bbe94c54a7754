import { z } from 'zod';
import { defineColumnwiseKind } from '../kind.js';

const MAX_CATEGORIES = 50_000;
const MAX_BUCKETS = 256;
const options = z.strictObject({
  buckets: z.int().min(2).max(MAX_BUCKETS).default(16).describe('How many columns; several texts share one.'),
  max: z.int().min(1).max(MAX_CATEGORIES).default(10_000).describe('Most training texts that are known later, the most frequent first; others get only zeros.'),
});

interface State {
  readonly categories: readonly string[];
  /** The bucket of each. */
  readonly places: readonly number[];
  readonly buckets: number;
}

/**
 * A fixed number of columns of 0 and 1, whatever the number of texts: 1 in the column that the hash of the text names (32-bit FNV-1a of its UTF-8 bytes,
 * modulo the number of columns). ONNX Runtime cannot look into texts, so the training texts are hashed once, when it is fitted; unseen and missing ones are only zeros.
 */
export const hash = defineColumnwiseKind<z.infer<typeof options>, State>({
  name: 'hash',
  role: 'transform',
  accepts: ['STRING'],
  options,
  schema: ({ name }, { buckets }) => Array.from({ length: buckets }, (_, i) => ({ name: `${name}_hash${i}`, type: 'FLOAT64', nullable: false })),
  fit: async (table, { buckets, max }) => {
    const states: State[] = [];
    for (const i of table.columns.keys()) {
      const categories = (await table.categories<string>(i, max)).map(({ value }) => value);
      states.push({ categories, places: categories.map((text) => fnv1a(text) % buckets), buckets });
    }
    return states;
  },
  lower: (ir, { categories, places, buckets }, { name, node }) => {
    if (node.type !== 'str') return [];
    const [place] = ir.lookup(node, { keys: categories, rows: places.map((at) => [at]), unseen: [-1], missing: [-1] });
    return place ? Array.from({ length: buckets }, (_, i) => [{ name: `${name}_hash${i}`, node: ir.flag(ir.eq(place, ir.lit(i))) }]) : [];
  },
});

const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

function fnv1a(text: string): number {
  return new TextEncoder().encode(text).reduce((sum, byte) => Math.imul(sum ^ byte, PRIME) >>> 0, OFFSET);
}
