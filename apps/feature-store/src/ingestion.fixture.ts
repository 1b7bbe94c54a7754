import { DatasetVersion } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import { type GetDatasetVersionRequest, IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { AppError, type Schema } from '@millrace/core';
import type { ObjectRef } from '@millrace/objects';
import { type AnyService, defineService, GrpcController } from '@millrace/service';
import { defineMigrations } from '@millrace/store';
import { Inject } from '@nestjs/common';
import { z } from 'zod';
import { columnTypeMessage } from './source-table.js';

/** Dataset versions by name; the newest of a dataset also as `latest`. */
export type Versions = Map<string, DatasetVersion>;
const VERSIONS = Symbol('versions');

/** Stands in for the one call of the ingestion service that this service makes. */
@GrpcController(IngestionServiceDefinition)
class IngestionStandIn {
  constructor(@Inject(VERSIONS) private readonly versions: Versions) {
    for (const method of Object.keys(IngestionServiceDefinition.methods)) if (!(method in this)) Object.assign(this, { [method]: notServed });
  }

  async getDatasetVersion({ name }: GetDatasetVersionRequest): Promise<DatasetVersion> {
    const found = this.versions.get(name);
    if (!found) throw new AppError('NOT_FOUND', 'ingestion.millrace', 'DATASET_VERSION_NOT_FOUND', `Dataset version ${name} does not exist.`);
    return found;
  }
}

const notServed = async (): Promise<never> => {
  throw new AppError('UNAVAILABLE', 'ingestion.millrace', 'NOT_SERVED', 'Only dataset versions are served here.');
};

export const ingestionStandIn = (versions: Versions): AnyService =>
  defineService({
    name: 'ingestion',
    config: z.object({}),
    serves: [IngestionServiceDefinition],
    migrations: defineMigrations({}),
    module: () => ({ module: IngestionStandIn, controllers: [IngestionStandIn], providers: [{ provide: VERSIONS, useValue: versions }] }),
  });

/** Makes an object the next version of a dataset. */
export function addVersion(versions: Versions, dataset: string, { object, schema, eventTime }: { readonly object: ObjectRef; readonly schema: Schema; readonly eventTime: string }): string {
  const number = Number(versions.get(`datasets/${dataset}/versions/latest`)?.name.split('/').at(-1) ?? 0) + 1;
  const name = `datasets/${dataset}/versions/${number}`;
  const version = DatasetVersion.fromPartial({
    name,
    schema: { columns: schema.map((column) => ({ ...column, type: columnTypeMessage(column.type) })) },
    objects: [{ digest: object.digest, sizeBytes: BigInt(object.size) }],
    eventTimeColumn: eventTime,
  });
  versions.set(name, version).set(`datasets/${dataset}/versions/latest`, version);
  return name;
}
