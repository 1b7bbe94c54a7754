import { FeatureStoreServiceDefinition } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import { InferenceServiceDefinition } from '@millrace/contracts/millrace/inference/v1/inference_service';
import { IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { MonitorServiceDefinition } from '@millrace/contracts/millrace/monitor/v1/monitor_service';
import { RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import { TrainerServiceDefinition } from '@millrace/contracts/millrace/trainer/v1/trainer_service';
import { Changes, JobStore, type ServiceContext } from '@millrace/service';
import { type DynamicModule, Module } from '@nestjs/common';
import { FiringStore } from './firing.store.js';
import { LineageService } from './lineage.js';
import type { PipelinesTables } from './migrations.js';
import { PipelineService } from './pipeline.service.js';
import { PipelineStore } from './pipeline.store.js';
import type { PipelineRun } from './pipeline-run.js';
import { PipelinesController } from './pipelines.controller.js';
import { RunService } from './run.service.js';
import { ScheduleClock } from './schedule-clock.js';
import { ScheduleStore } from './schedule.store.js';
import { StepLogService } from './step-log.service.js';
import { StepLogStore } from './step-log.store.js';
import type { Services } from './steps/step.js';
import { TriggerService } from './trigger.service.js';

@Module({})
export class PipelinesModule {
  /** Wires the service: the one place where its parts are made. */
  static of({ store, client, clock, log }: ServiceContext<unknown, PipelinesTables>): DynamicModule {
    const services: Services = {
      ingestion: client(IngestionServiceDefinition),
      features: client(FeatureStoreServiceDefinition),
      trainer: client(TrainerServiceDefinition),
      registry: client(RegistryServiceDefinition),
      inference: client(InferenceServiceDefinition),
      monitor: client(MonitorServiceDefinition),
    };
    const kept = new PipelineStore(store);
    const keptRuns = new JobStore<PipelineRun>(store, 'pipeline_run', { patient: false });
    const changes = new Changes(store.signals);
    const logs = new StepLogService(new StepLogStore(store), keptRuns, changes, clock);
    const runs = new RunService(keptRuns, kept, services, logs, changes, log, clock);
    const schedules = new ScheduleStore(store);
    const scheduleClock = new ScheduleClock(schedules, store, (error) => log.error({ err: error }, 'schedules could not be read or fired; they are tried again in a moment'));
    const triggers = new TriggerService(new FiringStore(store), schedules, scheduleClock, kept, runs, services.ingestion, log, clock);
    const onChange = async (pipeline: string): Promise<void> => {
      await triggers.schedule(pipeline);
      await triggers.examine(pipeline);
    };
    return {
      module: PipelinesModule,
      controllers: [PipelinesController],
      providers: [
        { provide: PipelineService, useValue: new PipelineService(kept, runs, services.trainer, onChange, clock) },
        { provide: RunService, useValue: runs },
        { provide: StepLogService, useValue: logs },
        { provide: TriggerService, useValue: triggers },
        { provide: LineageService, useValue: new LineageService(services, runs) },
      ],
    };
  }
}
