import type { Schema } from '@millrace/core';
import { engine } from '@millrace/tables';
import { type FeatureView, latestColumns } from '../feature-view.js';
import { columnSql, keyNames, rowsSql } from './view-sql.js';

/**
 * SQL of the moments of knowledge at which a key has a new newest row: `k0…`, `known`, `event`, and by LATEST column `v`.
 * Newest is the row of the newest event; of equal events the one that was known last (a correction), and of those the last in the source.
 * So `event` never goes back within a key, and what is latest at a time is the last row that was known then. `along` names columns of the relation that come with their row.
 */
export function latestSql(view: FeatureView, { relation, schema, where = 'true', along = [] }: { relation: string; schema: Schema; where?: string; along?: readonly string[] }): string {
  const keys = keyNames(view).join(', ');
  const rows = rowsSql(view, relation, [...latestColumns(view).map((name, i) => `${columnSql(view, name, schema)} AS v${i}`), ...along, 'row_number() OVER () AS place']);
  const newest = `SELECT * FROM (${rows}) WHERE ${where} QUALIFY event = max(event) OVER (PARTITION BY ${keys} ORDER BY known, event, place ROWS UNBOUNDED PRECEDING)`;
  return `SELECT ${engine.allBut(['place'])} FROM (${newest}) QUALIFY row_number() OVER (PARTITION BY ${keys}, known ORDER BY event DESC, place DESC) = 1`;
}
