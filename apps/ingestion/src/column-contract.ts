import type { ColumnType } from '@millrace/core';
import { errors } from './errors.js';

/** What happens to a cell that cannot be read as its column's type. */
export type BadCell = 'QUARANTINE' | 'MISSING' | 'FAIL';

/** What one column must be. */
export interface ColumnContract {
  readonly name: string;
  readonly type: ColumnType;
  readonly required: boolean;
  readonly sourceName: string;
  readonly missingTexts: readonly string[];
  readonly badCell: BadCell;
  /** strptime format of a TIMESTAMP in text; empty means ISO 8601. */
  readonly format: string;
  /** Further ones, tried in their order. */
  readonly formats?: readonly string[];
  /** How numbers are written in text; else digits with a decimal point, and the usual separators are mended. */
  readonly numbers?: { readonly thousands: string; readonly decimal: string };
  /** Words for true and false, in the place of the usual ones. */
  readonly words?: { readonly true: readonly string[]; readonly false: readonly string[] };
  /** Units that may stand behind a number, each with what one of it counts. */
  readonly units?: readonly Unit[];
  /** Of an INT64 that must fit into fewer than 64. */
  readonly bits?: 32;
}

/** A unit behind a number in text. */
export interface Unit {
  readonly text: string;
  readonly factor: number;
}

/** Finds contradictions in how the texts of a column are to be read. */
export function checkReading({ name, type, format, formats = [], numbers, words, units = [], bits }: ColumnContract): void {
  const place = (field: string): string => `columns.${name}.${field}`;
  const isNumber = type === 'INT64' || type === 'FLOAT64';
  const only = (field: string, said: boolean, fits: boolean, of: string): void => {
    if (said && !fits) throw fault(place(field), `it is about ${of}, and the column is ${type}`);
  };
  only('numbers', numbers !== undefined, isNumber, 'numbers');
  only('units', units.length > 0, isNumber, 'numbers');
  only('true_texts', words !== undefined, type === 'BOOL', 'BOOL');
  only('formats', formats.length > 0 || format !== '', type === 'TIMESTAMP', 'TIMESTAMP');
  only('bits', bits !== undefined, type === 'INT64', 'INT64');
  if (numbers && numbers.thousands === numbers.decimal) throw fault(place('numbers'), `"${numbers.decimal}" cannot be both the thousands separator and the decimal one`);
  for (const separator of numbers ? [numbers.thousands, numbers.decimal] : []) if (/[\d+eE-]/.test(separator) || separator.length > 8) throw fault(place('numbers'), `"${separator}" cannot part a number; give a sign such as "." or ","`);
  for (const one of [format, ...formats]) if (!FORMAT.test(one)) throw fault(place('formats'), `"${one}" is no strptime format; one is %Y-%m-%d %H:%M:%S`);
  const said = new Set<string>();
  for (const word of [...(words?.true ?? []), ...(words?.false ?? [])].map((text) => text.toLowerCase())) if (said.size === said.add(word).size) throw fault(place('true_texts'), `"${word}" stands twice among the words for true and false`);
  const known = new Set<string>();
  for (const { text, factor } of units) {
    if (text.trim() === '' || text !== text.trim() || /^[\d.,+-]/.test(text)) throw fault(place('units'), `"${text}" is no unit; one is km`);
    if (known.size === known.add(text).size) throw fault(place('units'), `"${text}" stands twice`);
    if (!Number.isFinite(factor) || factor === 0) throw fault(place('units'), `the factor of "${text}" is ${factor}; give a number other than 0`);
  }
}

/** Texts with at least one of the specifiers that DuckDB knows, and no others. */
const FORMAT = /^$|^(?:[^%]|%%)*(?:%-?[aAbBcdDfgGHIjmMnpSuUVwWxXyYzZ](?:[^%]|%%)*)+$/;

const fault = (place: string, why: string): Error => errors.INVALID_CONTRACT({ place, why });
