import { z } from 'zod';
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
  fit: async (table, { bins, by }) => {
    if (by === 'quantile') {
      const shares = Array.from({ length: bins + 1 }, (_, i) => (i === bins ? 1 : (i * (100 / bins)) / 100));
      return (await table.quantiles(shares)).map((edges) => ({ edges: [...new Set(edges)].slice(1, -1) }));
    }
    return (await table.extremes()).map(({ low, high }, i) => {
      const step = table.finite(high - low, 'range', table.columns[i]?.name ?? '') / bins;
      const edges = Array.from({ length: bins - 1 }, (_, edge) => (edge + 1) * step + low);
      return { edges: [...new Set(edges)] };
    });
  },
  lower: (ir, { edges }, { name, node }) => (node.type === 'f64' ? [[{ name, node: ir.bucket(node, edges) }]] : []),
});
