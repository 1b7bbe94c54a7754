import type { TableCell } from './table.js';
import type { Style } from './paint.js';

const PREFIX = /^(?:JOB_STATE|STATE|KIND|DECISION|MODE|COLUMN_TYPE|FORMAT)_/;

/** An enum value of the contracts as a person reads it: `JOB_STATE_SUCCEEDED` → `SUCCEEDED`. */
export const word = (value: string): string => value.replace(PREFIX, '');

const STYLES: Readonly<Record<string, Style>> = {
  SUCCEEDED: 'good',
  CACHED: 'good',
  PROMOTED: 'good',
  RESOLVED: 'good',
  FAILED: 'bad',
  OPEN: 'bad',
  REFUSED: 'warn',
  CANCELLED: 'warn',
  HELD: 'warn',
  ACKNOWLEDGED: 'warn',
  RUNNING: 'bold',
  PENDING: 'dim',
  SKIPPED: 'dim',
  UNSPECIFIED: 'dim',
};

/** A state as a cell in the colour of its meaning. */
export function stateCell(value: string): TableCell {
  const text = word(value);
  const style = STYLES[text];
  return style ? { text, style } : text;
}

const SIGNS: Readonly<Record<string, string>> = { SUCCEEDED: '✔', CACHED: '✔', FAILED: '✖', CANCELLED: '■', SKIPPED: '–', RUNNING: '▶' };

/** One sign for a state. */
export const signOf = (value: string): string => SIGNS[word(value)] ?? '·';
/** The style of a state, if it has one. */
export const styleOf = (value: string): Style | undefined => STYLES[word(value)];
