import { z } from 'zod';
import type { Str } from '../expression.js';
import { fillsByGroup } from '../group-statistics.js';
import { defineColumnwiseKind, NUMBERS } from '../kind.js';
import type { StepTable } from '../step-table.js';

const MAX_GROUPS = 50_000;
const DEFAULT_GROUPS = 1_000;
/** A choice between texts is a chain: no lookup gives a text. */
const MAX_TEXT_GROUPS = 100;

const options = z.strictObject({
  strategy: z.enum(['median', 'mean', 'mode', 'constant']).default('median').describe('By what to fill.'),
  value: z.union([z.number(), z.string().min(1)]).optional().describe('For the strategy "constant".'),
  flag: z.boolean().default(false).describe('Adds a column of 0 and 1 that tells where a value was missing.'),
  by: z.string().min(1).optional().describe('A text column: each of its values has a fill of its own, and others get that of all rows.'),
  max_groups: z.int().min(1).max(MAX_GROUPS).optional().describe('Most values of "by" with a fill of their own, those with the most rows first; 1000 unless given, and at most 100 to fill texts.'),
})
  .refine(({ strategy, by }) => by === undefined || strategy !== 'constant', { message: 'a constant is the same in every group; take "by" or "constant" out', path: ['by'] })
  .refine(({ strategy, value }) => (strategy === 'constant') === (value !== undefined), { message: 'give "value" with the strategy "constant", and only there', path: ['value'] });
type Options = z.infer<typeof options>;

interface State {
  readonly fill: number | string;
  readonly flag: boolean;
  /** Values of the column to group by, and their fills. */
  readonly groups?: { readonly keys: readonly string[]; readonly fills: readonly (number | string)[] };
}

/** Fills missing cells: numbers by median, mean, mode or a constant, texts by mode or a constant; where asked, each group by its own. */
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
  names: ({ by }) => (by === undefined ? [] : [by]),
  fit: async (table, { strategy, value, flag, by, max_groups: most = DEFAULT_GROUPS }) => {
    const fills = await (value === undefined ? learn(table, strategy) : table.columns.map(() => value));
    if (by === undefined || strategy === 'constant') return fills.map((fill) => ({ fill, flag }));
    const states: State[] = [];
    for (const [i, fill] of fills.entries()) {
      const groups = await fillsByGroup(table, i, { strategy, limit: typeof fill === 'string' ? Math.min(most, MAX_TEXT_GROUPS) : most });
      states.push({ fill, flag, groups: { keys: groups.map(({ key }) => key), fills: groups.map((group) => group.fill) } });
    }
    return states;
  },
  lower: (ir, { fill, flag, groups = { keys: [], fills: [] } }, { name, node }, { keys: [key] }) => {
    const missing = ir.isnull(node);
    const indicator = flag ? [[{ name: `${name}_missing`, node: ir.flag(missing) }]] : [];
    const group = key?.node.type === 'str' ? key.node : undefined;
    if (node.type === 'f64') {
      const [own] = group ? ir.lookup(group, { keys: groups.keys, rows: groups.fills.map((each) => [Number(each)]), unseen: [Number(fill)], missing: [Number(fill)] }) : [ir.lit(Number(fill))];
      return [own ? [{ name, node: ir.when(missing, own, node) }] : [], ...indicator];
    }
    if (node.type !== 'str') return [[], ...indicator];
    const own = groups.keys.reduce<Str>((rest, each, i) => (group ? ir.when(ir.eq(group, ir.text(each)), ir.text(String(groups.fills[i])), rest) : rest), ir.text(String(fill)));
    return [[{ name, node: ir.when(missing, own, node) }], ...indicator];
  },
});

async function learn(table: StepTable, strategy: Options['strategy']): Promise<readonly (number | string)[]> {
  if (strategy === 'median') return table.medians();
  if (strategy === 'mean') return table.means();
  const fills: (number | string)[] = [];
  for (const [i, { name }] of table.columns.entries()) fills.push(table.found((await table.categories(i, 1))[0], name).value);
  return fills;
}
