import { IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { defineService } from '@millrace/service';
import { archive } from './archive.js';
import { ingestionConfig, IngestionModule } from './ingestion.module.js';
import { IngestionRunService } from './ingestion-run.service.js';
import { migrations } from './migrations.js';
import { routes } from './pushing/push.http.js';
import { PushFlusher } from './pushing/push-flusher.js';
import { PushService } from './pushing/push.service.js';

/** Reads sources through data contracts into immutable dataset versions. */
export const ingestionService = defineService({
  name: 'ingestion',
  config: ingestionConfig,
  serves: [IngestionServiceDefinition],
  migrations,
  archive,
  module: (context) => IngestionModule.of(context),
  routes: (http, app) => routes(http, app.get(PushService), app.get(IngestionRunService)),
  start: async (app) => {
    await app.get(IngestionRunService).resume();
    app.get(PushFlusher).start();
  },
  chores: (app) => [{ name: 'forget keys of pushes', run: () => app.get(PushService).forgetKeys() }],
  stop: async (app) => {
    await app.get(PushFlusher).stop();
    await app.get(IngestionRunService).close();
  },
});
