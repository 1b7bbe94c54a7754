import { z } from 'zod';
import { defineColumnwiseKind, NUMBERS } from '../kind.js';
import type { StepTable } from '../step-table.js';

const options = z.strictObject({
  strategy: z.enum(['median', 'mean', 'mode', 'constant']).default('median'),
  /** For the constant strategy. */
  value: z.union([z.number(), z.string().min(1)]).optional(),
  /** Adds a column of 0 and 1 that tells where a value was missing. */
  flag: z.boolean().default(false),
})
  .refine(({ strategy, value }) => (strategy === 'constant') === (value !== undefined), { message: 'give "value" with the strategy "constant", and only there', path: ['value'] });
type Options = z.infer<typeof options>;

interface State {
  readonly fill: number | string;
  readonly flag: boolean;
}

/** Fills missing cells: numbers by median, mean, mode or a constant, texts by mode or a constant. */
export const impute = defineColumnwiseKind<Options, State>({
  name: 'impute',
  role: 'clean',
  accepts: [...NUMBERS, 'STRING'],
  options,
  schema: ({ name, type }, { flag }) => [
    { name, type: type === 'STRING' ? type : 'FLOAT64', nullable: false },
    ...(flag ? [{ name: `${name}_missing`, type: 'FLOAT64' as const, nullable: false }] : []),
  ],
  refuse: ({ type }, { strategy, value }) => {
    if (type === 'STRING' && (strategy === 'median' || strategy === 'mean')) return `a text has no ${strategy}; use the strategy "mode" or "constant"`;
    if (value !== undefined && (typeof value === 'string') !== (type === 'STRING')) return `the value ${JSON.stringify(value)} is of another type than the column`;
    return undefined;
  },
  readsRows: ({ strategy }) => strategy !== 'constant',
  fit: async (table, { strategy, value, flag }) => {
    const fills = await (value === undefined ? learn(table, strategy) : table.columns.map(() => value));
    return fills.map((fill) => ({ fill, flag }));
  },
  lower: (ir, { fill, flag }, { name, node }) => {
    const missing = ir.isnull(node);
    const indicator = flag ? [[{ name: `${name}_missing`, node: ir.flag(missing) }]] : [];
    if (node.type === 'f64') return [[{ name, node: ir.when(missing, ir.lit(Number(fill)), node) }], ...indicator];
    return [node.type === 'str' ? [{ name, node: ir.when(missing, ir.text(String(fill)), node) }] : [], ...indicator];
  },
});

async function learn(table: StepTable, strategy: Options['strategy']): Promise<readonly (number | string)[]> {
  if (strategy === 'median') return table.medians();
  if (strategy === 'mean') return table.means();
  const fills: (number | string)[] = [];
  for (const [i, { name }] of table.columns.entries()) fills.push(table.found((await table.categories(i, 1))[0], name).value);
  return fills;
}
