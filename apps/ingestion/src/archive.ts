import { type ArchiveDeclaration, archivedJobs } from '@millrace/service';

/** What of this service goes to another home. */
export const archive: ArchiveDeclaration = {
  tables: [
    { name: 'dataset', key: ['dataset'], columns: { dataset: 'text', description: 'text', latest_version: 'int32', create_time: 'timestamp', revision: 'int32', request_id: 'text' } },
    { name: 'dataset_version', key: ['dataset', 'version'], columns: { dataset: 'text', version: 'int32', digest: 'text', body: 'json', create_time: 'timestamp' } },
    { name: 'source_cursor', key: ['dataset', 'source'], columns: { dataset: 'text', source: 'text', body: 'json' } },
    { name: 'push', key: ['dataset', 'sequence'], columns: { dataset: 'text', sequence: 'int32', push_key: 'text', digest: 'text', rows: 'int32', bytes: 'int32', body: 'text', create_time: 'timestamp' } },
    archivedJobs('ingestion_run'),
  ],
  manifests: ['ingestion/'],
};
