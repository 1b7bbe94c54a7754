import { z } from 'zod';
import { equalFrequencyEdges, equalWidthEdges } from '../bin-edges.js';
import { defineColumnwiseKind, NUMBERS } from '../kind.js';

const MAX_BINS = 1_000;
const options = z.strictObject({
  bins: z.int().min(2).max(MAX_BINS).default(8),
  /** Bins of equal width, or of about equally many training values. */
  by: z.enum(['width', 'quantile']).default('quantile'),
});

/** The number of a value's bin, from 0; values beyond the training range fall into the first and the last one, missing stays missing. */
export const bin = defineColumnwiseKind<z.infer<typeof options>, { readonly edges: readonly number[] }>({
  name: 'bin',
  role: 'transform',
  accepts: NUMBERS,
  options,
  schema: ({ name, nullable }) => [{ name: `${name}_bin`, type: 'FLOAT64', nullable }],
  fit: async (table, { bins, by }) => (await (by === 'quantile' ? equalFrequencyEdges(table, bins) : equalWidthEdges(table, bins))).map((edges) => ({ edges })),
  lower: (ir, { edges }, { name, node }) => (node.type === 'f64' ? [[{ name, node: ir.bucket(node, edges) }]] : []),
});
