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
  if (contract.keep === 'NEWEST' && contract.eventTime === '') throw fault('keep', 'to keep the newest row, name the event_time');
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

const fault = (place: string, why: string): Error => errors.INVALID_CONTRACT({ place, why });
