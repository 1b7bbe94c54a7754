import { z } from 'zod';
import { defineColumnwiseKind, NUMBERS } from '../kind.js';

interface State {
  readonly mean: number;
  readonly scale: number;
}

const options = z.strictObject({});

/** (x − mean) / standard deviation (population) of the training rows; a constant column becomes 0. */
export const standard = defineColumnwiseKind<z.infer<typeof options>, State>({
  name: 'standard',
  role: 'transform',
  accepts: NUMBERS,
  options,
  schema: ({ name, nullable }) => [{ name, type: 'FLOAT64', nullable }],
  fit: async (table) => (await table.moments()).map(({ mean, variance }) => ({ mean, scale: variance > 0 ? Math.sqrt(variance) : 1 })),
  lower: (ir, { mean, scale }, { name, node }) => (node.type === 'f64' ? [[{ name, node: ir.div(ir.sub(node, ir.lit(mean)), ir.lit(scale)) }]] : []),
});
