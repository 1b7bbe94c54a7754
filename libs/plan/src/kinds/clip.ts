import { z } from 'zod';
import { defineColumnwiseKind, NUMBERS } from '../kind.js';

const share = z.number().min(0).max(1);
const options = z.strictObject({
  quantiles: z.tuple([share, share]).refine(([low, high]) => low < high, 'the first quantile must be below the second').optional().describe('Shares of the training values at which to cut, lower and upper.'),
  min: z.number().optional().describe('A fixed lower bound instead.'),
  max: z.number().optional().describe('A fixed upper bound instead.'),
})
  .refine(({ quantiles, min, max }) => (quantiles === undefined) !== (min === undefined && max === undefined), 'give either "quantiles", or "min", "max" or both')
  .refine(({ min = -Infinity, max = Infinity }) => min <= max, '"min" must not be above "max"');

interface State {
  readonly low?: number;
  readonly high?: number;
}

/** Holds numbers between two bounds; missing stays missing. */
export const clip = defineColumnwiseKind<z.infer<typeof options>, State>({
  name: 'clip',
  role: 'clean',
  accepts: NUMBERS,
  options,
  schema: ({ name, nullable }) => [{ name, type: 'FLOAT64', nullable }],
  readsRows: ({ quantiles }) => quantiles !== undefined,
  fit: async (table, { quantiles, min, max }) => {
    if (!quantiles) return table.columns.map(() => ({ ...(min !== undefined && { low: min }), ...(max !== undefined && { high: max }) }));
    return (await table.quantiles(quantiles)).map(([low = 0, high = 0]) => ({ low, high }));
  },
  lower: (ir, { low, high }, { name, node }) => {
    if (node.type !== 'f64') return [];
    const above = high === undefined ? node : ir.when(ir.gt(node, ir.lit(high)), ir.lit(high), node);
    return [[{ name, node: low === undefined ? above : ir.when(ir.lt(node, ir.lit(low)), ir.lit(low), above) }]];
  },
});
