import { z } from 'zod';
import type { F64 } from '../expression.js';
import type { Ir } from '../ir.js';
import { defineKind, NUMBERS } from '../kind.js';

const OPERATIONS = ['ratio', 'product', 'sum', 'difference', 'lt', 'le', 'gt', 'ge', 'eq'] as const;
type Operation = (typeof OPERATIONS)[number];
const options = z.strictObject({
  op: z.enum(OPERATIONS).describe('What is computed from the two.'),
  value: z.number().optional().describe('The second operand, instead of a second column.'),
  zero: z.number().optional().describe('What a ratio is where the denominator is 0; missing unless given.'),
});
type Options = z.infer<typeof options>;

/** One number from two columns, or from a column and a value; a comparison is 1 or 0, and 0 where an operand is missing. */
export const expr = defineKind<Options>({
  name: 'expr',
  role: 'transform',
  accepts: NUMBERS,
  arity: [1, 2],
  families: false,
  options,
  refuse: (inputs, { value }) => (inputs.length + (value === undefined ? 0 : 1) === 2 ? undefined : 'give two columns, or one column and a "value"'),
  schema: (inputs, { op, value }) => [{ name: [inputs[0]?.name, op, inputs[1]?.name ?? String(value)].join('_'), type: 'FLOAT64', nullable: !COMPARISONS.has(op) }],
  lower: (ir, state, columns) => {
    const [a, b = ir.lit(state.value ?? 0)] = columns.flatMap(({ members }) => members.flatMap(({ node }) => (node.type === 'f64' ? [node] : [])));
    return [a ? [{ name: columns.map(({ name }) => name).join('_'), node: LOWER[state.op](ir, { a, b, zero: state.zero ?? Number.NaN }) }] : []];
  },
});

const COMPARISONS: ReadonlySet<Operation> = new Set(['lt', 'le', 'gt', 'ge', 'eq']);

interface Operands {
  readonly a: F64;
  readonly b: F64;
  readonly zero: number;
}

const LOWER: Readonly<Record<Operation, (ir: Ir, operands: Operands) => F64>> = {
  ratio: (ir, { a, b, zero }) => ir.when(ir.eq(b, ir.lit(0)), ir.lit(zero), ir.div(a, b)),
  product: (ir, { a, b }) => ir.mul(a, b),
  sum: (ir, { a, b }) => ir.add(a, b),
  difference: (ir, { a, b }) => ir.sub(a, b),
  lt: (ir, { a, b }) => ir.flag(ir.lt(a, b)),
  le: (ir, { a, b }) => ir.flag(ir.le(a, b)),
  gt: (ir, { a, b }) => ir.flag(ir.gt(a, b)),
  ge: (ir, { a, b }) => ir.flag(ir.ge(a, b)),
  eq: (ir, { a, b }) => ir.flag(ir.eq(a, b)),
};
