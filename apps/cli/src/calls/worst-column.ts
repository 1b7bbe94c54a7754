import type { ColumnDrift, Monitor } from '@millrace/contracts/millrace/monitor/v1/monitor';

/** PSI of a column; undefined where nothing could be compared. */
export const psiOf = ({ distances }: ColumnDrift): number | undefined => distances['psi'];

/** The column that moved furthest of those that the monitor looks at; undefined when none could be compared. */
export function worstColumn(columns: readonly ColumnDrift[], { drift }: Pick<Monitor, 'drift'>): ColumnDrift | undefined {
  const ignored = new Set(drift?.ignore);
  return columns.filter((column) => !ignored.has(column.column) && psiOf(column) !== undefined).toSorted((a, b) => (psiOf(b) ?? 0) - (psiOf(a) ?? 0))[0];
}
