import type { ColumnType } from '@millrace/core';
import { engine, text } from '@millrace/tables';
import type { ColumnContract } from '../column-contract.js';
import { EARLIEST, integerOf, LATEST } from './text-reading.js';

/**
 * A glance at a text as it stands in the file, blanks and all: what it says, and whether it is sure that looking longer would find the same, nothing to
 * mend and no digit lost. Nearly all texts are of this kind, and looking longer costs several times as much.
 */
export interface QuickReading {
  /** SQL of what the text says. */
  readonly value: (raw: string) => string;
  /** SQL that is true where that is sure; whatever else it gives says that it is not. */
  readonly sure: (raw: string, value: string) => string;
}

/** Of these characters each sorts before `!`. */
const BLANKS = [9, 10, 13, 32];
/** So many digits survive in every double. */
const SAFE_DIGITS = 15;

/** Undefined where the contract has ways of its own for the column. */
export const quickReading = (column: ColumnContract): QuickReading | undefined => QUICK[column.type](column);

/** Without the blanks around it. Few texts have any, and looking first costs a sixth of trimming. */
export function trimmed(raw: string): string {
  const x = engine.text(raw);
  const around = [`${x} < '!'`, ...BLANKS.map((blank) => engine.endsWith(x, `chr(${blank})`))];
  return `CASE WHEN ${around.join(' OR ')} THEN ${engine.trim(x, String.fromCharCode(...BLANKS))} ELSE ${x} END`;
}

const listed = (texts: readonly string[]): string => texts.map((one) => text(one)).join(', ');
/** Whether a text without blanks around it is none of those that stand for a missing cell. */
const isThere = (x: string, { missingTexts }: ColumnContract): readonly string[] => (missingTexts.length === 0 ? [] : [`${x} NOT IN (${listed(missingTexts)})`]);
const all = (...conditions: readonly string[]): string => conditions.join(' AND ');

const QUICK: Record<ColumnType, (column: ColumnContract) => QuickReading | undefined> = {
  // What prints as it was read has no blanks around it either.
  INT64: (column) => ({ value: (raw) => integerOf(raw, column), sure: (raw, value) => all(`${engine.text(value)} = ${raw}`, ...isThere(raw, column)) }),
  FLOAT64: (column) =>
    column.numbers
      ? undefined
      : {
          value: (raw) => `TRY_CAST(${raw} AS DOUBLE)`,
          sure: (raw, value) => all(engine.isFinite(value), `length(${raw}) <= ${SAFE_DIGITS}`, `(${value} <> 0 OR ${raw} IN (${listed(['0', '0.0', '0.00'])}))`, ...isThere(trimmed(raw), column)),
        },
  BOOL: (column) => (column.words ? undefined : { value: (raw) => `CASE ${raw} WHEN 'true' THEN true WHEN 'false' THEN false END`, sure: (raw, value) => all(`${value} IS NOT NULL`, ...isThere(raw, column)) }),
  TIMESTAMP: (column) =>
    column.format === ''
      ? {
          value: (raw) => `TRY_CAST(${raw} AS TIMESTAMP)`,
          // Also as a day alone, and with the T of ISO 8601.
          sure: (raw, value) => all(`${value} BETWEEN ${EARLIEST} AND ${LATEST}`, `(${[raw, `${raw} || ' 00:00:00'`, `replace(${raw}, 'T', ' ')`].map((written) => `${engine.text(value)} = ${written}`).join(' OR ')})`, ...isThere(raw, column)),
        }
      : undefined,
  STRING: (column) => ({ value: (raw) => raw, sure: (raw) => all(`${raw} >= '!'`, ...UNWRITABLE.map((code) => `NOT contains(${raw}, chr(${code}))`), ...isThere(trimmed(raw), column)) }),
};

/** No text may hold these. */
export const UNWRITABLE = [0, 0xffff] as const;
