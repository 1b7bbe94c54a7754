import { ColumnType } from '@millrace/contracts/millrace/type/v1/schema';
import type { Value } from '@millrace/contracts/millrace/type/v1/value';
import { errors } from '../errors.js';
import { parseIsoTime } from '../text/times.js';
import type { JsonCell } from './json-rows.js';

const NAMES: Record<ColumnType, string> = {
  [ColumnType.UNSPECIFIED]: 'value',
  [ColumnType.BOOL]: 'BOOL',
  [ColumnType.INT64]: 'INT64',
  [ColumnType.FLOAT64]: 'FLOAT64',
  [ColumnType.STRING]: 'STRING',
  [ColumnType.TIMESTAMP]: 'TIMESTAMP',
};

const WANTED: Record<ColumnType, string> = {
  [ColumnType.UNSPECIFIED]: 'a text, a number, true, false or null',
  [ColumnType.BOOL]: 'true or false',
  [ColumnType.INT64]: 'a whole number within 64 bits',
  [ColumnType.FLOAT64]: 'a number',
  [ColumnType.STRING]: 'a text in quotes',
  [ColumnType.TIMESTAMP]: 'an ISO 8601 time in quotes, such as "2001-04-01T06:30:00Z"',
};

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/** A JSON cell as the type of its column asks for; a column that the model does not know is typed by JSON. CELL_MISTYPED names the place. */
export function toCell(cell: JsonCell, type: ColumnType | undefined, { place, column }: { readonly place: string; readonly column: string }): Value {
  if (cell === null) return { kind: undefined };
  const value = readCell(cell, type ?? ColumnType.UNSPECIFIED);
  if (value === undefined) {
    const known = type ?? ColumnType.UNSPECIFIED;
    throw errors.CELL_MISTYPED({ place, column, found: typeof cell === 'bigint' ? String(cell) : JSON.stringify(cell), type: NAMES[known], wanted: WANTED[known] });
  }
  return { kind: value };
}

function readCell(cell: Exclude<JsonCell, null>, type: ColumnType): Value['kind'] {
  switch (type) {
    case ColumnType.BOOL:
      return typeof cell === 'boolean' ? { $case: 'boolValue', value: cell } : undefined;
    case ColumnType.INT64:
      return int64(cell);
    case ColumnType.FLOAT64:
      return typeof cell === 'number' || typeof cell === 'bigint' ? { $case: 'float64Value', value: Number(cell) } : undefined;
    case ColumnType.STRING:
      return typeof cell === 'string' ? { $case: 'stringValue', value: cell } : undefined;
    case ColumnType.TIMESTAMP: {
      const time = typeof cell === 'string' ? parseIsoTime(cell) : undefined;
      return time && { $case: 'timestampValue', value: time };
    }
    case ColumnType.UNSPECIFIED:
      if (typeof cell === 'string') return { $case: 'stringValue', value: cell };
      if (typeof cell === 'boolean') return { $case: 'boolValue', value: cell };
      return int64(cell) ?? (typeof cell === 'number' ? { $case: 'float64Value', value: cell } : undefined);
  }
}

/** Whole numbers only; a text of digits is how JSON writers spell what a double cannot hold. */
function int64(cell: Exclude<JsonCell, null>): Value['kind'] {
  const value = typeof cell === 'bigint' ? cell : typeof cell === 'number' && Number.isInteger(cell) ? BigInt(cell) : typeof cell === 'string' && /^-?\d{1,19}$/.test(cell) ? BigInt(cell) : undefined;
  return value === undefined || value > INT64_MAX || value < INT64_MIN ? undefined : { $case: 'int64Value', value };
}
