import { InferenceServiceDefinition } from '@millrace/contracts/millrace/inference/v1/inference_service';
import type { Spool } from '@millrace/events';
import { defineService } from '@millrace/service';
import { archive } from './archive.js';
import { EndpointService } from './endpoint.service.js';
import { subscriptions } from './inference.events.js';
import { routes } from './inference.http.js';
import { inferenceConfig, InferenceModule, SPOOL } from './inference.module.js';
import { type InferenceTables, migrations } from './migrations.js';
import { PredictionLog } from './prediction-log.js';
import { PredictionService } from './prediction.service.js';
import { PredictionStore } from './prediction.store.js';
import { TrafficService } from './traffic.service.js';

const DAY_MS = 24 * 3_600_000;
const TRAFFIC_KEEP_DAYS = 7;

/** Serves models behind endpoints, logs predictions, takes labels. */
export const inferenceService = defineService<typeof inferenceConfig, InferenceTables>({
  name: 'inference',
  config: inferenceConfig,
  serves: [InferenceServiceDefinition],
  migrations,
  archive,
  module: (context) => InferenceModule.of(context),
  subscriptions: (app) => subscriptions(app.get(EndpointService)),
  routes: (http, app) => routes(http, app.get(PredictionService)),
  start: (app) => app.get(EndpointService).loadAll(),
  imported: (app) => app.get(EndpointService).loadAll(),
  chores: (app, { config, clock }) => {
    const { MILLRACE_PREDICTIONS_KEEP_DAYS: days } = config;
    const before = (days: number): Date => new Date(clock().getTime() - days * DAY_MS);
    const traffic = { name: 'forget old traffic', run: () => app.get(TrafficService).forgetBefore(before(TRAFFIC_KEEP_DAYS)) };
    return days === 0 ? [traffic] : [traffic, { name: 'forget old predictions', run: () => app.get(PredictionStore).forgetBefore(before(days)) }];
  },
  stop: async (app) => {
    await app.get(TrafficService).close();
    await app.get(PredictionLog).flush();
    await app.get<Spool>(SPOOL).close();
    await app.get(EndpointService).close();
  },
});
