import type { ColumnType } from '@millrace/core';
import { errors } from './errors.js';

export type Severity = 'WARN' | 'QUARANTINE' | 'FAIL';
export type Operator = 'EQUAL' | 'NOT_EQUAL' | 'LESS' | 'AT_MOST' | 'GREATER' | 'AT_LEAST';

export type Rule =
  | { readonly kind: 'range'; readonly min?: number; readonly max?: number }
  | { readonly kind: 'accepted'; readonly values: readonly string[] }
  | { readonly kind: 'pattern'; readonly regex: string }
  | { readonly kind: 'not-null' }
  | { readonly kind: 'row-count'; readonly min?: bigint; readonly max?: bigint }
  | { readonly kind: 'missing-share'; readonly max: number }
  | { readonly kind: 'presence'; readonly min: number }
  | { readonly kind: 'unique'; readonly with: readonly string[] }
  | { readonly kind: 'freshness'; readonly maxAgeMs: number }
  | { readonly kind: 'comparison'; readonly operator: Operator; readonly other: string; readonly missingBreaks: boolean };

/** One testable statement about the data. */
export interface Expectation {
  readonly name: string;
  readonly severity: Severity;
  /** Empty for a statement about the whole. */
  readonly column: string;
  readonly rule: Rule;
}

/** Rules about one row; the others are about the whole. */
export const isRowRule = ({ kind }: Rule): boolean => ROW_RULES.has(kind);
const ROW_RULES: ReadonlySet<Rule['kind']> = new Set(['range', 'accepted', 'pattern', 'not-null', 'comparison']);

/** Finds contradictions in an expectation; `known` gives the type of a column, or refuses its name. */
export function checkExpectation(place: string, { rule, column, severity }: Expectation, known: (place: string, column: string) => ColumnType): void {
  if ((rule.kind === 'row-count' || rule.kind === 'range') && rule.min !== undefined && rule.max !== undefined && rule.min > rule.max) throw fault(place, `nothing lies between ${rule.min} and ${rule.max}; turn them round`);
  if (rule.kind === 'row-count') return;
  const type = known(place, column);
  if (rule.kind === 'unique' && severity === 'QUARANTINE') throw fault(place, 'uniqueness cannot quarantine rows: make the columns the key and set keep to none, or use WARN or FAIL');
  if (!isRowRule(rule) && severity === 'QUARANTINE') throw fault(place, 'a statement about the whole cannot quarantine rows; use WARN or FAIL');
  if (rule.kind === 'range' && (type === 'STRING' || type === 'BOOL')) throw fault(place, `a range needs numbers or times, and "${column}" is ${type}`);
  if ((rule.kind === 'pattern' || rule.kind === 'accepted') && type !== 'STRING') throw fault(place, `a ${rule.kind} rule needs texts, and "${column}" is ${type}`);
  if (rule.kind === 'freshness' && type !== 'TIMESTAMP') throw fault(place, `freshness needs a time, and "${column}" is ${type}`);
  if (rule.kind === 'freshness' && !(rule.maxAgeMs > 0)) throw fault(place, 'the greatest age must be longer than nothing');
  if (rule.kind === 'presence' && !(rule.min >= 0 && rule.min <= 1)) throw fault(place, 'a share lies between 0 and 1');
  if (rule.kind === 'unique') rule.with.forEach((other) => known(place, other));
  if (rule.kind === 'comparison') checkComparison(place, { column, type, rule, known });
}

function checkComparison(place: string, { column, type, rule: { operator, other }, known }: { column: string; type: ColumnType; rule: Rule & { readonly kind: 'comparison' }; known: (place: string, column: string) => ColumnType }): void {
  const otherType = known(place, other);
  if (column === other) throw fault(place, `it compares "${column}" with itself`);
  const isNumber = (one: ColumnType): boolean => one === 'INT64' || one === 'FLOAT64';
  if (type !== otherType && !(isNumber(type) && isNumber(otherType))) throw fault(place, `"${column}" is ${type} and "${other}" is ${otherType}; only columns of one kind can be compared`);
  if (type === 'BOOL' && operator !== 'EQUAL' && operator !== 'NOT_EQUAL') throw fault(place, 'of true and false none is less; compare them by == or !=');
}

const fault = (place: string, why: string): Error => errors.INVALID_CONTRACT({ place, why });
