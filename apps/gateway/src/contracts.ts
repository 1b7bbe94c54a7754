import { createFileRegistry, type FileRegistry, fromBinary } from '@bufbuild/protobuf';
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
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

/** The contracts of a descriptor set, with what they say of themselves. */
export const registryOf = (image: Uint8Array): FileRegistry => createFileRegistry(fromBinary(FileDescriptorSetSchema, image));

/** Field numbers of descriptor.proto. */
const FILE_OF_SET = 1;
const SOURCE_INFO_OF_FILE = 9;

/** The same without comments, which take most of the room: all that calls need. */
export const silentRegistryOf = (image: Uint8Array): FileRegistry => registryOf(copied(image, (field, bytes) => (field === FILE_OF_SET ? copied(bytes, (inner, same) => (inner === SOURCE_INFO_OF_FILE ? undefined : same)) : bytes)));

/** A message field by field; what holds bytes goes through `change`, which may leave it out. */
function copied(message: Uint8Array, change: (field: number, bytes: Uint8Array) => Uint8Array | undefined): Uint8Array {
  const reader = new BinaryReader(message);
  const writer = new BinaryWriter();
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    const bytes = type === WireType.LengthDelimited ? change(field, reader.bytes()) : undefined;
    if (bytes) writer.tag(field, type).bytes(bytes);
    else if (type !== WireType.LengthDelimited) writer.tag(field, type).raw(reader.skip(type, field));
  }
  return writer.finish();
}
