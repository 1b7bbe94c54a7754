import { errors } from '../errors.js';

/** One cell of a row in JSON; a whole number that a double cannot hold is a bigint. */
export type JsonCell = string | number | bigint | boolean | null;
export type JsonRow = Readonly<Record<string, JsonCell>>;

const EXAMPLE = '{"origin": "ORD", "distance": 733}';

/** Reads one row. */
export const parseRow = (text: string, place: string): JsonRow => toRow(parse(text, place), place);

/** Reads many rows: a JSON array, one object, or JSON lines. */
export function parseRows(text: string, file: string): readonly JsonRow[] {
  const trimmed = text.trim();
  if (trimmed === '') return [];
  if (trimmed.startsWith('[')) return (parse(trimmed, file) as readonly unknown[]).map((row, i) => toRow(row, `${file}, row ${i + 1}`));
  const lines = text.split('\n').map((line, i) => ({ line: line.trim(), place: `${file}, line ${i + 1}` })).filter(({ line }) => line !== '');
  // One object over many lines is one row; a first line that is whole means JSON lines.
  if (lines.length > 1 && !isWhole(lines[0]?.line ?? '')) return [parseRow(trimmed, file)];
  return lines.map(({ line, place }) => parseRow(line, place));
}

function parse(text: string, place: string): unknown {
  try {
    return JSON.parse(text, exactly as (key: string, value: unknown) => unknown);
  } catch (cause) {
    throw errors.ROWS_NO_JSON({ place, why: cause instanceof Error ? cause.message : String(cause), example: EXAMPLE }, { cause });
  }
}

/** Keeps the digits of a whole number that a double would round; the text of a value is the third argument since ES2025. */
const exactly = (_: string, value: unknown, context?: { readonly source?: string }): unknown =>
  typeof value === 'number' && !Number.isSafeInteger(value) && context?.source !== undefined && /^-?\d+$/.test(context.source) ? BigInt(context.source) : value;

function isWhole(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function toRow(value: unknown, place: string): JsonRow {
  const found = value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value;
  if (found !== 'object') throw errors.ROW_NO_OBJECT({ place, found, example: EXAMPLE });
  const row = value as Readonly<Record<string, unknown>>;
  for (const [column, cell] of Object.entries(row)) {
    if (typeof cell === 'object' && cell !== null) throw errors.CELL_MISTYPED({ place, column, found: JSON.stringify(cell, (_, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner)), type: 'cell', wanted: 'a text, a number, true, false or null' });
  }
  return row as JsonRow;
}
