import { ident, number } from '@millrace/tables';
import type { Comparison, FeatureView } from '../feature-view.js';

/** Doubles are summed as whole millionths, so that a sum does not depend on its order and offline equals online. */
export const FIXED_POINT = 1_000_000;

const SIGNS: Record<Comparison, string> = { GREATER: '>', GREATER_OR_EQUAL: '>=', LESS: '<', LESS_OR_EQUAL: '<=', EQUAL: '=' };

/** SQL of a source or derived column of a view, as a number. */
export function columnSql(view: FeatureView, name: string): string {
  const derived = view.derived.find((column) => column.name === name);
  if (!derived) return ident(name);
  return `CAST(${ident(derived.source)} ${SIGNS[derived.comparison]} ${number(derived.threshold)} AS BIGINT)`;
}

/** SQL of the microsecond in which a row could be known; the very formula of the online side. */
export function knowledgeSql({ eventTime, knowledge }: FeatureView): string {
  if (knowledge.column !== '') return `epoch_us(${ident(knowledge.column)})`;
  const terms = knowledge.terms.map(({ column, microseconds }) => `CAST(floor(CAST(${ident(column)} AS DOUBLE) * ${number(microseconds)}) AS BIGINT)`);
  return [`epoch_us(${ident(eventTime)})`, String(Math.trunc(knowledge.delay)), ...terms].join(' + ');
}

/** A DuckDB type whose values are summed as they are; others go by fixed point. */
export const isExact = (type: string): boolean => type === 'INT64' || type === 'BOOL';

/** SQL of the exact summand of a folded column. */
export const summandSql = (column: string, exact: boolean): string => (exact ? `CAST(${column} AS BIGINT)` : `CAST(round(CAST(${column} AS DOUBLE) * ${FIXED_POINT}e0) AS HUGEINT)`);
