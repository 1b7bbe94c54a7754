import { formulasToSql } from '@millrace/plan';
import { ident } from '@millrace/tables';
import type { ResolvedReference } from '../feature-reference.js';
import type { ComputedReference } from '../feature-service.js';
import { ROW } from './training-set-sql.js';

/** What is computed, of what was read. */
export interface ComputedInput {
  readonly reference: ComputedReference;
  /** What stands in `features_<n>`, in their order. */
  readonly reads: readonly ResolvedReference[];
  readonly index: number;
}

/** A statement that makes `computed_<index>(ROW, <features>)` for every row of the table `spine`, of its columns and of the features that were joined onto it: the very formulas of the online side. */
export function computedSql({ reference: { features, columns }, reads, index }: ComputedInput): string {
  const tableOf = (read: string): number => reads.findIndex((reference) => reference.features.some(({ as }) => as === read));
  const joined = [...new Set(columns.flatMap((column) => ('read' in column ? [tableOf(column.read)] : [])))];
  const found = columns.map((column) => `${'read' in column ? `f${tableOf(column.read)}.${ident(column.read)}` : `s.${ident(column.request)}`} AS ${ident(column.name)}`);
  const relation = `(SELECT ${[`s.${ROW}`, ...found].join(', ')} FROM spine AS s ${joined.map((table) => `JOIN features_${table} AS f${table} USING (${ROW})`).join(' ')})`;
  return `CREATE TEMP TABLE computed_${index} AS ${formulasToSql(features.map(({ feature, as }) => ({ name: as, formula: feature.formula })), columns, { relation, tail: [ROW] })}`;
}
