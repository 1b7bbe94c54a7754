/** A name in SQL, whatever characters it has. */
export const ident = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A string in SQL, whatever characters it has. */
export const text = (value: string): string => {
  const parts = value.split('\0').map((part) => `'${part.replaceAll("'", "''")}'`);
  return parts.length === 1 ? (parts[0] ?? "''") : `(${parts.join(' || chr(0) || ')})`;
};

/** The path of one file in SQL. DuckDB takes `*`, `?` and `[` for patterns that may match other files, so they stand in brackets. */
export const file = (path: string): string => text(literally(path));

/** The pattern that matches this path and no other. */
export const literally = (path: string): string => path.replace(/[*?[]/g, '[$&]');

/** A number in SQL: a DOUBLE of the very same bits for a number, a BIGINT or HUGEINT for a bigint. */
export function number(value: number | bigint): string {
  if (typeof value === 'bigint') return `'${value}'::${BigInt.asIntN(64, value) === value ? 'BIGINT' : 'HUGEINT'}`;
  // A plain 0.1 would be a DECIMAL; with an exponent DuckDB reads a DOUBLE.
  if (Number.isFinite(value) && !Object.is(value, -0)) return value < 0 ? `(${value.toExponential()})` : value.toExponential();
  return Object.is(value, -0) ? "'-0.0'::DOUBLE" : `'${value}'::DOUBLE`;
}
