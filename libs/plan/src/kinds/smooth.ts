import { z } from 'zod';
import { binFigures, type BinFigures, equalFrequencyEdges, equalWidthEdges } from '../bin-edges.js';
import { defineColumnwiseKind, NUMBERS } from '../kind.js';

const MAX_BINS = 1_000;
const options = z.strictObject({
  bins: z.int().min(2).max(MAX_BINS).default(8).describe('How many bins.'),
  by: z.enum(['width', 'frequency']).default('frequency').describe('Bins of equal width, or of about equally many training values.'),
  to: z.enum(['mean', 'median', 'boundary']).default('mean').describe('What a value becomes: mean or median of the training values in its bin, or the nearer of the smallest and the largest of them.'),
});

interface State {
  readonly edges: readonly number[];
  /** For each bin the lower and the upper value that it may become; both are one unless it is a boundary. */
  readonly values: readonly (readonly [number, number])[];
}

/** Takes noise out of numbers: each becomes what its bin of training values stands for; missing stays missing. */
export const smooth = defineColumnwiseKind<z.infer<typeof options>, State>({
  name: 'smooth',
  role: 'clean',
  accepts: NUMBERS,
  options,
  schema: ({ name, nullable }) => [{ name, type: 'FLOAT64', nullable }],
  fit: async (table, { bins, by, to }) => {
    const edges = await (by === 'width' ? equalWidthEdges(table, bins) : equalFrequencyEdges(table, bins));
    const states: State[] = [];
    for (const [i, own] of edges.entries()) states.push(occupied(own, await binFigures(table, i, own), to));
    return states;
  },
  lower: (ir, { edges, values }, { name, node }) => {
    if (node.type !== 'f64') return [];
    const [low, high] = ir.pick(ir.bucket(node, edges), values);
    if (!low || !high) return [];
    // A middle computed as half the sum would overflow; two distances do not round to a tie that is none.
    return [[{ name, node: ir.when(ir.le(ir.sub(node, low), ir.sub(high, node)), low, high) }]];
  },
});

/** Bins without training values go to the bin below them, so that every bin has a value. */
function occupied(edges: readonly number[], figures: readonly (BinFigures | undefined)[], to: 'mean' | 'median' | 'boundary'): State {
  const kept = figures.flatMap((bin, i) => (bin ? [{ bin, edge: edges[i - 1] }] : []));
  return {
    edges: kept.slice(1).flatMap(({ edge }) => edge ?? []),
    values: kept.map(({ bin }) => (to === 'boundary' ? [bin.low, bin.high] : [bin[to], bin[to]])),
  };
}
