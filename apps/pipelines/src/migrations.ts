import { createJobTable } from '@millrace/service';
import { columnTypes as types, defineMigrations } from '@millrace/store';

/** The tables of this service, beside that of its runs. */
export interface PipelinesTables {
  pipeline: { pipeline: string; revision: number; body: string };
  pipeline_version: { pipeline: string; version: number; body: string };
  step_cache: { pipeline: string; cache_key: string; outputs: string };
  firing: { id: string; trigger: string; pipeline: string; decision: string; body: string };
  schedule: { trigger: string; pipeline: string; cron: string; next_time: Date };
}

export const migrations = defineMigrations({
  '0001-pipelines': async (db) => {
    await createJobTable(db, 'pipeline_run');
    await db.schema
      .createTable('pipeline')
      .addColumn('pipeline', types.text, (column) => column.primaryKey())
      .addColumn('revision', types.int32, (column) => column.notNull())
      .addColumn('body', types.json, (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('pipeline_version')
      .addColumn('pipeline', types.text, (column) => column.notNull())
      .addColumn('version', types.int32, (column) => column.notNull())
      .addColumn('body', types.json, (column) => column.notNull())
      .addPrimaryKeyConstraint('pipeline_version_pkey', ['pipeline', 'version'])
      .execute();
    await db.schema
      .createTable('step_cache')
      .addColumn('pipeline', types.text, (column) => column.notNull())
      .addColumn('cache_key', types.text, (column) => column.notNull())
      .addColumn('outputs', types.json, (column) => column.notNull())
      .addPrimaryKeyConstraint('step_cache_pkey', ['pipeline', 'cache_key'])
      .execute();
    await db.schema
      .createTable('firing')
      .addColumn('id', types.text, (column) => column.primaryKey())
      .addColumn('trigger', types.text, (column) => column.notNull())
      .addColumn('pipeline', types.text, (column) => column.notNull())
      .addColumn('decision', types.text, (column) => column.notNull())
      .addColumn('body', types.json, (column) => column.notNull())
      .execute();
    await db.schema.createIndex('firing_held').on('firing').columns(['pipeline', 'decision']).execute();
    await db.schema
      .createTable('schedule')
      .addColumn('trigger', types.text, (column) => column.primaryKey())
      .addColumn('pipeline', types.text, (column) => column.notNull())
      .addColumn('cron', types.text, (column) => column.notNull())
      .addColumn('next_time', types.timestamp, (column) => column.notNull())
      .execute();
    await db.schema.createIndex('schedule_next_time').on('schedule').column('next_time').execute();
  },
});
