import type { DatasetVersion } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import type { IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { ColumnType as TypeMessage } from '@millrace/contracts/millrace/type/v1/schema';
import { AppError, type ColumnType } from '@millrace/core';
import type { Client } from '@millrace/rpc';
import { errors } from './errors.js';
import type { ResolvedReference } from './feature-reference.js';
import { checkSource, type FeatureView, featureViewName } from './feature-view.js';
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

/** A reference with the rows of its view, and the version that they are of. */
export interface SourcedReference {
  readonly reference: ResolvedReference;
  readonly source: TableInput;
  readonly version: string;
}

/** Finds the rows that references read: those of the newest version, or of one that is named. Throws where the dataset has none, or where a view cannot read it. */
export const readReferences = (ingestion: Ingestion, references: readonly ResolvedReference[], named = ''): Promise<readonly SourcedReference[]> =>
  Promise.all(
    references.map(async (reference): Promise<SourcedReference> => {
      const version = await readVersion(ingestion, { name: named === '' ? latestVersion(reference.view) : named, reader: featureViewName.format(reference.view) });
      const source = tableOf(version);
      checkSource(reference.view, source.schema);
      return { reference, source, version: version.name };
    }),
  );
