import { MonitorServiceDefinition } from '@millrace/contracts/millrace/monitor/v1/monitor_service';
import { defineService } from '@millrace/service';
import { z } from 'zod';
import { migrations, type MonitorTables } from './migrations.js';
import { subscriptions } from './monitor.events.js';
import { MonitorModule } from './monitor.module.js';
import { ObservationService } from './observation.service.js';

const config = z.object({});

/** Watches endpoints for drift and loss of performance. */
export const monitorService = defineService<typeof config, MonitorTables>({
  name: 'monitor',
  config,
  serves: [MonitorServiceDefinition],
  migrations,
  module: (context) => MonitorModule.of(context),
  subscriptions: (app) => subscriptions(app.get(ObservationService)),
});
