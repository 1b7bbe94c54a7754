import { type ArchiveDeclaration, archivedJobs } from '@millrace/service';

/** What of this service goes to another home. */
export const archive: ArchiveDeclaration = {
  tables: [
    { name: 'pipeline', key: ['pipeline'], columns: { pipeline: 'text', revision: 'int32', body: 'json', delete_time: 'timestamp' } },
    { name: 'pipeline_version', key: ['pipeline', 'version'], columns: { pipeline: 'text', version: 'int32', body: 'json' } },
    archivedJobs('pipeline_run'),
    { name: 'step_cache', key: ['pipeline', 'cache_key'], columns: { pipeline: 'text', cache_key: 'text', outputs: 'json' } },
    { name: 'step_log', key: ['run', 'position'], columns: { run: 'text', position: 'int64', step: 'text', time: 'timestamp', text: 'text' } },
    { name: 'step_log_head', key: ['run'], columns: { run: 'text', time: 'timestamp', body: 'json' } },
    { name: 'schedule', key: ['trigger'], columns: { trigger: 'text', pipeline: 'text', cron: 'text', next_time: 'timestamp' } },
    { name: 'firing', key: ['id'], columns: { id: 'text', trigger: 'text', pipeline: 'text', decision: 'text', body: 'json' } },
  ],
};
