import { type ArchiveDeclaration, archivedJobs } from '@millrace/service';

/** What of this service goes to another home. */
export const archive: ArchiveDeclaration = {
  tables: [
    archivedJobs('training_job'),
    { name: 'evaluation', key: ['id'], columns: { id: 'text', body: 'json' } },
  ],
  manifests: ['trainer/'],
};
