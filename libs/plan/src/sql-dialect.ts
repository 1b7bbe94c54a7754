import type { ColumnType } from '@millrace/core';
import type { LetterCase, MatchPlace } from './expression.js';

/** How one engine spells what the renderer needs; another engine is another table, admitted when the operation tests pass on it. */
export interface Dialect {
  identifier(name: string): string;
  text(value: string): string;
  /** A double, bit for bit; NaN is NULL. */
  double(value: number): string;
  integer(value: bigint): string;
  /** A column of a table as f64, i64 or str, with NaN as NULL and −0 as 0. */
  column(sql: string, type: ColumnType): string;
  /** Turns NaN to NULL, reading its argument once. */
  noNan(sql: string): string;
  /** Turns −0 to 0. */
  noNegativeZero(sql: string): string;
  isTrue(condition: string): string;
  /** Whether a text holds another one, NULL where it is NULL. */
  match(sql: string, where: MatchPlace, text: string): string;
  /** Operations on a text, NULL where it is NULL, as the builder of expressions promises them. */
  recase(sql: string, to: LetterCase): string;
  trim(sql: string): string;
  /** As f64. */
  length(sql: string, most: number): string;
  substring(sql: string, from: number, count: number): string;
  replace(sql: string, { find, by, most }: { readonly find: string; readonly by: string; readonly most: number }): string;
  /** Turns one text to NULL, reading its argument once. */
  noText(sql: string, text: string): string;
  ln(sql: string): string;
  pow2(sql: string): string;
  /** The square root, NULL where there is none. */
  sqrt(sql: string): string;
  /** The value at a place that counts from 0. */
  pick(place: string, values: readonly number[]): string;
  /** Division of a non-negative integer. */
  idiv(sql: string, by: string): string;
  i2d(sql: string): string;
  /** A float32, infinite beyond its range. */
  f32(sql: string): string;
  /** The same of a number that is known to be within its range. */
  smallF32(sql: string): string;
  /** A cell as text that no other value has, so that texts of several cells can stand side by side; missing is one value. */
  cellText(sql: string): string;
  /** A number in [0, 1) that hangs on a text alone: the first 52 bits of the MD5 of `prefix` and the text, which any engine can compute. */
  draw(prefix: string, text: string): string;
  /** A table of keys and columns of numbers that a query can join. */
  table(keys: readonly string[], columns: readonly (readonly number[])[]): string;
}

const INT64_MIN = -(2n ** 63n);
/** From here on a double is nearer to 2^128 than to the largest float32. */
export const FLOAT_OVERFLOW = 3.4028235677973366e38;

const literal = (value: number): string => {
  if (Number.isNaN(value)) return 'CAST(NULL AS DOUBLE)';
  if (!Number.isFinite(value)) return value > 0 ? "CAST('Infinity' AS DOUBLE)" : "CAST('-Infinity' AS DOUBLE)";
  // Without an exponent DuckDB reads a DECIMAL.
  const digits = String(Math.abs(value));
  return (value < 0 || Object.is(value, -0) ? '-' : '') + (digits.includes('e') ? digits : `${digits}e0`);
};
const identifier = (name: string) => `"${name.replaceAll('"', '""')}"`;
const text = (value: string) => `'${value.replaceAll("'", "''")}'`;
const [CAPITALS, SMALL] = ['ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz'];
const noNan = (sql: string) => `nullif(${sql}, CAST('NaN' AS DOUBLE))`;
const noNegativeZero = (sql: string) => `(${sql} + 0e0)`;

/** DuckDB 1.5. */
export const DUCKDB: Dialect = {
  identifier,
  text,
  double: literal,
  integer: (value) => (value === INT64_MIN ? '(-9223372036854775807 - 1)' : `CAST(${value} AS BIGINT)`),
  column: (sql, type) => {
    switch (type) {
      case 'BOOL':
        return `CAST(${sql} AS DOUBLE)`;
      case 'FLOAT64':
        return noNegativeZero(noNan(`CAST(${sql} AS DOUBLE)`));
      case 'INT64':
        return `CAST(${sql} AS BIGINT)`;
      case 'TIMESTAMP':
        return `epoch_us(${sql})`;
      case 'STRING':
        return sql;
    }
  },
  noNan,
  noNegativeZero,
  isTrue: (condition) => `((${condition}) IS TRUE)`,
  match: (sql, where, part) => `${{ start: 'starts_with', end: 'suffix', anywhere: 'contains' }[where]}(${sql}, ${part})`,
  // The engine's own lower and upper know all letters: only where there are none beyond ASCII they are the same, and fast.
  recase: (sql, to) => `(CASE WHEN strlen(${sql}) = length(${sql}) THEN ${to}(${sql}) ELSE translate(${sql}, ${(to === 'lower' ? [CAPITALS, SMALL] : [SMALL, CAPITALS]).map(text).join(', ')}) END)`,
  trim: (sql) => `trim(${sql}, ${text(' \t\n\v\f\r')})`,
  // least() passes over NULL.
  length: (sql, most) => `CAST(CASE WHEN ${sql} IS NOT NULL THEN least(length(${sql}), ${most}) END AS DOUBLE)`,
  substring: (sql, from, count) => `substring(${sql}, ${from}, ${count})`,
  replace: (sql, { find, by, most }) => `(CASE WHEN strlen(${sql}) - strlen(replace(${sql}, ${text(find)}, '')) <= ${most * Buffer.byteLength(find)} THEN replace(${sql}, ${text(find)}, ${text(by)}) END)`,
  noText: (sql, value) => `nullif(${sql}, ${text(value)})`,
  // The argument is guarded, because ln of 0 or less is an error even where its result is not used.
  ln: (sql) => `ln(CASE WHEN ${sql} > 0e0 THEN ${sql} END)`,
  pow2: (sql) => `(CASE WHEN ${sql} IS NOT NULL THEN pow(2e0, greatest(-1074e0, least(1023e0, ${sql}))) END)`,
  sqrt: (sql) => `sqrt(CASE WHEN ${sql} >= 0e0 THEN ${sql} END)`,
  pick: (place, values) => `list_extract(CAST([${values.map(literal).join(', ')}] AS DOUBLE[]), CAST(${place} AS BIGINT) + 1)`,
  idiv: (sql, by) => `(${sql} // ${by})`,
  i2d: (sql) => `CAST(${sql} AS DOUBLE)`,
  f32: (sql) =>
    `CAST(CASE WHEN ${sql} >= ${literal(FLOAT_OVERFLOW)} THEN ${literal(Infinity)} WHEN ${sql} <= ${literal(-FLOAT_OVERFLOW)} THEN ${literal(-Infinity)} ELSE ${sql} END AS FLOAT)`,
  smallF32: (sql) => `CAST(${sql} AS FLOAT)`,
  cellText: (sql) => `coalesce(length(CAST(${sql} AS VARCHAR)) || ':' || CAST(${sql} AS VARCHAR), '-')`,
  draw: (prefix, sql) => `(CAST('0x' || substr(md5(${text(prefix)} || ${sql}), 1, 13) AS BIGINT) / ${literal(2 ** 52)})`,
  table: (keys, columns) =>
    `(SELECT unnest(CAST([${keys.map(text).join(', ')}] AS VARCHAR[])) AS "k"${columns.map((values, i) => `, unnest(CAST([${values.map(literal).join(', ')}] AS DOUBLE[])) AS "v${i}"`).join('')})`,
};
