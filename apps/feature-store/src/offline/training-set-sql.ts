import type { Schema } from '@millrace/core';
import { engine, ident } from '@millrace/tables';
import type { ResolvedReference } from '../feature-reference.js';
import { type FeatureView, foldedColumns, latestColumns, lookBacks, windowLengths } from '../feature-view.js';
import { lookBackSql } from './look-back-sql.js';
import { tilesSql } from './tiles-sql.js';
import { FIXED_POINT, isExact, keyNames, thresholdSql, tileOf } from './view-sql.js';

/** What a spine's own row number and time are called; no column of a source may be. */
export const ROW = '__millrace_row';
export const TIME = '__millrace_time';

/** What the join of one reference needs to know. */
export interface ReferenceInput {
  readonly reference: ResolvedReference;
  /** Source rows of the view. */
  readonly relation: string;
  readonly schema: Schema;
  readonly index: number;
}

/**
 * Statements that make `features_<index>(ROW, <features>)` for every row of the table `spine(ROW, TIME, …)`.
 *
 * Windows cover whole tiles of knowledge time that are complete at the row's time, so a row sees nothing that was not known then.
 * Sums over a window are differences of running totals, which are exact because all summands are integers; the two totals are found by ASOF joins
 * on the distinct pairs of key and tile, of which there are far fewer than rows.
 */
export function referenceSql({ reference, relation, schema, index }: ReferenceInput): readonly string[] {
  const { view } = reference;
  const keys = keyNames(view);
  const spineKeys = reference.keys.map((column, i) => `${engine.text(`s.${ident(column)}`)} AS k${i}`);
  const name = (table: string) => `${table}_${index}`;
  const statements = [
    `CREATE TEMP TABLE ${name('tiles')} AS ${tilesSql(view, { relation, schema })}`,
    `CREATE TEMP TABLE ${name('asked')} AS SELECT DISTINCT ${keys.join(', ')}, tile FROM (SELECT ${[...spineKeys, `${tileOf(`s.${TIME}`, view.tile)} AS tile`].join(', ')} FROM spine AS s)`,
    `CREATE TEMP TABLE ${name('totals')} AS ${totalsSql(view, keys, name('tiles'))}`,
    `CREATE TEMP TABLE ${name('windows')} AS ${windowsSql(view, { keys, name })}`,
    `CREATE TEMP TABLE ${name('features')} AS ${featuresSql(reference, { keys, spineKeys, name, schema })}`,
    ...['tiles', 'asked', 'totals', 'windows'].map((table) => `DROP TABLE ${name(table)}`),
  ];
  return latestColumns(view).length === 0 ? statements : [`CREATE TEMP TABLE ${name('latest')} AS ${lookBackSql(view, { relation, schema })}`, ...statements, `DROP TABLE ${name('latest')}`];
}

const needsExtremes = (view: FeatureView): boolean => view.features.some(({ aggregation }) => aggregation === 'MIN' || aggregation === 'MAX');

/** Running totals by key, and the newest event so far. */
function totalsSql(view: FeatureView, keys: readonly string[], tiles: string): string {
  const sums = ['n', ...foldedColumns(view).flatMap((_, i) => [`c${i}`, `s${i}`])];
  const over = `OVER (PARTITION BY ${keys.join(', ')} ORDER BY tile)`;
  return `SELECT ${[...keys, 'tile', `max(last) ${over} AS last`, ...sums.map((sum) => `sum(${sum}) ${over} AS ${sum}`)].join(', ')} FROM ${tiles}`;
}

/** For each pair of key and tile asked for: the totals just before it, and those at the start of each window. */
function windowsSql(view: FeatureView, { keys, name }: { keys: readonly string[]; name: (table: string) => string }): string {
  const folded = foldedColumns(view);
  const lengths = windowLengths(view);
  const sums = ['n', ...folded.flatMap((_, i) => [`c${i}`, `s${i}`])];
  // What is known just before the tile, and just before each window.
  const until = (left: string, before: number): string =>
    engine.asOf({ left, right: name('totals'), keys, at: { left: `l.tile - ${before}`, right: 'r.tile' }, strict: true, take: [...(before === 0 ? [['last', 'last'] as const] : []), ...sums.map((sum) => [sum, `${sum}_${before}`] as const)] });
  const joined = lengths.reduce(until, until(name('asked'), 0));
  const differences = lengths.flatMap((length) => [
    ...sums.map((sum) => `coalesce(${sum}_0, 0) - coalesce(${sum}_${length}, 0) AS ${sum}_${length}`),
  ]);
  const base = `SELECT ${[...keys, 'tile', 'last', ...differences].join(', ')} FROM ${joined}`;
  if (!needsExtremes(view)) return base;
  // Extremes cannot be subtracted: they are looked up tile by tile.
  const extremes = view.features
    .filter(({ aggregation }) => aggregation === 'MIN' || aggregation === 'MAX')
    .map((feature) => {
      const i = folded.indexOf(feature.column);
      const length = feature.window / view.tile;
      const pick = feature.aggregation === 'MIN' ? `min(x.lo${i})` : `max(x.hi${i})`;
      return `(SELECT ${pick} FROM ${name('tiles')} AS x WHERE ${keys.map((key) => `x.${key} = b.${key}`).join(' AND ')} AND x.tile < b.tile AND x.tile >= b.tile - ${length}) AS ${ident(`x_${feature.name}`)}`;
    });
  return `SELECT b.*, ${extremes.join(', ')} FROM (${base}) AS b`;
}

function featuresSql({ view, features }: ResolvedReference, { keys, spineKeys, name, schema }: { keys: readonly string[]; spineKeys: readonly string[]; name: (table: string) => string; schema: Schema }): string {
  const folded = foldedColumns(view);
  const latest = latestColumns(view);
  const fresh = view.ttl === 0 ? 'w.last IS NOT NULL' : `w.last >= s.${TIME} - ${view.ttl}`;
  const values = features.map(({ feature, as }) => {
    const length = feature.window / view.tile;
    const i = folded.indexOf(feature.column);
    const scale = i >= 0 && !isExact(view, feature.column, schema) ? ` / ${FIXED_POINT}e0` : '';
    const value = ((): string => {
      switch (feature.aggregation) {
        case 'LATEST':
          return `CASE WHEN ${view.ttl === 0 ? 'true' : `s.latest_event >= s.${TIME} - ${view.ttl}`} THEN s.latest_v${latest.indexOf(feature.column)} END`;
        case 'LATEST_PRESENT':
        case 'PREVIOUS':
        case 'DIFFERENCE': {
          const place = lookBacks(view).findIndex(({ name: each }) => each === feature.name);
          return `CASE WHEN ${view.ttl === 0 ? 'true' : `s.latest_e${place} >= s.${TIME} - ${view.ttl}`} THEN s.latest_b${place} END`;
        }
        case 'COUNT':
          return `CASE WHEN ${fresh} THEN CAST(w.n_${length} AS BIGINT) END`;
        case 'SUM':
          return scale === '' ? `CASE WHEN ${fresh} AND w.c${i}_${length} > 0 THEN TRY_CAST(w.s${i}_${length} AS BIGINT) END` : `CASE WHEN ${fresh} AND w.c${i}_${length} > 0 THEN CAST(w.s${i}_${length} AS DOUBLE)${scale} END`;
        case 'MEAN':
          return `CASE WHEN ${fresh} AND w.c${i}_${length} > 0 THEN CAST(w.s${i}_${length} AS DOUBLE)${scale} / CAST(w.c${i}_${length} AS DOUBLE) END`;
        case 'MIN':
        case 'MAX':
          return `CASE WHEN ${fresh} THEN w.${ident(`x_${feature.name}`)} END`;
      }
    })();
    return `${value} AS ${ident(as)}`;
  });
  const spine = `(SELECT ${[`s.${ROW}`, `s.${TIME}`, ...spineKeys, `${tileOf(`s.${TIME}`, view.tile)} AS tile`].join(', ')} FROM spine AS s)`;
  const join = `LEFT JOIN ${name('windows')} AS w ON ${keys.map((key) => `s.${key} = w.${key}`).join(' AND ')} AND s.tile = w.tile`;
  const rows = latest.length === 0 ? spine : engine.asOf({ left: spine, right: name('latest'), keys, at: { left: `l.${TIME}`, right: 'r.known' }, strict: false, take: ['event', ...latest.map((_, i) => `v${i}`), ...lookBacks(view).flatMap((_, i) => [`b${i}`, `e${i}`])].map((column) => [column, `latest_${column}`]) });
  return `SELECT s.${ROW}, ${values.join(', ')} FROM ${rows} AS s ${join}`;
}

/** SQL of a hash sample: the same row and seed always fall alike. */
export const sampleSql = (columns: readonly string[], share: number, seed: number): string => (share <= 0 || share >= 1 ? 'true' : engine.hashBelow([...columns.map(ident), String(Math.trunc(seed))], share));

/** SQL of a label: 1 above the threshold, else 0; missing stays missing. */
export const labelSql = ({ name, column, greaterThan }: { name: string; column: string; greaterThan: number }, schema: Schema): string => `${thresholdSql(column, { sign: '>', threshold: greaterThan, schema })} AS ${ident(name)}`;
