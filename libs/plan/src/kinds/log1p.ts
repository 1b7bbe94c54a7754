import { z } from 'zod';
import { exactLn } from '../exact-ln.js';
import { defineColumnwiseKind, NUMBERS } from '../kind.js';

const options = z.strictObject({
  shift: z.boolean().default(false).describe('Shifts by the smallest training value where that is negative, so that no training value is lost.'),
});

/** ln(1 + x), the same bits everywhere; missing where 1 + x is not positive. */
export const log1p = defineColumnwiseKind<z.infer<typeof options>, { readonly add: number }>({
  name: 'log1p',
  role: 'transform',
  accepts: NUMBERS,
  options,
  schema: ({ name }) => [{ name, type: 'FLOAT64', nullable: true }],
  readsRows: ({ shift }) => shift,
  fit: async (table, { shift }) => (shift ? (await table.extremes()).map(({ low }) => ({ add: 1 + Math.max(0, -low) })) : table.columns.map(() => ({ add: 1 }))),
  lower: (ir, { add }, { name, node }) => (node.type === 'f64' ? [[{ name, node: exactLn(ir, ir.add(node, ir.lit(add))) }]] : []),
});
