import { FeatureStoreServiceDefinition } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import { InferenceServiceDefinition } from '@millrace/contracts/millrace/inference/v1/inference_service';
import { IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { MonitorServiceDefinition } from '@millrace/contracts/millrace/monitor/v1/monitor_service';
import { PipelinesServiceDefinition } from '@millrace/contracts/millrace/pipelines/v1/pipelines_service';
import { RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import { TrainerServiceDefinition } from '@millrace/contracts/millrace/trainer/v1/trainer_service';
import type { DemoHome } from './demo-home.js';

/** A client of every service. */
export async function connectAll(addresses: DemoHome['addresses']) {
  const { connect } = await import('@millrace/rpc');
  return {
    ingestion: connect(IngestionServiceDefinition, addresses.ingestion),
    features: connect(FeatureStoreServiceDefinition, addresses.features),
    trainer: connect(TrainerServiceDefinition, addresses.trainer),
    registry: connect(RegistryServiceDefinition, addresses.registry),
    inference: connect(InferenceServiceDefinition, addresses.inference, { deadlineMs: 30_000 }),
    monitor: connect(MonitorServiceDefinition, addresses.monitor, { deadlineMs: 60_000 }),
    pipelines: connect(PipelinesServiceDefinition, addresses.pipelines),
  };
}
export type DemoServices = Awaited<ReturnType<typeof connectAll>>;
