/** What a cell of a file holds. */
export type Plain = string | number | bigint | boolean | Date | undefined;

/** Rows under named columns, as a file keeps them: every figure in full. */
export interface Sheet {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Plain[])[];
}

/** A sheet as CSV (RFC 4180, UTF-8, lines ended by CR LF): times in ISO 8601, missing values empty. */
export const csvOf = ({ columns, rows }: Sheet): string => [columns, ...rows].map((row) => `${row.map(cellOf).join(',')}\r\n`).join('');

function cellOf(value: Plain): string {
  const text = value === undefined ? '' : value instanceof Date ? value.toISOString() : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
