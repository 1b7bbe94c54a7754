import { type Dialect, DUCKDB } from './sql-dialect.js';

/** How one engine spells what fits ask of the training rows, beside what the renderer needs. Fits want sums and order statistics that threads cannot move. */
export interface FitDialect extends Dialect {
  /** A number, NULL where it is not finite. */
  finite(sql: string): string;
  /** The exactly rounded sum of a group, added in the order of a column. */
  sum(sql: string, order: string): string;
  /** The sum of numbers that are rounded to whole ones, which no order of adding changes. */
  wholeSum(sql: string): string;
  /** The values at these fractions of the sorted ones, as a list; no value lies between two of them. */
  orderStatistics(sql: string, fractions: readonly number[]): string;
  /** The middle value, the lower one of two. */
  lowerMiddle(sql: string): string;
  /** The value of the row that comes first in an order. */
  firstBy(sql: string, order: string): string;
}

/** DuckDB 1.5. */
export const DUCKDB_FIT: FitDialect = {
  ...DUCKDB,
  finite: (sql) => `(CASE WHEN isfinite(${sql}) THEN ${sql} END)`,
  sum: (sql, order) => `fsum(${sql} ORDER BY ${order})`,
  wholeSum: (sql) => `sum(CAST(round(${sql}) AS HUGEINT))`,
  orderStatistics: (sql, fractions) => `quantile_disc(${sql}, [${fractions.map(DUCKDB.double).join(', ')}])`,
  lowerMiddle: (sql) => `quantile_disc(${sql}, 0.5)`,
  firstBy: (sql, order) => `first(${sql} ORDER BY ${order})`,
};
