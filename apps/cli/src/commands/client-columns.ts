import type { Signature } from '@millrace/contracts/millrace/registry/v1/model';
import { type Column, ColumnType } from '@millrace/contracts/millrace/type/v1/schema';
import type { ColumnType as ClientType } from '@millrace/core';
import { errors } from '../errors.js';

/** One column of the rows that a generated client sends. */
export interface ClientColumn {
  readonly name: string;
  readonly type: ClientType;
  readonly optional: boolean;
  /** Texts that it may hold; empty for any. */
  readonly categories: readonly string[];
  /** What its caller should know, as one sentence; empty for nothing. */
  readonly comment: string;
}

/** What an endpoint reads online of one view: features under the names of the model's inputs, and the columns of a row that it asks by. */
export interface ServedView {
  readonly features: readonly string[];
  /** Without them nothing is found. */
  readonly keys: readonly Column[];
  /** What formulas read of a request. */
  readonly asked: readonly Column[];
}

/** The columns of a row: the model's inputs, of which those that are read online may be left out, and then what is needed to read them. A key must be there. */
export function clientColumns({ inputs }: Signature, views: readonly ServedView[]): readonly ClientColumn[] {
  const online = new Set(views.flatMap(({ features }) => features));
  const keys = views.flatMap((view) => view.keys);
  const isKey = new Set(keys.map(({ name }) => name));
  const columns = new Map<string, ClientColumn>();
  for (const { column, min, max, categories, required } of inputs) {
    const { name = '', type = ColumnType.UNSPECIFIED } = column ?? {};
    const comment = online.has(name) ? 'Read online where it is left out.' : saw(type, min, max);
    columns.set(name, { name, type: typeOf({ name, type }), optional: online.has(name) || !(required || isKey.has(name)), categories: type === ColumnType.STRING && !online.has(name) ? categories : [], comment });
  }
  for (const key of keys) if (!columns.has(key.name)) columns.set(key.name, { name: key.name, type: typeOf(key), optional: false, categories: [], comment: 'What features are read by.' });
  for (const asked of views.flatMap((view) => view.asked)) if (!columns.has(asked.name)) columns.set(asked.name, { name: asked.name, type: typeOf(asked), optional: true, categories: [], comment: 'What features are computed from.' });
  return [...columns.values()];
}

const MICROS_A_MILLI = 1_000;

function saw(type: ColumnType, min: number | undefined, max: number | undefined): string {
  if (min === undefined || max === undefined) return '';
  const text = (bound: number): string => (type === ColumnType.TIMESTAMP ? new Date(bound / MICROS_A_MILLI).toISOString() : String(bound));
  return `Training saw ${text(min)} to ${text(max)}.`;
}

const TYPES: Readonly<Record<ColumnType, ClientType | undefined>> = {
  [ColumnType.UNSPECIFIED]: undefined,
  [ColumnType.BOOL]: 'BOOL',
  [ColumnType.INT64]: 'INT64',
  [ColumnType.FLOAT64]: 'FLOAT64',
  [ColumnType.STRING]: 'STRING',
  [ColumnType.TIMESTAMP]: 'TIMESTAMP',
};

function typeOf({ name, type }: Pick<Column, 'name' | 'type'>): ClientType {
  const known = TYPES[type];
  if (known === undefined) throw errors.COLUMN_UNTYPED({ column: name });
  return known;
}
