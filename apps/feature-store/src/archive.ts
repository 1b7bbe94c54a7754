import { type ArchiveDeclaration, archivedJobs } from '@millrace/service';

/** What of this service goes to another home. */
export const archive: ArchiveDeclaration = {
  tables: [
    { name: 'definition', key: ['kind', 'name'], columns: { kind: 'text', name: 'text', body: 'json', create_time: 'timestamp', revision: 'int32' } },
    { name: 'view_version', key: ['view', 'version'], columns: { view: 'text', version: 'int32', body: 'json', create_time: 'timestamp' } },
    { name: 'endpoint_use', key: ['endpoint'], columns: { endpoint: 'text', service: 'text', revision: 'int64' } },
    archivedJobs('training_set'),
    archivedJobs('materialization'),
    { name: 'online_push', key: ['sequence'], columns: { sequence: 'int64', view: 'text', request_id: 'text', known_through: 'int64', body: 'bytes' }, sequence: 'sequence' },
  ],
  // What is online lies in another form in each home, so it is made again: from the dataset version of the last materialisation, and from the pushes.
  leftOut: { online_state: 'the values in the memory of one process', online_filling: 'what the values in Redis are made of' },
  manifests: ['features/trainingSets/'],
};
