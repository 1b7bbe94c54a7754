import { z } from 'zod';
import { defineColumnwiseKind, NUMBERS } from '../kind.js';

const share = z.number().min(0).max(1);
const options = z.strictObject({
  quantiles: z.tuple([share, share]).refine(([low, high]) => low < high, 'the first quantile must be below the second').default([0.25, 0.75]).describe('The shares of the training values between which lies the spread that becomes 1.'),
});

interface State {
  readonly centre: number;
  readonly scale: number;
}

/** (x − median) / (upper quartile − lower quartile) of the training rows, which outliers do not move; where the quartiles are equal it only centres. */
export const robust = defineColumnwiseKind<z.infer<typeof options>, State>({
  name: 'robust',
  role: 'transform',
  accepts: NUMBERS,
  options,
  schema: ({ name, nullable }) => [{ name, type: 'FLOAT64', nullable }],
  fit: async (table, { quantiles }) => {
    const medians = await table.medians();
    return (await table.quantiles(quantiles)).map(([low = 0, high = 0], i) => {
      const spread = table.finite(high - low, 'spread', table.columns[i]?.name ?? '');
      return { centre: medians[i] ?? 0, scale: spread === 0 ? 1 : spread };
    });
  },
  lower: (ir, { centre, scale }, { name, node }) => (node.type === 'f64' ? [[{ name, node: ir.div(ir.sub(node, ir.lit(centre)), ir.lit(scale)) }]] : []),
});
