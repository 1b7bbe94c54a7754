import { ArchiveServiceDefinition } from '@millrace/contracts/millrace/archive/v1/archive_service';
import { DeadLetterServiceDefinition } from '@millrace/contracts/millrace/events/v1/dead_letter_service';
import { FeatureStoreServiceDefinition } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import { InferenceServiceDefinition } from '@millrace/contracts/millrace/inference/v1/inference_service';
import { IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { MonitorServiceDefinition } from '@millrace/contracts/millrace/monitor/v1/monitor_service';
import { PipelinesServiceDefinition } from '@millrace/contracts/millrace/pipelines/v1/pipelines_service';
import { RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import { TrainerServiceDefinition } from '@millrace/contracts/millrace/trainer/v1/trainer_service';
import type { Definition, Method } from '@millrace/rpc';

/** What is served, as the proto files declare it: by each service, and by every process. A spec sees to it that none is left out. */
export const CONTRACTS = {
  ingestion: IngestionServiceDefinition,
  features: FeatureStoreServiceDefinition,
  trainer: TrainerServiceDefinition,
  registry: RegistryServiceDefinition,
  inference: InferenceServiceDefinition,
  monitor: MonitorServiceDefinition,
  pipelines: PipelinesServiceDefinition,
  archive: ArchiveServiceDefinition,
  deadLetters: DeadLetterServiceDefinition,
} as const satisfies Readonly<Record<string, Definition>>;

/** One RPC with the fields that its request has. */
export interface DeclaredRpc {
  /** Such as `RegistryService/CreateModel`. */
  readonly rpc: string;
  readonly service: keyof typeof CONTRACTS;
  /** The name of the client's method. */
  readonly key: string;
  readonly method: Method;
  /** All but those that are streamed. */
  readonly fields: ReadonlySet<string>;
  /** Those of the fields that are texts. */
  readonly texts: ReadonlySet<string>;
}

/** Every RPC of some services. */
export const rpcsOf = (contracts: Readonly<Record<string, Definition>>): readonly DeclaredRpc[] =>
  Object.entries(contracts).flatMap(([service, { name, methods }]) =>
    Object.entries(methods).map(([key, method]) => {
      const request = method.requestStream ? [] : Object.entries(method.requestType.fromPartial({} as never) as object);
      const texts = request.flatMap(([field, value]) => (typeof value === 'string' ? [field] : []));
      return { rpc: `${name}/${method.name}`, service: service as keyof typeof CONTRACTS, key, method, fields: new Set(request.map(([field]) => field)), texts: new Set(texts) };
    }),
  );
