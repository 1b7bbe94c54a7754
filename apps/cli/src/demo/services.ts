import { FeatureStoreServiceDefinition } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import { InferenceServiceDefinition } from '@millrace/contracts/millrace/inference/v1/inference_service';
import { IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { MonitorServiceDefinition } from '@millrace/contracts/millrace/monitor/v1/monitor_service';
import { PipelinesServiceDefinition } from '@millrace/contracts/millrace/pipelines/v1/pipelines_service';
import { RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import { TrainerServiceDefinition } from '@millrace/contracts/millrace/trainer/v1/trainer_service';

/** A client of every service at one address. */
export async function connectAll(address: string) {
  const { connect } = await import('@millrace/rpc');
  return {
    ingestion: connect(IngestionServiceDefinition, address),
    features: connect(FeatureStoreServiceDefinition, address),
    trainer: connect(TrainerServiceDefinition, address),
    registry: connect(RegistryServiceDefinition, address),
    inference: connect(InferenceServiceDefinition, address, { deadlineMs: 30_000 }),
    monitor: connect(MonitorServiceDefinition, address, { deadlineMs: 60_000 }),
    pipelines: connect(PipelinesServiceDefinition, address),
  };
}
export type DemoServices = Awaited<ReturnType<typeof connectAll>>;
