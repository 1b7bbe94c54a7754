import type { DatasetVersion } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import type { IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { ColumnType as TypeMessage } from '@millrace/contracts/millrace/type/v1/schema';
import { AppError, type ColumnType } from '@millrace/core';
import type { Client } from '@millrace/rpc';
import { errors } from './errors.js';
import type { FeatureView } from './feature-view.js';
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

export type Ingestion = Client<typeof IngestionServiceDefinition>;

/** The newest version of the dataset that a view reads. */
export const latestVersion = ({ dataset }: Pick<FeatureView, 'dataset'>): string => `datasets/${dataset}/versions/latest`;

/** Reads a dataset version for a view or a set; DATASET_UNKNOWN where a dataset has none yet. */
export async function readVersion(ingestion: Ingestion, { name, reader }: { readonly name: string; readonly reader: string }): Promise<DatasetVersion> {
  try {
    return await ingestion.getDatasetVersion({ name });
  } catch (cause) {
    if (!(cause instanceof AppError) || cause.code !== 'NOT_FOUND' || !name.endsWith('/latest')) throw cause;
    throw errors.DATASET_UNKNOWN({ dataset: name.slice(0, name.indexOf('/versions/')), name: reader }, { cause });
  }
}
