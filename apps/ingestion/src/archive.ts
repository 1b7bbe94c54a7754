import { type ArchiveDeclaration, archivedJobs } from '@millrace/service';

/** What of this service goes to another home. */
export const archive: ArchiveDeclaration = {
  tables: [
    { name: 'dataset', key: ['dataset'], columns: { dataset: 'text', description: 'text', latest_version: 'int32', create_time: 'timestamp', revision: 'int32', request_id: 'text' } },
    { name: 'dataset_version', key: ['dataset', 'version'], columns: { dataset: 'text', version: 'int32', digest: 'text', body: 'json', create_time: 'timestamp' } },
    { name: 'source_cursor', key: ['dataset', 'source'], columns: { dataset: 'text', source: 'text', body: 'json' } },
    archivedJobs('ingestion_run'),
  ],
  manifests: ['ingestion/'],
};
