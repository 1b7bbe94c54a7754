import { PipelinesServiceDefinition } from '@millrace/contracts/millrace/pipelines/v1/pipelines_service';
import { defineService } from '@millrace/service';
import { z } from 'zod';
import { archive } from './archive.js';
import { fileJsonSchema, SCHEMA_PATH } from './file/file-json-schema.js';
import { migrations, type PipelinesTables } from './migrations.js';
import { subscriptions } from './pipelines.events.js';
import { PipelinesModule } from './pipelines.module.js';
import { RunService } from './run.service.js';
import { StepLogService } from './step-log.service.js';
import { TriggerService } from './trigger.service.js';

const config = z.object({
  MILLRACE_STEP_LOGS_KEEP_DAYS: z.coerce.number().int().min(0).max(36_500).default(90).describe('What the steps of runs have said is kept for so many days; 0 keeps it for ever.'),
});
const DAY_MS = 24 * 3_600_000;

/** Runs pipelines: the only place that orchestrates. */
export const pipelinesService = defineService<typeof config, PipelinesTables>({
  name: 'pipelines',
  config,
  serves: [PipelinesServiceDefinition],
  migrations,
  archive,
  module: (context) => PipelinesModule.of(context),
  routes: (http) => void http.get(SCHEMA_PATH, async (_, reply) => reply.type('application/schema+json').send(JSON.stringify(fileJsonSchema()))),
  subscriptions: (app) => subscriptions(app.get(TriggerService), app.get(StepLogService)),
  chores: (app, { config: { MILLRACE_STEP_LOGS_KEEP_DAYS: days }, clock }) => (days === 0 ? [] : [{ name: 'forget old step logs', run: () => app.get(StepLogService).forgetBefore(new Date(clock().getTime() - days * DAY_MS)) }]),
  start: async (app) => {
    await app.get(RunService).resume();
    await app.get(TriggerService).start();
  },
  stop: async (app) => {
    await app.get(TriggerService).close();
    await app.get(RunService).close();
  },
});
