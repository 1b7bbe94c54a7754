import { canonicalJson, type ColumnType } from '@millrace/core';
import { errors } from './errors.js';

/** What happens to a cell that cannot be read as its column's type. */
export type BadCell = 'QUARANTINE' | 'MISSING' | 'FAIL';
export type Severity = 'WARN' | 'QUARANTINE' | 'FAIL';
export type KeepPolicy = 'FIRST' | 'LAST' | 'NEWEST' | 'NONE';

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

export type Rule =
  | { readonly kind: 'range'; readonly min?: number; readonly max?: number }
  | { readonly kind: 'accepted'; readonly values: readonly string[] }
  | { readonly kind: 'pattern'; readonly regex: string }
  | { readonly kind: 'not-null' }
  | { readonly kind: 'row-count'; readonly min?: bigint; readonly max?: bigint }
  | { readonly kind: 'missing-share'; readonly max: number };

/** One testable statement about the data. */
export interface Expectation {
  readonly name: string;
  readonly severity: Severity;
  /** Empty for a statement about the whole. */
  readonly column: string;
  readonly rule: Rule;
}

/** What the producer promises, and what happens to rows that break the promise. */
export interface Contract {
  /** Empty means: infer from the source, then enforce. */
  readonly columns: readonly ColumnContract[];
  /** Empty means all columns. */
  readonly key: readonly string[];
  readonly keep: KeepPolicy;
  /** The column whose largest value makes a row the newest; the event time when it is absent. */
  readonly newestBy?: string;
  readonly expectations: readonly Expectation[];
  readonly eventTime: string;
  readonly extraColumns: 'DROP' | 'FAIL';
  readonly maxQuarantinedShare: number;
}

/** Rules about one row; the others are about the whole. */
export const isRowRule = ({ kind }: Rule): boolean => kind !== 'row-count' && kind !== 'missing-share';

/** A contract travels in an event when its run fails, and a bus takes small records. */
const MAX_CONTRACT_LENGTH = 750_000;
const NAME = /^[A-Za-z][A-Za-z0-9_ .-]{0,127}$/;

/** Finds contradictions in a contract whose columns are known; throws INVALID_CONTRACT and names the place. */
export function checkContract(contract: Contract): Contract {
  const size = canonicalJson(contract).length;
  if (size > MAX_CONTRACT_LENGTH) throw fault('columns and expectations', `it is ${size} characters long, and at most ${MAX_CONTRACT_LENGTH} are taken`);
  const types = new Map<string, ColumnType>();
  const folded = new Set<string>();
  for (const { name, type } of contract.columns) {
    if (!NAME.test(name)) throw fault(`columns.${name}`, 'a column name starts with a letter and holds letters, digits, space, dot, dash or underscore, at most 128; give it such a name, and its name in the file as source_name');
    if (types.has(name)) throw fault(`columns.${name}`, 'the name stands twice');
    // Tables do not tell such names apart.
    if (folded.size === folded.add(name.toLowerCase()).size) throw fault(`columns.${name}`, 'another name differs from it only by upper and lower case; rename one, and give its name in the file as source_name');
    types.set(name, type);
  }
  const known = (place: string, column: string): ColumnType => {
    const type = types.get(column);
    if (type === undefined) throw fault(place, `column "${column}" is not in the contract`);
    return type;
  };
  contract.key.forEach((column) => known('key', column));
  if (contract.eventTime !== '' && known('event_time', contract.eventTime) !== 'TIMESTAMP') throw fault('event_time', `column "${contract.eventTime}" is not a TIMESTAMP`);
  if (contract.newestBy !== undefined) {
    known('newest_by', contract.newestBy);
    if (contract.keep !== 'NEWEST') throw fault('newest_by', 'it says which row is the newest, and keep is not newest; set keep to newest, or leave newest_by out');
  }
  if (contract.keep === 'NEWEST' && contract.eventTime === '' && contract.newestBy === undefined) throw fault('keep', 'to keep the newest row, name the event_time, or another column as newest_by');
  contract.columns.forEach(checkReading);
  if (!(contract.maxQuarantinedShare >= 0 && contract.maxQuarantinedShare <= 1)) throw fault('max_quarantined_share', 'a share lies between 0 and 1');
  const names = new Set<string>();
  for (const expectation of contract.expectations) {
    const place = `expectations.${expectation.name}`;
    if (names.has(expectation.name)) throw fault(place, 'the name stands twice');
    names.add(expectation.name);
    checkExpectation(place, expectation, known);
  }
  return contract;
}

function checkExpectation(place: string, { rule, column, severity }: Expectation, known: (place: string, column: string) => ColumnType): void {
  if (rule.kind === 'row-count') return;
  const type = known(place, column);
  if (!isRowRule(rule) && severity === 'QUARANTINE') throw fault(place, 'a statement about the whole cannot quarantine rows; use WARN or FAIL');
  if (rule.kind === 'range' && (type === 'STRING' || type === 'BOOL')) throw fault(place, `a range needs numbers or times, and "${column}" is ${type}`);
  if ((rule.kind === 'pattern' || rule.kind === 'accepted') && type !== 'STRING') throw fault(place, `a ${rule.kind} rule needs texts, and "${column}" is ${type}`);
}

/** Finds contradictions in how the texts of a column are to be read. */
function checkReading({ name, type, format, formats = [], numbers, words, units = [], bits }: ColumnContract): void {
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
