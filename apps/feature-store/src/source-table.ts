import type { DatasetVersion } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import { ColumnType as TypeMessage } from '@millrace/contracts/millrace/type/v1/schema';
import type { ColumnType } from '@millrace/core';
import type { TableInput } from './offline/make-training-set.js';

const TYPES: Record<Exclude<TypeMessage, TypeMessage.UNSPECIFIED>, ColumnType> = {
  [TypeMessage.BOOL]: 'BOOL',
  [TypeMessage.INT64]: 'INT64',
  [TypeMessage.FLOAT64]: 'FLOAT64',
  [TypeMessage.STRING]: 'STRING',
  [TypeMessage.TIMESTAMP]: 'TIMESTAMP',
};

export const parseColumnType = (type: TypeMessage): ColumnType => (type === TypeMessage.UNSPECIFIED ? 'STRING' : TYPES[type]);
export const columnTypeMessage = (type: ColumnType): TypeMessage => (Object.keys(TYPES) as (keyof typeof TYPES)[]).find((key) => TYPES[key] === type) ?? TypeMessage.UNSPECIFIED;

/** The rows of a dataset version as a job needs them. */
export const tableOf = ({ objects, schema }: DatasetVersion): TableInput => ({
  objects: objects.map(({ digest }) => digest),
  schema: (schema?.columns ?? []).map(({ name, type, nullable }) => ({ name, type: parseColumnType(type), nullable })),
});
