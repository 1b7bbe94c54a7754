import type { Cell } from '@millrace/core';
import type { ObjectStore } from '@millrace/objects';
import { ident, type Tables } from '@millrace/tables';
import { canonicalJson } from '@millrace/core';
import { type FeatureView, foldedColumns, latestColumns, longestWindow } from '../feature-view.js';
import { keyText, type LatestRow, type TileDelta, type ViewDelta } from '../online/view-state.js';
import type { TableInput } from './make-training-set.js';
import { tileOf, tilesSql } from './tiles-sql.js';
import { columnSql, knowledgeSql } from './view-sql.js';

export interface MaterializeArgument {
  readonly view: FeatureView;
  readonly source: TableInput;
  readonly knownBefore: bigint | undefined;
}

export interface MaterializeResult {
  /** Digest of the view's state as canonical JSON. */
  readonly state: string;
  readonly rows: number;
}

const MAX_LATEST = 8;

/** Folds the rows of a dataset version that were known before a time into the online state of a view: the tiles that a window can still reach, and the newest rows. */
export async function materialize({ view, source, knownBefore }: MaterializeArgument, { tables, objects, signal }: { tables: Tables; objects: ObjectStore; signal: AbortSignal }): Promise<MaterializeResult> {
  const relation = await tables.scan(source.objects);
  const where = knownBefore === undefined ? 'true' : `known < ${knownBefore}`;
  await tables.run(`CREATE TEMP TABLE tiles AS ${tilesSql(view, { relation, schema: source.schema, where })}`, { signal });
  const keys = view.keyColumns.map((_, i) => `k${i}`);
  const newest = knownBefore === undefined ? '(SELECT max(tile) FROM tiles)' : tileOf(`${knownBefore}::BIGINT`, view.tile);
  const reach = Math.max(longestWindow(view), 1) + 48;
  const folded = foldedColumns(view);
  const tileRows = await tables.rows<Record<string, Cell>>(`SELECT * FROM tiles WHERE tile >= ${newest} - ${reach} ORDER BY ${keys.join(', ')}, tile`, undefined, { signal });
  const older = await tables.rows<Record<string, Cell>>(`SELECT ${keys.join(', ')}, max(last) AS last FROM tiles GROUP BY ${keys.join(', ')} HAVING max(tile) < ${newest} - ${reach}`, undefined, { signal });
  const [count] = await tables.rows<{ n: bigint | undefined }>('SELECT CAST(sum(n) AS BIGINT) AS n FROM tiles');
  const key = (row: Record<string, Cell>): string => keyText(keys.map((name) => String(row[name])));
  const state: ViewDelta = {
    tiles: tileRows.map((row): TileDelta => ({
      key: key(row),
      tile: Number(row['tile']),
      rows: Number(row['n']),
      last: Number(row['last']),
      counts: folded.map((_, i) => Number(row[`c${i}`])),
      sums: folded.map((_, i) => Number(row[`s${i}`])),
      lows: folded.map((_, i) => (row[`lo${i}`] === undefined ? Infinity : Number(row[`lo${i}`]))),
      highs: folded.map((_, i) => (row[`hi${i}`] === undefined ? -Infinity : Number(row[`hi${i}`]))),
    })),
    latest: [...older.map((row): LatestRow => ({ key: key(row), known: Number(row['last']), event: Number(row['last']), values: [] })), ...(await latestRows(tables, view, { relation, where, signal, key }))],
  };
  const ref = await objects.put(Buffer.from(canonicalJson(state)), { signal });
  return { state: ref.digest, rows: Number(count?.n ?? 0n) };
}

async function latestRows(tables: Tables, view: FeatureView, { relation, where, signal, key }: { relation: string; where: string; signal: AbortSignal; key: (row: Record<string, Cell>) => string }): Promise<readonly LatestRow[]> {
  const columns = latestColumns(view);
  if (columns.length === 0) return [];
  const keys = view.keyColumns.map((column, i) => `${ident(column)} AS k${i}`);
  const inner = `SELECT ${[...keys, `${knowledgeSql(view)} AS known`, `epoch_us(${ident(view.eventTime)}) AS event`, ...columns.map((column, i) => `${columnSql(view, column)} AS v${i}`)].join(', ')} FROM ${relation}`;
  const partition = view.keyColumns.map((_, i) => `k${i}`).join(', ');
  const rows = await tables.rows<Record<string, Cell>>(`SELECT * FROM (${inner}) WHERE known IS NOT NULL AND event IS NOT NULL AND ${where} QUALIFY row_number() OVER (PARTITION BY ${partition} ORDER BY event DESC, known DESC) <= ${MAX_LATEST}`, undefined, { signal });
  return rows.map((row) => ({ key: key(row), known: Number(row['known']), event: Number(row['event']), values: columns.map((_, i) => row[`v${i}`]) }));
}
