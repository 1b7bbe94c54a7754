import { join } from 'node:path';
import { FeatureStoreServiceDefinition } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import { RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import { openSpool, type Spool } from '@millrace/events';
import { uuidv7 } from '@millrace/core';
import { Changes, type ServiceContext } from '@millrace/service';
import { type DynamicModule, Module } from '@nestjs/common';
import { Counter } from 'prom-client';
import { z } from 'zod';
import { EndpointService } from './endpoint.service.js';
import { EndpointStore } from './endpoint.store.js';
import { Explainer } from './explainer.js';
import { InferenceController } from './inference.controller.js';
import { encodePredictions } from './inference.events.js';
import type { InferenceTables } from './migrations.js';
import { ParityService } from './parity.service.js';
import { PredictionLog } from './prediction-log.js';
import { PredictionService } from './prediction.service.js';
import { PredictionStore } from './prediction.store.js';
import { TrafficService } from './traffic.service.js';
import { TrafficStore } from './traffic.store.js';

/** What this service reads from the environment. */
export const inferenceConfig = z.object({
  MILLRACE_PREDICTIONS_KEEP_DAYS: z.coerce.number().int().min(0).max(36_500).default(90).describe('Predictions and labels can be looked up for so many days; 0 keeps them for ever.'),
  MILLRACE_SPOOL_MAX_MB: z.coerce.number().int().min(1).max(1_000_000).default(512).describe('Predictions that may wait on disk while the bus is away.'),
});

/** The log on its way to the bus. */
export const SPOOL = Symbol('spool');
const MB = 1024 * 1024;

@Module({})
export class InferenceModule {
  /** Wires the service: the one place where its parts are made. */
  static async of({ store, objects, bus, client, clock, log, metrics, dataDir, config }: ServiceContext<z.infer<typeof inferenceConfig>, InferenceTables>): Promise<DynamicModule> {
    const shed = new Counter({ name: 'millrace_predictions_shed_total', help: 'Predictions that were answered but could not be logged.', registers: [metrics] });
    const kept = new PredictionStore(store);
    const spool = await openSpool({
      file: join(dataDir, 'spool.sqlite'),
      maxBytes: config.MILLRACE_SPOOL_MAX_MB * MB,
      // Both may happen twice after a crash: the store ignores what it has, and the bus promises no less.
      forward: async (records) => {
        await kept.add(records);
        await bus.publish(records);
      },
      onShed: ({ records, reason }) => log.error({ records, reason }, 'predictions were answered but not logged'),
      onError: (error) => log.warn({ err: error }, 'the prediction log waits'),
    });
    const predictionLog = new PredictionLog({
      append: (record) => spool.append(record),
      encode: encodePredictions,
      onShed: (predictions, error) => {
        shed.inc(predictions);
        if (error !== undefined) log.error({ err: error, predictions }, 'predictions were answered but make no record of the log');
      },
    });
    const endpoints = new EndpointService(new EndpointStore(store), objects, client(RegistryServiceDefinition), log, clock, store.signals);
    const traffic = new TrafficService(new TrafficStore(store, uuidv7()), new Changes(store.signals), (endpoint) => endpoints.get(endpoint), clock, (error) => log.warn({ err: error }, 'the traffic of endpoints could not be kept; it is tried again'));
    const settle = async (): Promise<void> => {
      await predictionLog.flush();
      await spool.flush();
    };
    return {
      module: InferenceModule,
      controllers: [InferenceController],
      providers: [
        { provide: EndpointService, useValue: endpoints },
        { provide: PredictionService, useValue: new PredictionService(endpoints, client(FeatureStoreServiceDefinition), predictionLog, kept, settle, traffic, new Explainer(objects, client(RegistryServiceDefinition)), clock) },
        { provide: TrafficService, useValue: traffic },
        { provide: ParityService, useValue: new ParityService(objects, clock) },
        { provide: PredictionStore, useValue: kept },
        { provide: PredictionLog, useValue: predictionLog },
        { provide: SPOOL, useValue: spool satisfies Spool },
      ],
    };
  }
}
