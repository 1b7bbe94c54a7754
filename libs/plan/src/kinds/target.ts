import { z } from 'zod';
import { MIN_COUNT } from '../categories.js';
import type { F64 } from '../expression.js';
import { defineColumnwiseKind } from '../kind.js';
import type { StepTable } from '../step-table.js';
import { sumOf, type TargetParts, targetsByText, targetTotals } from '../target-statistics.js';

const MAX_CATEGORIES = 50_000;
const options = z.strictObject({
  smoothing: z.number().min(0).default(20).describe('As many rows of the mean of all targets are added to each category, so that rare ones say little.'),
  max: z.int().min(1).max(MAX_CATEGORIES).default(10_000).describe('Most categories to keep, the most frequent first; the others count as unseen.'),
  min_count: MIN_COUNT,
});

interface State {
  readonly categories: readonly string[];
  /** For each category, and what stands for an unseen one. */
  readonly values: readonly number[];
  readonly prior: number;
  /** The same from the targets of the other parts, one for each part of the training rows. */
  readonly otherValues: readonly (readonly number[])[];
  readonly otherPriors: readonly number[];
}

/**
 * The mean target of the training rows with a text, drawn towards the mean of all (Micci-Barreca 2001); that mean for an unseen text, missing stays missing.
 * A training row gets it from the rows of the other parts, so that its own target does not come back to it.
 */
export const target = defineColumnwiseKind<z.infer<typeof options>, State>({
  name: 'target',
  role: 'transform',
  accepts: ['STRING'],
  options,
  schema: ({ name, nullable }) => [{ name: `${name}_target`, type: 'FLOAT64', nullable }],
  readsTarget: () => true,
  fit: async (table, { smoothing, max, min_count: least = 1 }) => {
    const totals = await targetTotals(table);
    const mean = (without?: number) => {
      const { count, sum } = sumOf(totals, without);
      return table.found(count === 0 ? undefined : sum / count, table.target);
    };
    const priors = { all: mean(), others: totals.map((_, part) => mean(part)) };
    const states: State[] = [];
    for (const i of table.columns.keys()) states.push(await encode(table, i, { priors, smoothing, limit: max, least }));
    return states;
  },
  lower: (ir, { categories, values, prior, otherValues, otherPriors }, { name, node }, { fold }) => {
    if (node.type !== 'str') return [];
    if (!fold) return [ir.lookup(node, { keys: categories, rows: values.map((value) => [value]), unseen: [prior], missing: [Number.NaN] }).map((value) => ({ name, node: value }))];
    const parts = ir.lookup(node, { keys: categories, rows: otherValues, unseen: otherPriors, missing: otherPriors.map(() => Number.NaN) });
    return [[{ name, node: parts.reduceRight<F64>((rest, value, part) => ir.when(ir.eq(fold, ir.lit(part)), value, rest), ir.lit(Number.NaN)) }]];
  },
});

interface Encoding {
  readonly priors: { readonly all: number; readonly others: readonly number[] };
  readonly smoothing: number;
  readonly limit: number;
  readonly least: number;
}

async function encode(table: StepTable, column: number, { priors, smoothing, ...which }: Encoding): Promise<State> {
  const found = await targetsByText(table, column, which);
  const value = (parts: TargetParts, prior: number, without?: number) => {
    const { count, sum } = sumOf(parts, without);
    return count + smoothing === 0 ? prior : (sum + smoothing * prior) / (count + smoothing);
  };
  return {
    categories: found.map(({ text }) => text),
    values: found.map(({ parts }) => value(parts, priors.all)),
    prior: priors.all,
    otherValues: found.map(({ parts }) => priors.others.map((prior, part) => value(parts, prior, part))),
    otherPriors: priors.others,
  };
}
