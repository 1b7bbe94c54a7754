import { createFileRegistry, type FileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { DeadLetterServiceDefinition } from '@millrace/contracts/millrace/events/v1/dead_letter_service';
import { FeatureStoreServiceDefinition } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import { InferenceServiceDefinition } from '@millrace/contracts/millrace/inference/v1/inference_service';
import { IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { MonitorServiceDefinition } from '@millrace/contracts/millrace/monitor/v1/monitor_service';
import { PipelinesServiceDefinition } from '@millrace/contracts/millrace/pipelines/v1/pipelines_service';
import { RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import { TrainerServiceDefinition } from '@millrace/contracts/millrace/trainer/v1/trainer_service';
import type { Definition } from '@millrace/rpc';

/** Every service that foreign callers reach through the front door, in the order in which it is shown. */
export const PUBLIC_SERVICES: readonly Definition[] = [
  IngestionServiceDefinition,
  FeatureStoreServiceDefinition,
  TrainerServiceDefinition,
  RegistryServiceDefinition,
  InferenceServiceDefinition,
  MonitorServiceDefinition,
  PipelinesServiceDefinition,
  DeadLetterServiceDefinition,
];

/** Services without HTTP, and why. */
export const NOT_PUBLIC: Readonly<Record<string, string>> = {
  'millrace.archive.v1.ArchiveService': 'Every process answers for the services that it runs, so one door could not say whose archive it gives; operators ask each process by gRPC',
};

/** The contracts of a descriptor set. */
export const registryOf = (image: Uint8Array): FileRegistry => createFileRegistry(fromBinary(FileDescriptorSetSchema, image));
