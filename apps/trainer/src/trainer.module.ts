import { FeatureStoreServiceDefinition } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import { entryUrl } from '@millrace/core';
import { Changes, JobDesk, JobStore, type ServiceContext } from '@millrace/service';
import { type DynamicModule, Module } from '@nestjs/common';
import { z } from 'zod';
import { EvaluationStore } from './evaluation.store.js';
import type { TrainerTables } from './migrations.js';
import type { TrainJobArgument } from './train.job.js';
import { PlanService } from './plan.service.js';
import { TrainerController } from './trainer.controller.js';
import { encodeLogged } from './trainer.events.js';
import type { TrainingJob, TrainingResult } from './training-job.js';
import { TrainingJobService } from './training-job.service.js';

const MINUTE = 60_000;

/** What this service reads from the environment. */
export const trainerConfig = z.object({
  MILLRACE_TRAINER_MEMORY: z.string().regex(/^\d+(MB|GB)$/).default('1GB').describe('Memory for the tables of one training job.'),
  MILLRACE_TRAINER_THREADS: z.coerce.number().int().min(1).max(64).default(2).describe('Threads of one training job; the model does not depend on them.'),
  MILLRACE_TRAINER_TIMEOUT_MINUTES: z.coerce.number().int().min(1).max(10_080).default(120).describe('Longest time that one training job may take.'),
});

const JOB_MEMORY_MB = 8_192;

@Module({})
export class TrainerModule {
  /** Wires the service: the one place where its parts are made. */
  static of({ store, objects, jobs, client, clock, config, log }: ServiceContext<z.infer<typeof trainerConfig>, TrainerTables>): DynamicModule {
    const changes = new Changes(store.signals);
    const kept = new JobStore<TrainingJob>(store, 'training_job');
    const desk = new JobDesk<TrainingJob, TrainJobArgument, TrainingResult>({
      jobs,
      store: kept,
      changes,
      entry: entryUrl(import.meta.url, './train.job.js'),
      memoryMb: JOB_MEMORY_MB,
      timeoutMs: config.MILLRACE_TRAINER_TIMEOUT_MINUTES * MINUTE,
      order: (job) => service.order(job),
      onBegin: (name) => service.begin(name),
      onResult: (name, result) => service.complete(name, result),
      onError: (name, error) => service.fail(name, error),
      onLog: (job, part) => store.write(async (_, emit) => emit(encodeLogged(job, part))),
      onFault: (name, error) => log.error({ err: error, job: name }, 'the end of a training job could not be kept'),
    });
    const limits = { memoryLimit: config.MILLRACE_TRAINER_MEMORY, threads: config.MILLRACE_TRAINER_THREADS };
    const service: TrainingJobService = new TrainingJobService(kept, new EvaluationStore(store), desk, changes, client(FeatureStoreServiceDefinition), objects, limits, clock);
    return { module: TrainerModule, controllers: [TrainerController], providers: [{ provide: TrainingJobService, useValue: service }, { provide: PlanService, useValue: new PlanService(objects) }] };
  }
}
