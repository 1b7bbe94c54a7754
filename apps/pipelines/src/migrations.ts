import { createJobTable } from '@millrace/service';
import { columnTypes as types, defineMigrations } from '@millrace/store';

/** The tables of this service, beside that of its runs. */
export interface PipelinesTables {
  pipeline: { pipeline: string; revision: number; body: string; delete_time: Date | null };
  pipeline_version: { pipeline: string; version: number; body: string };
  step_cache: { pipeline: string; cache_key: string; outputs: string };
  firing: { id: string; trigger: string; pipeline: string; decision: string; body: string };
  step_log: { run: string; position: bigint; step: string; time: Date; text: string };
  step_log_head: { run: string; time: Date; body: string };
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
  '0002-step-logs': async (db) => {
    await db.schema
      .createTable('step_log')
      .addColumn('run', types.text, (column) => column.notNull())
      .addColumn('position', types.int64, (column) => column.notNull())
      .addColumn('step', types.text, (column) => column.notNull())
      .addColumn('time', types.timestamp, (column) => column.notNull())
      .addColumn('text', types.text, (column) => column.notNull())
      .addPrimaryKeyConstraint('step_log_pkey', ['run', 'position'])
      .execute();
    await db.schema.createIndex('step_log_step').on('step_log').columns(['run', 'step', 'position']).execute();
    await db.schema
      .createTable('step_log_head')
      .addColumn('run', types.text, (column) => column.primaryKey())
      .addColumn('time', types.timestamp, (column) => column.notNull())
      .addColumn('body', types.json, (column) => column.notNull())
      .execute();
    await db.schema.createIndex('step_log_head_time').on('step_log_head').column('time').execute();
  },
  '0003-deleted-pipelines': async (db) => {
    await db.schema.alterTable('pipeline').addColumn('delete_time', types.timestamp).execute();
  },
});
