import { MonitorServiceDefinition } from '@millrace/contracts/millrace/monitor/v1/monitor_service';
import { defineService } from '@millrace/service';
import { z } from 'zod';
import { archive } from './archive.js';
import { migrations, type MonitorTables } from './migrations.js';
import { subscriptions } from './monitor.events.js';
import { MonitorModule } from './monitor.module.js';
import { ObservationService } from './observation.service.js';

const config = z.object({
  MILLRACE_OBSERVATIONS_KEEP_DAYS: z.coerce.number().int().min(0).max(36_500).default(90).describe('Labels are counted that come so many days after their predictions; 0 keeps predictions for ever.'),
});
const DAY_MS = 24 * 3_600_000;

/** Watches endpoints for drift and loss of performance. */
export const monitorService = defineService<typeof config, MonitorTables>({
  name: 'monitor',
  config,
  serves: [MonitorServiceDefinition],
  migrations,
  archive,
  module: (context) => MonitorModule.of(context),
  chores: (app, { config: { MILLRACE_OBSERVATIONS_KEEP_DAYS: days }, clock }) =>
    days === 0 ? [] : [{ name: 'forget old observations', run: () => app.get(ObservationService).forgetBefore(new Date(clock().getTime() - days * DAY_MS)) }],
  subscriptions: (app) => subscriptions(app.get(ObservationService)),
});
