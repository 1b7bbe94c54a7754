import { z } from 'zod';
import { defineColumnwiseKind, NUMBERS } from '../kind.js';

const options = z.strictObject({
  range: z.tuple([z.number(), z.number()]).refine(([low, high]) => low < high, 'the first bound must be below the second').default([0, 1]).describe('Where the smallest and the largest training value go.'),
});

interface State {
  readonly scale: number;
  readonly add: number;
}

/** Maps the range of the training values onto another one, linearly; later values may lie outside. */
export const minmax = defineColumnwiseKind<z.infer<typeof options>, State>({
  name: 'minmax',
  role: 'transform',
  accepts: NUMBERS,
  options,
  schema: ({ name, nullable }) => [{ name, type: 'FLOAT64', nullable }],
  fit: async (table, { range: [from, to] }) =>
    (await table.extremes()).map(({ low, high }, i) => {
      const name = table.columns[i]?.name ?? '';
      const scale = (to - from) / (high === low ? 1 : table.finite(high - low, 'range', name));
      return { scale: table.finite(scale, 'scale', name), add: table.finite(from - low * scale, 'offset', name) };
    }),
  lower: (ir, { scale, add }, { name, node }) => (node.type === 'f64' ? [[{ name, node: ir.add(ir.mul(node, ir.lit(scale)), ir.lit(add)) }]] : []),
});
