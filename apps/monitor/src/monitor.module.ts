import { RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import type { ServiceContext } from '@millrace/service';
import { type DynamicModule, Module } from '@nestjs/common';
import { AlertFeed } from './alert-feed.js';
import { AlertStore } from './alert.store.js';
import type { MonitorTables } from './migrations.js';
import { MonitorController } from './monitor.controller.js';
import { MonitorService } from './monitor.service.js';
import { MonitorStore } from './monitor.store.js';
import { ObservationService } from './observation.service.js';
import { References } from './references.js';
import { ReportWindowStore } from './report-window.store.js';

@Module({})
export class MonitorModule {
  /** Wires the service: the one place where its parts are made. */
  static of({ store, objects, client, clock, log }: ServiceContext<unknown, MonitorTables>): DynamicModule {
    const monitors = new MonitorStore(store);
    const windows = new ReportWindowStore(store);
    const references = new References(objects, client(RegistryServiceDefinition));
    const observations = new ObservationService(store, monitors, windows, references, clock);
    const alerts = new AlertStore(store);
    const feed = new AlertFeed(alerts, store.signals, clock, (error) => log.warn({ err: error }, 'followers may have missed an alert'));
    return {
      module: MonitorModule,
      controllers: [MonitorController],
      providers: [
        { provide: ObservationService, useValue: observations },
        { provide: MonitorService, useValue: new MonitorService(monitors, windows, alerts, observations, references, feed, clock) },
      ],
    };
  }
}
