import { z } from 'zod';
import { type Associations, cramersV, pearson, spearman } from '../associations.js';
import { defineKind, NUMBERS } from '../kind.js';
import type { StepTable } from '../step-table.js';
import { varianceInflation } from '../variance-inflation.js';

const MAX_COLUMNS = 200;
const MEASURES = ['pearson', 'spearman', 'cramer', 'vif'] as const;
type Measure = (typeof MEASURES)[number];
const LIMIT: Readonly<Record<Measure, number>> = { pearson: 0.95, spearman: 0.95, cramer: 0.95, vif: 10 };
const options = z.strictObject({
  by: z.enum(MEASURES).default('pearson').describe("Correlation of numbers, of their ranks, Cramér's V of texts, or the variance inflation factor of numbers."),
  above: z.number().min(0).optional().describe('Up to where columns may go together, whatever the sign; 0.95 unless given, and 10 for "vif".'),
});

/** What became of one column, and why. */
interface Verdict {
  readonly column: string;
  readonly kept: boolean;
  /** The measure that decided: the closest one to a column that is kept, or the factor. */
  readonly value: number;
  /** The column that tells the same; none for a factor. */
  readonly with?: string;
}

/**
 * Lets go of columns that say what others say. Of two that go together the earlier one of the list stays; by variance inflation the one with the largest
 * factor goes first, until all are low enough. The others go on under their names. The state keeps every column with its reason.
 */
export const dropcorrelated = defineKind<z.infer<typeof options>, { readonly columns: readonly Verdict[] }>({
  name: 'dropcorrelated',
  role: 'reduce',
  accepts: [...NUMBERS, 'STRING'],
  arity: [2, MAX_COLUMNS],
  families: true,
  options,
  refuse: (inputs, { by }) => {
    const wrong = inputs.find(({ type }) => (type === 'STRING') !== (by === 'cramer'));
    if (!wrong) return undefined;
    return wrong.type === 'STRING' ? `"${wrong.name}" is a text: compare texts by "cramer"` : `"${wrong.name}" is a number: compare numbers by "pearson", "spearman" or "vif"`;
  },
  schema: (inputs) => inputs.map(({ name, type, nullable }) => ({ name, type: type === 'STRING' ? type : 'FLOAT64', nullable, family: true })),
  fit: async (table, { by, above = LIMIT[by] }) => ({ columns: await JUDGE[by](table, above) }),
  lower: (_, { columns: verdicts }, columns) => {
    const rest = [...verdicts];
    return columns.map(({ members }) => members.filter(() => rest.shift()?.kept));
  },
});

const JUDGE: Readonly<Record<Measure, (table: StepTable, above: number) => Promise<readonly Verdict[]>>> = {
  pearson: async (table, above) => firstStays(table, await pearson(table), above),
  spearman: async (table, above) => firstStays(table, await spearman(table), above),
  cramer: async (table, above) => firstStays(table, await cramersV(table), above),
  vif: async (table, above) => lowEnough(table, await pearson(table), above),
};

function firstStays({ columns }: StepTable, associations: Associations, above: number): readonly Verdict[] {
  const kept: number[] = [];
  return columns.map(({ name }, i) => {
    const closest = kept.reduce<{ readonly j: number; readonly value: number } | undefined>((best, j) => {
      const value = associations[i]?.[j] ?? 0;
      return best && Math.abs(best.value) >= Math.abs(value) ? best : { j, value };
    }, undefined);
    const stays = !closest || Math.abs(closest.value) <= above;
    if (stays) kept.push(i);
    return { column: name, kept: stays, value: closest?.value ?? 0, ...(closest && { with: columns[closest.j]?.name ?? '' }) };
  });
}

function lowEnough({ columns }: StepTable, correlations: Associations, above: number): readonly Verdict[] {
  let kept = [...columns.keys()];
  const values = new Map<number, number>();
  for (;;) {
    const factors = varianceInflation(kept.map((i) => kept.map((j) => correlations[i]?.[j] ?? 0)));
    kept.forEach((column, i) => values.set(column, factors[i] ?? 1));
    const worst = Math.max(...factors);
    if (!(worst > above)) break;
    // Of equal ones the last goes.
    kept = kept.filter((_, i) => i !== factors.lastIndexOf(worst));
  }
  return columns.map(({ name }, i) => ({ column: name, kept: kept.includes(i), value: values.get(i) ?? 1 }));
}
