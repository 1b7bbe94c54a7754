import { z } from 'zod';
import { exactLn } from '../exact-ln.js';
import { defineColumnwiseKind, NUMBERS } from '../kind.js';

const BASES = { e: 1, 2: Math.LN2, 10: Math.LN10 } as const;
const options = z.strictObject({
  shift: z.union([z.number(), z.literal('fit')]).default(0).describe('Added before; "fit" makes the smallest training value 1 where it is not positive.'),
  base: z.literal(['e', 2, 10]).default('e').describe('The base of the logarithm.'),
});

interface State {
  readonly add: number;
  readonly base: keyof typeof BASES;
}

/** The logarithm of x + shift, the same bits everywhere; missing where x + shift is not positive. */
export const log = defineColumnwiseKind<z.infer<typeof options>, State>({
  name: 'log',
  role: 'transform',
  accepts: NUMBERS,
  options,
  schema: ({ name }) => [{ name, type: 'FLOAT64', nullable: true }],
  readsRows: ({ shift }) => shift === 'fit',
  fit: async (table, { shift, base }) => {
    if (shift !== 'fit') return table.columns.map(() => ({ add: shift, base }));
    return (await table.extremes()).map(({ low }) => ({ add: low > 0 ? 0 : 1 - low, base }));
  },
  lower: (ir, { add, base }, { name, node }) => {
    if (node.type !== 'f64') return [];
    const natural = exactLn(ir, ir.add(node, ir.lit(add)));
    return [[{ name, node: base === 'e' ? natural : ir.div(natural, ir.lit(BASES[base])) }]];
  },
});
