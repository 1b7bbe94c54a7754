import type { FeatureStoreServiceDefinition } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import type { InferenceServiceDefinition } from '@millrace/contracts/millrace/inference/v1/inference_service';
import type { IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import type { MonitorServiceDefinition } from '@millrace/contracts/millrace/monitor/v1/monitor_service';
import type { RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import type { TrainerServiceDefinition } from '@millrace/contracts/millrace/trainer/v1/trainer_service';
import type { Client } from '@millrace/rpc';
import type { JobProgress } from '@millrace/service';
import type { PipelineVersion } from '../pipeline.js';
import type { Outcome, Outputs, PipelineRun, StepRun } from '../pipeline-run.js';

/** The services that steps call. */
export interface Services {
  readonly ingestion: Client<typeof IngestionServiceDefinition>;
  readonly features: Client<typeof FeatureStoreServiceDefinition>;
  readonly trainer: Client<typeof TrainerServiceDefinition>;
  readonly registry: Client<typeof RegistryServiceDefinition>;
  readonly inference: Client<typeof InferenceServiceDefinition>;
  readonly monitor: Client<typeof MonitorServiceDefinition>;
}

/** All that one execution of a step may use. */
export interface StepContext {
  readonly run: PipelineRun;
  readonly step: StepRun;
  readonly version: PipelineVersion;
  readonly services: Services;
  /** The same for every attempt, also after a restart: services answer it once. */
  readonly requestId: string;
  readonly signal: AbortSignal;
  readonly progress: (progress: JobProgress) => void;
}

/** What came of a step. */
export interface StepResult {
  readonly outputs: Outputs;
  /** Said by the step that settles what becomes of the challenger. */
  readonly outcome?: Outcome;
}

/** One kind of step. */
export interface Step {
  /** All that decides the outputs, as JSON; undefined where the step must run every time. */
  readonly cacheInput?: (context: StepContext) => Promise<unknown>;
  readonly execute: (context: StepContext) => Promise<StepResult>;
}
