import type { Row, Value } from '@millrace/contracts/millrace/type/v1/value';
import type { RowField } from './row-fields.js';

/** What was typed into the fields of a row, by name; what is empty is missing. */
export type RowTexts = Readonly<Record<string, string>>;

/** A row as it is asked, and what is wrong with what was typed, by field. */
export interface TypedRow {
  readonly row: Row;
  readonly faults: Readonly<Record<string, string>>;
}

/** Reads what was typed as the types of the fields have it. */
export function rowOf(fields: readonly RowField[], texts: RowTexts): TypedRow {
  const values: Record<string, Value> = {};
  const faults: Record<string, string> = {};
  for (const field of fields) {
    const text = texts[field.name]?.trim() ?? '';
    if (text === '') continue;
    const kind = kindOf(field.type, text);
    if (kind === undefined) faults[field.name] = WRONG[field.type] ?? 'This cannot be read.';
    else values[field.name] = { kind };
  }
  return { row: { values }, faults };
}

const WRONG: Readonly<Record<string, string>> = {
  COLUMN_TYPE_INT64: 'A whole number is asked for.',
  COLUMN_TYPE_FLOAT64: 'A number is asked for.',
  COLUMN_TYPE_BOOL: 'Yes or no is asked for.',
  COLUMN_TYPE_TIMESTAMP: 'A time is asked for.',
};

function kindOf(type: RowField['type'], text: string): Value['kind'] {
  switch (type) {
    case 'COLUMN_TYPE_INT64':
      return /^-?\d{1,19}$/.test(text) ? { $case: 'int64Value', value: BigInt(text) } : undefined;
    case 'COLUMN_TYPE_FLOAT64':
      return Number.isFinite(Number(text)) ? { $case: 'float64Value', value: Number(text) } : undefined;
    case 'COLUMN_TYPE_BOOL':
      return text === 'true' || text === 'false' ? { $case: 'boolValue', value: text === 'true' } : undefined;
    case 'COLUMN_TYPE_TIMESTAMP': {
      const value = timeOf(text);
      return value && { $case: 'timestampValue', value };
    }
    case 'COLUMN_TYPE_STRING':
    case 'COLUMN_TYPE_UNSPECIFIED':
      return { $case: 'stringValue', value: text };
  }
}

/** A time as a field of a page has it, which is meant in UTC. */
export function timeOf(text: string): Date | undefined {
  const date = new Date(text.endsWith('Z') ? text : `${text}Z`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** A cell of a logged prediction as it would be typed; undefined for a missing one. */
export function textOf({ kind }: Value): string | undefined {
  switch (kind?.$case) {
    case undefined:
      return undefined;
    case 'timestampValue':
      return kind.value.toISOString().slice(0, 19);
    case 'float64Value':
      return Number.isNaN(kind.value) ? undefined : String(kind.value);
    case 'stringValue':
      return kind.value;
    case 'boolValue':
    case 'int64Value':
      return String(kind.value);
  }
}

/** The field that a refusal is about: its name stands in quotes, or behind the row. */
export const fieldOfRefusal = (message: string, fields: readonly RowField[]): string | undefined => fields.find(({ name }) => message.includes(`"${name}"`) || new RegExp(`rows\\[0\\]\\.${name.replaceAll(/[^\w]/g, '\\$&')}(?![\\w.])`).test(message))?.name;
