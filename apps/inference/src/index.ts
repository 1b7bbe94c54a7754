import { InferenceServiceDefinition } from '@millrace/contracts/millrace/inference/v1/inference_service';
import type { Spool } from '@millrace/events';
import { defineService } from '@millrace/service';
import { EndpointService } from './endpoint.service.js';
import { subscriptions } from './inference.events.js';
import { routes } from './inference.http.js';
import { inferenceConfig, InferenceModule, SPOOL } from './inference.module.js';
import { type InferenceTables, migrations } from './migrations.js';
import { PredictionLog } from './prediction-log.js';
import { PredictionService } from './prediction.service.js';

/** Serves models behind endpoints, logs predictions, takes labels. */
export const inferenceService = defineService<typeof inferenceConfig, InferenceTables>({
  name: 'inference',
  config: inferenceConfig,
  serves: [InferenceServiceDefinition],
  migrations,
  module: (context) => InferenceModule.of(context),
  subscriptions: (app) => subscriptions(app.get(EndpointService)),
  routes: (http, app) => routes(http, app.get(PredictionService)),
  start: (app) => app.get(EndpointService).loadAll(),
  stop: async (app) => {
    await app.get(PredictionLog).flush();
    await app.get<Spool>(SPOOL).close();
    await app.get(EndpointService).close();
  },
});
