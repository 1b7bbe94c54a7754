import type { FeatureService } from '@millrace/contracts/millrace/features/v1/feature_service';
import type { FeatureView } from '@millrace/contracts/millrace/features/v1/feature_view';
import { ColumnType } from '@millrace/contracts/millrace/type/v1/schema';
import type { Row, Value } from '@millrace/contracts/millrace/type/v1/value';

/** A column that a service reads of whoever asks it: a key is read as text, whatever it is. */
export interface AskedColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly isKey: boolean;
}

/** A question as a place names it: cells by column, and as of when; without a time, now. */
export interface Question {
  readonly cells: Readonly<Record<string, string>>;
  readonly time: string;
}

/** What the time of a question is called in a place; no column is called so. */
const TIME = '@';

/** The columns that a service reads, keys first. */
export function askedColumns({ features }: FeatureService, views: readonly FeatureView[]): readonly AskedColumn[] {
  const columns = new Map<string, AskedColumn>();
  const add = (column: AskedColumn): void => void (columns.has(column.name) || columns.set(column.name, column));
  const find = (name: string): FeatureView | undefined => views.find((view) => view.name === name);
  for (const { featureView, keyColumns } of features) {
    const view = find(featureView);
    const called = (name: string): string => keyColumns[name] ?? name;
    for (const key of Object.keys(view?.joinKeyColumns ?? {})) add({ name: called(key), type: ColumnType.STRING, isKey: true });
    for (const read of view?.onDemand?.features ?? []) for (const key of Object.keys(find(read.featureView)?.joinKeyColumns ?? {})) add({ name: called(read.keyColumns[key] ?? key), type: ColumnType.STRING, isKey: true });
  }
  for (const { featureView, keyColumns } of features) for (const { name, type } of find(featureView)?.onDemand?.requestColumns ?? []) add({ name: keyColumns[name] ?? name, type, isKey: false });
  return [...columns.values()];
}

/** A question as a part of a place, and back. */
export const questionText = ({ cells, time }: Question): string => String(new URLSearchParams({ ...cells, ...(time === '' ? {} : { [TIME]: time }) }));

/** The question that a part of a place says. */
export function parseQuestion(text: string): Question {
  const { [TIME]: time = '', ...cells } = Object.fromEntries(new URLSearchParams(text));
  return { cells, time };
}

/** The time of a question, in UTC where it does not say; undefined for now, NaN within for what is no time. */
export const timeOf = ({ time }: Question): Date | undefined => (time === '' ? undefined : new Date(/[zZ]|[+-]\d\d:?\d\d$/.test(time) ? time : `${time.trim().replace(' ', 'T')}Z`));

/** A question as a row that is asked with; columns that are left empty are missing. */
export const rowOf = ({ cells }: Question, columns: readonly AskedColumn[]): Row => ({
  values: Object.fromEntries(columns.flatMap((column) => (cells[column.name] === undefined || cells[column.name] === '' ? [] : [[column.name, cellOf(cells[column.name] ?? '', column)] as const]))),
});

function cellOf(text: string, { type, isKey }: AskedColumn): Value {
  if (isKey || type === ColumnType.STRING) return { kind: { $case: 'stringValue', value: text } };
  if (type === ColumnType.BOOL) return { kind: { $case: 'boolValue', value: text === 'true' || text === '1' } };
  if (type === ColumnType.TIMESTAMP) return { kind: { $case: 'timestampValue', value: new Date(text) } };
  if (type === ColumnType.INT64 && /^-?\d{1,18}$/.test(text)) return { kind: { $case: 'int64Value', value: BigInt(text) } };
  return { kind: { $case: 'float64Value', value: Number(text) } };
}
