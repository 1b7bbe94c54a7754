import type { Schema } from '@millrace/core';
import { type Feature, type FeatureView, isNewest, latestColumns, LOOK_BACK_ROWS } from '../feature-view.js';
import { latestSql } from './latest-sql.js';
import { foldedSql, rowsSql, tileOf } from './view-sql.js';

/** What the place of a row in its version is called, with pushed rows behind it; no column of a source may be. */
export const PLACE = '__millrace_place';

/** The number of the push that brought a row, 0 for one of the version; and which row of that push. */
export const PUSH = '__millrace_push';
export const PUSH_ROW = '__millrace_push_row';

/** Rows of one key, asked about as of a microsecond. */
export interface KeyRows {
  readonly relation: string;
  readonly schema: Schema;
  readonly time: number;
}

/** Microseconds of knowledge that a window covers as of a time: whole tiles that are complete by then, its end not within. */
export function windowOf({ tile }: FeatureView, { window }: Feature, time: number): { readonly from: number; readonly to: number } {
  const to = Math.floor(time / tile) * tile;
  return { from: to - window, to };
}

/** SQL of the rows that a feature was made of: `PLACE`, `known`, `event`, and `value`, the cell that was folded or looked at. */
export function sourceRowsSql(view: FeatureView, feature: Feature, { relation, schema, time }: KeyRows): string {
  if (isNewest(feature.aggregation)) {
    const newest = latestSql(view, { relation, schema, where: `known <= ${Math.trunc(time)}`, along: [PLACE] });
    return `SELECT ${PLACE}, known, event, v${latestColumns(view).indexOf(feature.column)} AS value FROM (${newest}) ORDER BY known DESC LIMIT ${feature.aggregation === 'LATEST' ? 1 : LOOK_BACK_ROWS}`;
  }
  const { from, to } = windowOf(view, feature, time);
  const value = feature.aggregation === 'COUNT' ? 'NULL' : foldedSql(view, feature.column, schema);
  return `SELECT ${PLACE}, known, event, value FROM (${rowsSql(view, relation, [PLACE, `${value} AS value`])}) WHERE known >= ${from} AND known < ${to}`;
}

/** SQL of the newest event, as `event`, whose age decides whether a feature is usable. */
export function newestEventSql(view: FeatureView, feature: Feature, { relation, time }: KeyRows): string {
  const known = isNewest(feature.aggregation) ? `known <= ${Math.trunc(time)}` : `${tileOf('known', view.tile)} < ${Math.floor(time / view.tile)}`;
  return `SELECT max(event) AS event FROM (${rowsSql(view, relation, [])}) WHERE ${known}`;
}
