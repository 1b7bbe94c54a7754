import { z } from 'zod';
import { equalFrequencyEdges, equalWidthEdges } from '../bin-edges.js';
import { defineColumnwiseKind, NUMBERS } from '../kind.js';
import type { StepTable } from '../step-table.js';
import { targetEdges } from '../target-splits.js';

const MAX_BINS = 1_000;
const options = z.strictObject({
  bins: z.int().min(2).max(MAX_BINS).default(8).describe('How many bins.'),
  by: z.enum(['width', 'quantile', 'target']).default('quantile').describe('Bins of equal width, of about equally many training values, or such that the targets within each are alike, as a tree splits.'),
  min_share: z.number().gt(0).max(0.5).optional().describe('With "target": the least share of the training values in a bin; 0.05 unless given.'),
}).refine(({ by, min_share: share }) => share === undefined || by === 'target', { message: 'give "min_share" with "by: target" only', path: ['min_share'] });
type Options = z.infer<typeof options>;
const MIN_SHARE = 0.05;

/** The number of a value's bin, from 0; values beyond the training range fall into the first and the last one, missing stays missing. */
export const bin = defineColumnwiseKind<Options, { readonly edges: readonly number[] }>({
  name: 'bin',
  role: 'transform',
  accepts: NUMBERS,
  options,
  schema: ({ name, nullable }) => [{ name: `${name}_bin`, type: 'FLOAT64', nullable }],
  readsTarget: ({ by }) => by === 'target',
  fit: async (table, options) => (await EDGES[options.by](table, options)).map((edges) => ({ edges })),
  lower: (ir, { edges }, { name, node }) => (node.type === 'f64' ? [[{ name, node: ir.bucket(node, edges) }]] : []),
});

const EDGES: Readonly<Record<Options['by'], (table: StepTable, options: Options) => Promise<readonly (readonly number[])[]>>> = {
  width: (table, { bins }) => equalWidthEdges(table, bins),
  quantile: (table, { bins }) => equalFrequencyEdges(table, bins),
  target: async (table, { bins, min_share: least = MIN_SHARE }) => {
    const edges: (readonly number[])[] = [];
    for (const i of table.columns.keys()) edges.push(await targetEdges(table, i, { bins, least }));
    return edges;
  },
};
