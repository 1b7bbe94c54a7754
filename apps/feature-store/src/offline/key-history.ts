import type { Cell } from '@millrace/core';
import { engine, ident, type Tables } from '@millrace/tables';
import type { ResolvedService } from '../feature-service.js';
import { type FeatureView, isNewest, readSchema } from '../feature-view.js';
import type { NumberedPush } from '../online/online.store.js';
import { keyText } from '../online/view-delta.js';
import type { ServedVector } from '../served-vector.js';
import type { SourcedReference } from '../source-table.js';
import { computedSql } from './computed-sql.js';
import { pushedColumns } from './pushed-rows.js';
import { askedColumns, columnsOf } from './replay-vectors.js';
import { PLACE, PUSH, PUSH_ROW } from './source-rows-sql.js';
import { referenceSql, ROW, TIME } from './training-set-sql.js';

/** What is asked about: one key as of a time. */
export type AskedKey = Pick<ServedVector, 'keys' | 'time'>;

/** A session and what it is asked about. */
export interface Asking {
  readonly tables: Tables;
  readonly asked: AskedKey;
  readonly signal: AbortSignal;
}

/** The pushed tables of a view that hold something known at or after a microsecond. */
export type PushesSince = (view: string, from: number) => AsyncIterable<NumberedPush>;

/** Where the rows of one key stand that a reference reads, each with its place. */
export const rowsOf = (index: number): string => `rows_${index}`;

/** Makes `rows_<index>` of the rows of the key, for each reference: those of the version, and behind them those that were pushed and are of later events. Gives the newest event of each version, in microseconds. */
export async function loadRows(references: readonly SourcedReference[], { tables, asked, signal, pushesSince }: Asking & { readonly pushesSince: PushesSince }): Promise<readonly (number | undefined)[]> {
  const ends: (number | undefined)[] = [];
  for (const [index, { reference, source }] of references.entries()) {
    const { view } = reference;
    const schema = readSchema(view, source.schema);
    const names = schema.map(({ name }) => ident(name));
    const keys = reference.keys.map((key) => String(asked.keys[key]?.[0] ?? ''));
    const relation = await tables.scan(source.objects);
    // Numbered before the filter, in the order of the objects, which is the order of the version.
    const placed = `SELECT ${[...names, `row_number() OVER () AS ${PLACE}`].join(', ')} FROM ${relation}`;
    const mine = view.keyColumns.map((column) => `${engine.text(ident(column))} = ?`).join(' AND ');
    await tables.run(`CREATE TEMP TABLE ${rowsOf(index)} AS SELECT *, CAST(0 AS BIGINT) AS ${PUSH}, CAST(0 AS BIGINT) AS ${PUSH_ROW} FROM (${placed}) WHERE ${mine}`, { params: keys, signal });
    const [newest] = await tables.rows<{ event: bigint | undefined }>(`SELECT max(${engine.micros(ident(view.eventTime))}) AS event FROM ${relation}`, undefined, { signal });
    const end = newest?.event === undefined ? undefined : Number(newest.event);
    ends.push(end);
    if (end === undefined) continue;
    const reach = reachOf(view, { time: asked.time, end });
    if (reach > asked.time) continue;
    const columns = await pushedColumns(view, pushesSince(view.view, reach), { schema, key: keyText(keys), after: end });
    await tables.load(`pushed_${index}`, columns, { signal });
    await tables.run(`INSERT INTO ${rowsOf(index)} SELECT ${[...names, PLACE, PUSH, PUSH_ROW].join(', ')} FROM pushed_${index}`, { signal });
  }
  return ends;
}

/** From which microsecond of knowledge on rows of events after the end of a version can matter to a view at a time. */
export function reachOf(view: FeatureView, { time, end }: { readonly time: number; readonly end: number }): number {
  const { features, knowledge, tile, ttl } = view;
  const precedes = knowledge.column !== '' || knowledge.delay < 0 || knowledge.terms.length > 0;
  const floor = precedes ? -Infinity : end;
  if (ttl === 0 || features.some(({ aggregation }) => isNewest(aggregation))) return floor;
  return Math.max(floor, Math.min(time - ttl, Math.floor(time / tile) * tile - Math.max(...features.map(({ window }) => window))));
}

/** The values of all features, and of what only formulas read, by the very join that makes training sets, over the rows that `loadRows` has found. */
export async function valuesOf(service: ResolvedService, references: readonly SourcedReference[], { tables, asked, signal }: Asking): Promise<Readonly<Record<string, Cell>>> {
  await tables.load('spine', [{ name: ROW, type: 'INT64', values: [1n] }, { name: TIME, type: 'INT64', values: [BigInt(asked.time)] }, ...columnsOf(askedColumns(service), [asked])]);
  for (const [index, { reference, source }] of references.entries()) {
    for (const statement of referenceSql({ reference, relation: rowsOf(index), schema: source.schema, index })) await tables.run(statement, { signal });
  }
  const reads = references.map(({ reference }) => reference);
  for (const [index, reference] of service.computed.entries()) await tables.run(computedSql({ reference, reads, index }), { signal });
  const values: Record<string, Cell> = {};
  for (const table of [...references.map((_, index) => `features_${index}`), ...service.computed.map((_, index) => `computed_${index}`)]) {
    const [row] = await tables.rows<Record<string, Cell>>(`SELECT * FROM ${table}`, undefined, { signal });
    Object.assign(values, row);
  }
  return values;
}
