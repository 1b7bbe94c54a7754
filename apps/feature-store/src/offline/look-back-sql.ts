import type { Schema } from '@millrace/core';
import { type Feature, type FeatureView, latestColumns, LOOK_BACK_ROWS, type LookBack, lookBacks } from '../feature-view.js';
import { latestSql } from './latest-sql.js';
import { keyNames } from './view-sql.js';

/**
 * SQL of the newest rows with what features see when they look back from each of them: beside the columns of `latestSql`, by look-back feature `b` its value and
 * `e` the event that it is from. A row looks at itself and the 15 before it, which were known earlier; rows that correct the same event are one step.
 */
export function lookBackSql(view: FeatureView, input: { relation: string; schema: Schema }): string {
  const features = lookBacks(view);
  if (features.length === 0) return latestSql(view, input);
  const keys = keyNames(view);
  const of = keys.join(', ');
  const columns = latestColumns(view);
  const window = `OVER (PARTITION BY ${of} ORDER BY known ROWS ${LOOK_BACK_ROWS - 1} PRECEDING)`;
  const filled = [...new Set(features.filter(({ aggregation }) => aggregation === 'LATEST_PRESENT').map(({ column }) => columns.indexOf(column)))];
  const fills = filled.flatMap((i) => [`last_value(v${i} IGNORE NULLS) ${window} AS f${i}`, `last_value(CASE WHEN v${i} IS NOT NULL THEN event END IGNORE NULLS) ${window} AS g${i}`]);
  const ranked = `SELECT *, dense_rank() OVER (PARTITION BY ${of} ORDER BY event) AS step, row_number() OVER (PARTITION BY ${of} ORDER BY known) AS nth${fills.map((fill) => `, ${fill}`).join('')} FROM (${latestSql(view, input)})`;
  const steps = [...new Set(features.flatMap(({ stepsBack }) => stepsBack ?? []))];
  // Of the rows of one event the last one stands for it: later rows all know it.
  const joins = steps.map((back) => ` LEFT JOIN ended AS p${back} ON ${keys.map((key) => `p${back}.${key} = l.${key}`).join(' AND ')} AND p${back}.step = l.step - ${back} AND p${back}.nth > l.nth - ${LOOK_BACK_ROWS}`);
  const values = features.flatMap((feature, i) => [`${valueSql(feature, columns)} AS b${i}`, `${eventSql(feature, columns)} AS e${i}`]);
  const kept = [...keys, 'known', 'event', ...columns.map((_, i) => `v${i}`)].map((name) => `l.${name}`);
  return `WITH ranked AS (${ranked}), ended AS (SELECT * FROM ranked QUALIFY nth = max(nth) OVER (PARTITION BY ${of}, step)) SELECT ${[...kept, ...values].join(', ')} FROM ranked AS l${joins.join('')}`;
}

type LookingBack = Feature & { readonly aggregation: LookBack };

function valueSql({ aggregation, column, stepsBack = 0 }: LookingBack, columns: readonly string[]): string {
  const i = columns.indexOf(column);
  switch (aggregation) {
    case 'LATEST_PRESENT':
      return `l.f${i}`;
    case 'PREVIOUS':
      return `p${stepsBack}.v${i}`;
    case 'DIFFERENCE':
      return `CAST(l.v${i} AS DOUBLE) - CAST(p${stepsBack}.v${i} AS DOUBLE)`;
  }
}

const eventSql = ({ aggregation, column, stepsBack = 0 }: LookingBack, columns: readonly string[]): string => (aggregation === 'LATEST_PRESENT' ? `l.g${columns.indexOf(column)}` : `p${stepsBack}.event`);
