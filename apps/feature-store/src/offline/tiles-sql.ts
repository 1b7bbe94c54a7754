import type { Schema } from '@millrace/core';
import { ident } from '@millrace/tables';
import { type FeatureView, foldedColumns } from '../feature-view.js';
import { columnSql, isExact, knowledgeSql, summandSql } from './view-sql.js';

/** Names of the columns of a tile table: `k0…` the keys, `tile` its number, `n` its rows, `last` its newest event, and by folded column `c`, `s`, `lo`, `hi`. */
export const tileColumns = (view: FeatureView): readonly string[] => ['n', ...foldedColumns(view).flatMap((_, i) => [`c${i}`, `s${i}`])];

/** Whether a folded column is summed as it is. */
export const exactColumn = (view: FeatureView, column: string, schema: Schema): boolean =>
  view.derived.some(({ name }) => name === column) || isExact(schema.find(({ name }) => name === column)?.type ?? 'FLOAT64');

/** SQL that folds the source rows into tiles of knowledge time: one row a key and tile. Rows without a key, or without a time, fall out. */
export function tilesSql(view: FeatureView, { relation, schema, where = 'true' }: { relation: string; schema: Schema; where?: string }): string {
  const keys = view.keyColumns.map((column, i) => `${ident(column)} AS k${i}`);
  const folded = foldedColumns(view).map((name, i) => `${columnSql(view, name)} AS v${i}`);
  const inner = `SELECT ${[...keys, `${knowledgeSql(view)} AS known`, `epoch_us(${ident(view.eventTime)}) AS event`, ...folded].join(', ')} FROM ${relation}`;
  const aggregates = foldedColumns(view).flatMap((name, i) => [
    `count(v${i}) AS c${i}`,
    `coalesce(sum(${summandSql(`v${i}`, exactColumn(view, name, schema))}), 0) AS s${i}`,
    `min(v${i}) AS lo${i}`,
    `max(v${i}) AS hi${i}`,
  ]);
  const named = view.keyColumns.map((_, i) => `k${i}`);
  return `SELECT ${[...named, `${tileOf('known', view.tile)} AS tile`, 'count(*) AS n', 'max(event) AS last', ...aggregates].join(', ')} FROM (${inner}) WHERE known IS NOT NULL AND event IS NOT NULL AND ${named.map((name) => `${name} IS NOT NULL`).join(' AND ')} AND ${where} GROUP BY ${[...named, 'tile'].join(', ')}`;
}

/** SQL of the number of the tile that a microsecond lies in; rounds down, also before 1970. */
export const tileOf = (micros: string, tile: number): string => `((${micros} - ((${micros} % ${tile}) + ${tile}) % ${tile}) // ${tile})`;
