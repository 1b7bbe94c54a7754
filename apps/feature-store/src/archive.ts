import { type ArchiveDeclaration, archivedJobs } from '@millrace/service';

/** What of this service goes to another home. */
export const archive: ArchiveDeclaration = {
  tables: [
    { name: 'definition', key: ['kind', 'name'], columns: { kind: 'text', name: 'text', body: 'json', create_time: 'timestamp', revision: 'int32' } },
    archivedJobs('training_set'),
    archivedJobs('materialization'),
    { name: 'online_state', key: ['view'], columns: { view: 'text', meaning: 'text', schema: 'json', through: 'int64', forgotten: 'int64', body: 'json' } },
    { name: 'online_push', key: ['sequence'], columns: { sequence: 'int64', view: 'text', request_id: 'text', known_through: 'int64', body: 'bytes' }, sequence: 'sequence' },
  ],
};
