import { type StepTable, toNumber } from './step-table.js';
import { FOLDS } from './training-fold.js';

/** Targets of some training rows: how many, and their sum. */
export interface TargetSum {
  readonly count: number;
  readonly sum: number;
}

/** Targets by the part of the row. */
export type TargetParts = readonly TargetSum[];

/** What is known of targets outside one part, or altogether. */
export function sumOf(parts: TargetParts, without?: number): TargetSum {
  return parts.reduce((total, part, i) => (i === without ? total : { count: total.count + part.count, sum: total.sum + part.sum }), { count: 0, sum: 0 });
}

/** The targets of all rows by part. */
export async function targetTotals(table: StepTable): Promise<TargetParts> {
  const [row = {}] = await table.run(`SELECT ${figuresOf(table)}`);
  return partsOf(table, row);
}

/** The targets of the most frequent texts of one column by part, most frequent first; those with fewer rows than `least` are left out. */
export async function targetsByText(table: StepTable, column: number, { limit, least }: { readonly limit: number; readonly least: number }): Promise<readonly { readonly text: string; readonly parts: TargetParts }[]> {
  const rows = await table.run(`SELECT x${column} AS v, ${figuresOf(table)}, count(y) AS n`, `WHERE v IS NOT NULL GROUP BY v HAVING n >= greatest(1, ${least}) ORDER BY n DESC, v LIMIT ${limit}`);
  return rows.map((row) => ({ text: String(row['v']), parts: partsOf(table, row) }));
}

const PARTS = Array.from({ length: FOLDS }, (_, i) => i);
const figuresOf = ({ dialect }: StepTable): string => PARTS.map((i) => `count(y) FILTER (WHERE fold = ${i}) AS n${i}, ${dialect.sum('y', 'o')} FILTER (WHERE fold = ${i}) AS s${i}`).join(', ');

function partsOf(table: StepTable, row: Readonly<Record<string, unknown>>): TargetParts {
  return PARTS.map((i) => ({ count: Number(row[`n${i}`]), sum: table.finite(toNumber(row[`s${i}`]) ?? 0, 'sum', table.target) }));
}
