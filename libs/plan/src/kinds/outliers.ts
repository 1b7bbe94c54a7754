import { z } from 'zod';
import type { F64 } from '../expression.js';
import type { Ir } from '../ir.js';
import { defineColumnwiseKind, NUMBERS } from '../kind.js';
import type { StepTable } from '../step-table.js';

const RULES = ['iqr', 'z', 'mad'] as const;
type Rule = (typeof RULES)[number];
/** The widths that textbooks use (Tukey 1977; three sigma; Iglewicz and Hoaglin 1993). */
const WIDTH: Readonly<Record<Rule, number>> = { iqr: 1.5, z: 3, mad: 3.5 };
/** The median absolute deviation of a standard normal distribution. */
const NORMAL_MAD = 0.6745;

const options = z.strictObject({
  by: z.enum(RULES).default('iqr').describe('How far is too far: beyond the quartiles by the distance between them, from the mean in standard deviations, or from the median in median absolute deviations.'),
  width: z.number().positive().optional().describe('How many of them; 1.5, 3 and 3.5 unless given.'),
  action: z.enum(['clip', 'flag', 'missing', 'drop', 'quarantine']).default('clip').describe('What becomes of such a value: the bound, itself beside a column of 0 and 1, or missing; or its row is left out of training, counted, and with "quarantine" also kept aside.'),
});
type Options = z.infer<typeof options>;

interface State {
  readonly low: number;
  readonly high: number;
  readonly action: Options['action'];
}

/**
 * Treats values that lie too far from the other training values; where these do not spread, nothing is too far. Missing stays missing.
 * Rows that evaluate or are served are never left out: the endpoint's guard can refuse what lies out of range of the training rows that are left.
 */
export const outliers = defineColumnwiseKind<Options, State>({
  name: 'outliers',
  role: 'clean',
  accepts: NUMBERS,
  options,
  schema: ({ name, nullable }, { action }) => [
    { name, type: 'FLOAT64', nullable: nullable || action === 'missing' },
    ...(action === 'flag' ? [{ name: `${name}_outlier`, type: 'FLOAT64' as const, nullable: false }] : []),
  ],
  fit: async (table, { by, width = WIDTH[by], action }) => (await LEARN[by](table)).map((middle) => ({ ...bounds(middle, width), action })),
  lower: (ir, { low, high, action }, { name, node }) => {
    if (node.type !== 'f64') return [];
    const [below, above] = beyond(ir, node, { low, high });
    if (action === 'clip') return [[{ name, node: ir.when(below, ir.lit(low), ir.when(above, ir.lit(high), node)) }]];
    if (action === 'missing') return [[{ name, node: ir.when(ir.or(below, above), ir.lit(Number.NaN), node) }]];
    if (action === 'flag') return [[{ name, node }], [{ name: `${name}_outlier`, node: ir.flag(ir.or(below, above)) }]];
    return [[{ name, node }]];
  },
  leaves: (ir, { action, ...bounds }, { name, node }) => {
    if (node.type !== 'f64' || (action !== 'drop' && action !== 'quarantine')) return [];
    const [below, above] = beyond(ir, node, bounds);
    return [{ column: name, when: ir.or(below, above), aside: action === 'quarantine' }];
  },
});

const beyond = (ir: Ir, node: F64, { low, high }: { readonly low: number; readonly high: number }) => [ir.lt(node, ir.lit(low)), ir.gt(node, ir.lit(high))] as const;

/** Two points and the unit in which distances from them are counted. */
interface Middle {
  readonly from: number;
  readonly to: number;
  readonly unit: number;
}

function bounds({ from, to, unit }: Middle, width: number): { readonly low: number; readonly high: number } {
  return unit > 0 ? { low: from - width * unit, high: to + width * unit } : { low: -Infinity, high: Infinity };
}

const LEARN: Readonly<Record<Rule, (table: StepTable) => Promise<readonly Middle[]>>> = {
  iqr: async (table) => (await table.quantiles([0.25, 0.75])).map(([from = 0, to = 0]) => ({ from, to, unit: to - from })),
  z: async (table) => (await table.moments()).map(({ mean, variance }) => ({ from: mean, to: mean, unit: Math.sqrt(variance) })),
  mad: async (table) => {
    const medians = await table.medians();
    return (await table.medianDistances(medians)).map((distance, i) => ({ from: medians[i] ?? 0, to: medians[i] ?? 0, unit: distance / NORMAL_MAD }));
  },
};
