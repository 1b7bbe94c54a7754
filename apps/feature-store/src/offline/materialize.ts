import { type Cell, canonicalJson, type Schema } from '@millrace/core';
import type { ObjectStore } from '@millrace/objects';
import { engine, ident, type Tables } from '@millrace/tables';
import { type FeatureView, foldedColumns, latestColumns, longestWindow, meaningOf, sourceType } from '../feature-view.js';
import { type Whole, whole } from '../online/exact-sum.js';
import { keyText, type LatestRow, type LatestValue, MAX_LATEST, type OlderRows, SPARE_TILES, type TileDelta, type ViewDelta } from '../online/view-delta.js';
import { latestSql } from './latest-sql.js';
import type { TableInput } from './make-training-set.js';
import { tilesSql } from './tiles-sql.js';
import { type FeatureProfile, profileState } from './profile-state.js';
import { keyNames, tileOf } from './view-sql.js';

export interface MaterializeArgument {
  readonly view: FeatureView;
  readonly source: TableInput;
  readonly knownBefore: bigint | undefined;
}

export interface MaterializeResult {
  /** Digest of the view's state as canonical JSON. */
  readonly state: string;
  readonly rows: number;
  /** What the view meant when the job began. */
  readonly meaning: string;
  readonly schema: Schema;
  /** The state stands for all that was known before this microsecond: the time asked for, else just after the newest row. */
  readonly knownBefore: number;
  /** What each feature holds over all entities at that time. */
  readonly profile: readonly FeatureProfile[];
}

type Row = Record<string, Cell>;

/** Folds the rows of a dataset version that were known before a time into the online state of a view: the tiles that a window can still reach, and the newest rows. */
export async function materialize({ view, source, knownBefore }: MaterializeArgument, { tables, objects, signal }: { tables: Tables; objects: ObjectStore; signal: AbortSignal }): Promise<MaterializeResult> {
  const relation = await tables.scan(source.objects);
  const where = knownBefore === undefined ? 'true' : `known < ${knownBefore}`;
  const input = { relation, schema: source.schema, where };
  await tables.run(`CREATE TEMP TABLE tiles AS ${tilesSql(view, input)}`, { signal });
  if (latestColumns(view).length > 0) await tables.run(`CREATE TEMP TABLE latest AS ${latestSql(view, input)}`, { signal });
  const [found] = await tables.rows<{ n: bigint | undefined; through: bigint | undefined }>(`SELECT CAST(sum(n) AS BIGINT) AS n, CAST(max(through) AS BIGINT) AS through FROM tiles`);
  // Without a time the state stands for as long as its rows go, but never for a future that pushes are still to tell of.
  const now = BigInt(Date.now()) * 1000n;
  const newest = found?.through === undefined ? undefined : least(found.through + 1n, now);
  const end = knownBefore ?? newest;
  const delta: ViewDelta = end === undefined ? { tiles: [], latest: [], older: [] } : await readState(view, { tables, schema: source.schema, end: least(end, now), signal });
  const ref = await objects.put(Buffer.from(canonicalJson(delta)), { signal });
  const stands = end === undefined ? -Infinity : Number(end);
  return { state: ref.digest, rows: Number(found?.n ?? 0n), meaning: meaningOf(view), schema: source.schema, knownBefore: stands, profile: end === undefined ? [] : profileState(view, { delta, schema: source.schema, time: stands }) };
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);

async function readState(view: FeatureView, { tables, schema, end, signal }: { tables: Tables; schema: Schema; end: bigint; signal: AbortSignal }): Promise<ViewDelta> {
  const keys = keyNames(view).join(', ');
  const cut = `${tileOf(`CAST(${end} AS BIGINT)`, view.tile)} - ${longestWindow(view) + SPARE_TILES}`;
  const key = (row: Row): string => keyText(keyNames(view).map((name) => String(row[name])));
  const tiles = await tables.rows<Row>(`SELECT * FROM tiles WHERE tile >= ${cut} ORDER BY ${keys}, tile`, undefined, { signal });
  const older = await tables.rows<Row>(`SELECT ${keys}, ${cut} AS before, max(last) AS last FROM tiles WHERE tile < ${cut} GROUP BY ${keys} ORDER BY ${keys}`, undefined, { signal });
  const latest = latestColumns(view).length === 0 ? [] : await tables.rows<Row>(`SELECT ${[keys, 'known', 'event', ...latestCells(view, schema)].join(', ')} FROM latest QUALIFY row_number() OVER (PARTITION BY ${keys} ORDER BY known DESC) <= ${MAX_LATEST} ORDER BY ${keys}, known`, undefined, { signal });
  return {
    tiles: tiles.map((row): TileDelta => ({ key: key(row), tile: Number(row['tile']), rows: Number(row['n']), last: Number(row['last']), ...columnsOf(view, row) })),
    latest: latest.map((row): LatestRow => ({ key: key(row), known: Number(row['known']), event: Number(row['event']), values: latestColumns(view).map((_, i) => row[`v${i}`] as LatestValue) })),
    older: older.map((row): OlderRows => ({ key: key(row), before: Number(row['before']), last: Number(row['last']) })),
  };
}

/** Times are kept as microseconds. */
const latestCells = (view: FeatureView, schema: Schema): readonly string[] =>
  latestColumns(view).map((name, i) => {
    const place = ident(`v${i}`);
    return sourceType(schema, name) === 'TIMESTAMP' ? `${engine.micros(place)} AS ${place}` : place;
  });

function columnsOf(view: FeatureView, row: Row): Pick<TileDelta, 'counts' | 'sums' | 'lows' | 'highs'> {
  const folded = foldedColumns(view);
  const extreme = (name: string, none: number): Whole => {
    const value = row[name] as Whole | undefined;
    return value === undefined ? none : typeof value === 'bigint' ? whole(value) : value;
  };
  return {
    counts: folded.map((_, i) => Number(row[`c${i}`])),
    sums: folded.map((_, i) => whole(row[`s${i}`] as bigint)),
    lows: folded.map((_, i) => extreme(`lo${i}`, Infinity)),
    highs: folded.map((_, i) => extreme(`hi${i}`, -Infinity)),
  };
}
