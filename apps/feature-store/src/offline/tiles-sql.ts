import type { Schema } from '@millrace/core';
import { type FeatureView, foldedColumns } from '../feature-view.js';
import { foldedSql, isExact, keyNames, rowsSql, summandSql, tileOf } from './view-sql.js';

/** SQL that folds the source rows into tiles of knowledge time, one row a key and tile: `k0…` the keys as texts, `tile` its number, `n` its rows, `last` its newest event, `through` its newest knowledge, and by folded column `c`, `s`, `lo`, `hi`. */
export function tilesSql(view: FeatureView, { relation, schema, where = 'true' }: { relation: string; schema: Schema; where?: string }): string {
  const folded = foldedColumns(view);
  const rows = rowsSql(view, relation, folded.map((name, i) => `${foldedSql(view, name, schema)} AS v${i}`));
  const aggregates = folded.flatMap((name, i) => [`count(v${i}) AS c${i}`, `coalesce(sum(${summandSql(`v${i}`, isExact(view, name, schema))}), 0) AS s${i}`, `min(v${i}) AS lo${i}`, `max(v${i}) AS hi${i}`]);
  const keys = keyNames(view);
  return `SELECT ${[...keys, `${tileOf('known', view.tile)} AS tile`, 'count(*) AS n', 'max(event) AS last', 'max(known) AS through', ...aggregates].join(', ')} FROM (${rows}) WHERE ${where} GROUP BY ${[...keys, 'tile'].join(', ')}`;
}
