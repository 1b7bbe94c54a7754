import type { InputColumn } from '@millrace/contracts/millrace/registry/v1/model';
import { count, figure, toldText } from '../../text.js';

const TYPES: Readonly<Record<string, string>> = { COLUMN_TYPE_BOOL: 'yes or no', COLUMN_TYPE_INT64: 'whole number', COLUMN_TYPE_FLOAT64: 'number', COLUMN_TYPE_STRING: 'text', COLUMN_TYPE_TIMESTAMP: 'time' };
const MICROS = 1_000;
const FEW = 8;

/** The type of an input in words. */
export const typeOf = ({ column }: InputColumn): string => TYPES[column?.type ?? ''] ?? 'unknown';

/** What training saw of an input: its range, or its texts, of which at most a few are told. */
export function seenOf({ column, min, max, categories }: InputColumn, few = FEW): string {
  if (categories.length > 0) return categories.length <= few ? categories.map(toldText).join(', ') : `${categories.slice(0, few).map(toldText).join(', ')} and ${count(categories.length - few)} more`;
  if (min === undefined || max === undefined) return column?.type === 'COLUMN_TYPE_STRING' ? 'too many texts to keep' : 'not kept';
  if (column?.type !== 'COLUMN_TYPE_TIMESTAMP') return `${figure(min)} to ${figure(max)}`;
  const day = (micros: number): string => new Date(micros / MICROS).toISOString().slice(0, 10);
  return `${day(min)} to ${day(max)}`;
}
