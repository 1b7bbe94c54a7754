import type { ColumnCells, Table } from '@millrace/contracts/millrace/type/v1/value';
import type { ColumnType, Schema } from '@millrace/core';
import { errors } from '../errors.js';
import { type FeatureView, featureViewName, sourceType } from '../feature-view.js';

/** Most rows of one pushed table. */
export const MAX_PUSH_ROWS = 50_000;

type PushedCell = boolean | bigint | number | string | undefined;

/** Gives the cell of a row; times are microseconds, undefined is missing. */
export type CellReader = (row: number) => PushedCell;

type Kind = NonNullable<ColumnCells['kind']>['$case'];

/** What a pushed column may hold, by the type of the source column. */
const KINDS: Record<ColumnType, readonly Kind[]> = { BOOL: ['bools'], INT64: ['int64s'], FLOAT64: ['float64s', 'int64s'], STRING: ['strings'], TIMESTAMP: ['timestamps'] };
const WANTED: Record<ColumnType, string> = { BOOL: 'bools', INT64: 'int64s', FLOAT64: 'float64s', STRING: 'strings', TIMESTAMP: 'timestamps' };

/** Readers of the source columns of a view; throws PUSH_TOO_LARGE, PUSH_COLUMN_MISSING or PUSH_COLUMN_TYPE where the table is not what the view reads. */
export function readColumns(view: FeatureView, table: Table, { schema, columns }: { readonly schema: Schema; readonly columns: readonly string[] }): ReadonlyMap<string, CellReader> {
  if (table.rows > MAX_PUSH_ROWS) throw errors.PUSH_TOO_LARGE({ rows: String(table.rows), limit: String(MAX_PUSH_ROWS) });
  return new Map(columns.map((name) => [name, readerOf(view, table, { name, type: sourceType(schema, name) })]));
}

function readerOf(view: FeatureView, table: Table, { name, type }: { readonly name: string; readonly type: ColumnType }): CellReader {
  const called = featureViewName.format(view);
  const column = table.columns.find((candidate) => candidate.name === name);
  const kind = column?.cells?.kind;
  if (!column || !kind) throw errors.PUSH_COLUMN_MISSING({ column: name, view: called, found: table.columns.map((found) => found.name).join(', ') });
  if (!KINDS[type].includes(kind.$case)) throw errors.PUSH_COLUMN_TYPE({ column: name, view: called, found: kind.$case, wanted: WANTED[type] });
  const values: readonly PushedCell[] = kind.value.values;
  const { missing } = column;
  if (values.length !== table.rows) throw errors.PUSH_COLUMN_TYPE({ column: name, view: called, found: `${values.length} cells`, wanted: `${table.rows}` });
  if (missing.length !== 0 && missing.length !== table.rows) throw errors.PUSH_COLUMN_TYPE({ column: name, view: called, found: `${missing.length} flags of missing cells`, wanted: `none or ${table.rows}` });
  const read: CellReader = type === 'FLOAT64' && kind.$case === 'int64s' ? (row) => Number(values[row]) : (row) => values[row];
  return missing.length === 0 ? read : (row) => (missing[row] === true ? undefined : read(row));
}
