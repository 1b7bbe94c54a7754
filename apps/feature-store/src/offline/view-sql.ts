import type { Schema } from '@millrace/core';
import { engine, ident, number } from '@millrace/tables';
import { type Comparison, type FeatureView, sourceType } from '../feature-view.js';

/** Doubles are summed as whole millionths, so that a sum does not depend on its order and offline equals online. */
export const FIXED_POINT = 1_000_000;

/** A double beyond this, or one that is not finite, counts as missing where columns are folded: no sum could hold it. */
export const LARGEST_SUMMAND = 1e24;

/** A delay beyond this many microseconds, or one that is not finite, says that nobody knows when a row could be known. */
export const LONGEST_DELAY = 9e15;

const SIGNS: Record<Comparison, string> = { GREATER: '>', GREATER_OR_EQUAL: '>=', LESS: '<', LESS_OR_EQUAL: '<=', EQUAL: '=' };

/**
 * SQL of a source or derived column of a view: 1 and 0 for BOOL, else the cell as it is.
 * Adding 0 makes a zero of -0: Parquet keeps one of the two for both, and a minimum takes the one that comes first.
 */
export function columnSql(view: FeatureView, name: string, schema: Schema): string {
  const derived = view.derived.find((column) => column.name === name);
  if (derived) return thresholdSql(derived.source, { sign: SIGNS[derived.comparison], threshold: derived.threshold, schema });
  const type = sourceType(schema, name);
  return type === 'BOOL' ? `CAST(${ident(name)} AS BIGINT)` : type === 'FLOAT64' ? `(${ident(name)} + 0e0)` : ident(name);
}

/** SQL of 1 or 0 by a threshold. Missing stays missing, and so does NaN, which SQL takes for the largest number. */
export function thresholdSql(source: string, { sign, threshold, schema }: { readonly sign: string; readonly threshold: number; readonly schema: Schema }): string {
  const type = sourceType(schema, source);
  const cell = type === 'BOOL' ? `CAST(${ident(source)} AS BIGINT)` : ident(source);
  const compared = `CAST(${cell} ${sign} ${number(threshold)} AS BIGINT)`;
  return type === 'FLOAT64' ? `CASE WHEN NOT isnan(${cell}) THEN ${compared} END` : compared;
}

/** SQL of what a folded column gives: a number that can be summed, or NULL. */
export function foldedSql(view: FeatureView, name: string, schema: Schema): string {
  const cell = columnSql(view, name, schema);
  return isExact(view, name, schema) ? cell : `CASE WHEN abs(${cell}) <= ${number(LARGEST_SUMMAND)} THEN ${cell} END`;
}

/** SQL of the exact summand of a folded column. */
export const summandSql = (column: string, exact: boolean): string => (exact ? `CAST(${column} AS BIGINT)` : engine.wide(`round(CAST(${column} AS DOUBLE) * ${FIXED_POINT}e0)`));

/** Whether a folded column is summed as it is; others go by fixed point. */
export const isExact = (view: FeatureView, column: string, schema: Schema): boolean => view.derived.some(({ name }) => name === column) || sourceType(schema, column) !== 'FLOAT64';

/** SQL of the microsecond in which a row could be known; the very formula of the online side. */
export function knowledgeSql({ eventTime, knowledge }: FeatureView): string {
  if (knowledge.column !== '') return engine.micros(ident(knowledge.column));
  const terms = knowledge.terms.map(({ column, microseconds }) => {
    const delay = `CAST(${ident(column)} AS DOUBLE) * ${number(microseconds)}`;
    return `CASE WHEN abs(${delay}) <= ${number(LONGEST_DELAY)} THEN CAST(floor(${delay}) AS BIGINT) END`;
  });
  return [engine.micros(ident(eventTime)), String(Math.trunc(knowledge.delay)), ...terms].join(' + ');
}

/** SQL of the rows of a view that have a key and both times: `k0…`, `known`, `event`, then the columns given. */
export function rowsSql(view: FeatureView, relation: string, columns: readonly string[]): string {
  const keys = view.keyColumns.map((column, i) => `${engine.text(ident(column))} AS k${i}`);
  const there = ['known', 'event', ...view.keyColumns.map((_, i) => `k${i}`)].map((name) => `${name} IS NOT NULL`);
  return `SELECT * FROM (SELECT ${[...keys, `${knowledgeSql(view)} AS known`, `${engine.micros(ident(view.eventTime))} AS event`, ...columns].join(', ')} FROM ${relation}) WHERE ${there.join(' AND ')}`;
}

/** SQL of the number of the tile that a microsecond lies in; rounds down, also before 1970. */
export const tileOf = (micros: string, tile: number): string => engine.idiv(`(${micros} - ((${micros} % ${tile}) + ${tile}) % ${tile})`, String(tile));

/** Names of the key columns of `rowsSql`. */
export const keyNames = (view: FeatureView): readonly string[] => view.keyColumns.map((_, i) => `k${i}`);
