import { PipelinesServiceDefinition } from '@millrace/contracts/millrace/pipelines/v1/pipelines_service';
import { defineService } from '@millrace/service';
import { z } from 'zod';
import { archive } from './archive.js';
import { fileJsonSchema, SCHEMA_PATH } from './file/file-json-schema.js';
import { migrations, type PipelinesTables } from './migrations.js';
import { subscriptions } from './pipelines.events.js';
import { PipelinesModule } from './pipelines.module.js';
import { RunService } from './run.service.js';
import { TriggerService } from './trigger.service.js';

const config = z.object({});

/** Runs pipelines: the only place that orchestrates. */
export const pipelinesService = defineService<typeof config, PipelinesTables>({
  name: 'pipelines',
  config,
  serves: [PipelinesServiceDefinition],
  migrations,
  archive,
  module: (context) => PipelinesModule.of(context),
  routes: (http) => void http.get(SCHEMA_PATH, async (_, reply) => reply.type('application/schema+json').send(JSON.stringify(fileJsonSchema()))),
  subscriptions: (app) => subscriptions(app.get(TriggerService)),
  start: async (app) => {
    await app.get(RunService).resume();
    await app.get(TriggerService).start();
  },
  stop: async (app) => {
    await app.get(TriggerService).close();
    await app.get(RunService).close();
  },
});
