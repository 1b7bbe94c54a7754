import { IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { defineService } from '@millrace/service';
import { archive } from './archive.js';
import { ingestionConfig, IngestionModule } from './ingestion.module.js';
import { IngestionRunService } from './ingestion-run.service.js';
import { migrations } from './migrations.js';

/** Reads sources through data contracts into immutable dataset versions. */
export const ingestionService = defineService({
  name: 'ingestion',
  config: ingestionConfig,
  serves: [IngestionServiceDefinition],
  migrations,
  archive,
  module: (context) => IngestionModule.of(context),
  start: (app) => app.get(IngestionRunService).resume(),
  stop: (app) => app.get(IngestionRunService).close(),
});
