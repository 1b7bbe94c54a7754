import type { ArchiveDeclaration } from '@millrace/service';

/** What of this service goes to another home. */
export const archive: ArchiveDeclaration = {
  tables: [
    { name: 'endpoint', key: ['endpoint'], columns: { endpoint: 'text', body: 'json', delete_time: 'timestamp' } },
    { name: 'prediction_batch', key: ['first_id'], columns: { first_id: 'text', last_id: 'text', endpoint: 'text', predictions: 'int32', body: 'bytes' } },
    { name: 'endpoint_label', key: ['endpoint', 'prediction_id'], columns: { endpoint: 'text', prediction_id: 'text', value: 'float64', known_time: 'timestamp' } },
  ],
  leftOut: { endpoint_traffic: 'it was asked of this home, and is kept for a week' },
};
