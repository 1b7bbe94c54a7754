import type { ArchiveDeclaration } from '@millrace/service';

/** What of this service goes to another home. */
export const archive: ArchiveDeclaration = {
  tables: [
    { name: 'experiment', key: ['experiment'], columns: { experiment: 'text', body: 'json' } },
    { name: 'run', key: ['run'], columns: { run: 'text', experiment: 'text', state: 'text', request_id: 'text', body: 'json' } },
    { name: 'run_column', key: ['column_id'], columns: { column_id: 'text', experiment: 'text', kind: 'text', key: 'text' } },
    { name: 'run_value', key: ['column_id', 'run'], columns: { column_id: 'text', run: 'text', place: 'bytes' } },
    { name: 'metric_point', key: ['run', 'key', 'step', 'seq'], columns: { run: 'text', key: 'text', step: 'float64', seq: 'float64', value: 'float64', time: 'float64' } },
    { name: 'run_log', key: ['run', 'request_id'], columns: { run: 'text', request_id: 'text' } },
    { name: 'model', key: ['model'], columns: { model: 'text', revision: 'int32', body: 'json' } },
    { name: 'model_version', key: ['model', 'version'], columns: { model: 'text', version: 'int32', revision: 'int32', request_id: 'text', body: 'json' } },
    { name: 'alias', key: ['model', 'alias'], columns: { model: 'text', alias: 'text', revision: 'int32', version: 'int32', body: 'json' } },
  ],
  manifests: ['registry/'],
};
