import type { ArchiveDeclaration } from '@millrace/service';

/** What of this service goes to another home. */
export const archive: ArchiveDeclaration = {
  tables: [
    { name: 'monitor', key: ['monitor'], columns: { monitor: 'text', endpoint: 'text', revision: 'int32', body: 'json' } },
    { name: 'observed', key: ['id'], columns: { id: 'text', endpoint: 'text', model_version: 'text', event_time: 'float64', score: 'float64' } },
    { name: 'waiting_label', key: ['id'], columns: { id: 'text', endpoint: 'text', value: 'float64', known_time: 'float64' } },
    { name: 'report_window', key: ['report'], columns: { report: 'text', monitor: 'text', start: 'float64', state: 'text', body: 'json' } },
    { name: 'alert', key: ['alert'], columns: { alert: 'text', monitor: 'text', endpoint: 'text', kind: 'text', state: 'text', body: 'json' } },
  ],
};
