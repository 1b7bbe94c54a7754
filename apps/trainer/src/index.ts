import { TrainerServiceDefinition } from '@millrace/contracts/millrace/trainer/v1/trainer_service';
import { defineService } from '@millrace/service';
import { archive } from './archive.js';
import { type TrainerTables, migrations } from './migrations.js';
import { trainerConfig, TrainerModule } from './trainer.module.js';
import { TrainingJobService } from './training-job.service.js';

/** Fits plans and ladders of estimators, packs them, and judges them. */
export const trainerService = defineService<typeof trainerConfig, TrainerTables>({
  name: 'trainer',
  config: trainerConfig,
  serves: [TrainerServiceDefinition],
  migrations,
  archive,
  module: (context) => TrainerModule.of(context),
  start: (app) => app.get(TrainingJobService).resume(),
  stop: (app) => app.get(TrainingJobService).close(),
});
