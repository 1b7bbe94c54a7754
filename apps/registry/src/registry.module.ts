import { Changes, type ServiceContext } from '@millrace/service';
import { type DynamicModule, Module } from '@nestjs/common';
import { ExperimentService } from './experiment.service.js';
import { ExperimentStore } from './experiment.store.js';
import { MetricCurveStore } from './metric-curve.store.js';
import type { RegistryTables } from './migrations.js';
import { ModelService } from './model.service.js';
import { ModelStore } from './model.store.js';
import { RegistryController } from './registry.controller.js';
import { RunSearchStore } from './run-search.store.js';

@Module({})
export class RegistryModule {
  /** Wires the service: the one place where its parts are made. */
  static of({ store, objects, clock }: ServiceContext<unknown, RegistryTables>): DynamicModule {
    return {
      module: RegistryModule,
      controllers: [RegistryController],
      providers: [
        { provide: ExperimentService, useValue: new ExperimentService(new ExperimentStore(store), new RunSearchStore(store), new MetricCurveStore(store), objects, new Changes(store.signals), clock) },
        { provide: ModelService, useValue: new ModelService(new ModelStore(store), objects, clock) },
      ],
    };
  }
}
