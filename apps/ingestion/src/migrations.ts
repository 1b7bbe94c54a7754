import { createJobTable } from '@millrace/service';
import { sql } from 'kysely';
import { columnTypes as types, defineMigrations } from '@millrace/store';

export const migrations = defineMigrations({
  '0001-datasets': async (db) => {
    await db.schema
      .createTable('dataset')
      .addColumn('dataset', types.text, (column) => column.primaryKey())
      .addColumn('description', types.text, (column) => column.notNull())
      .addColumn('latest_version', types.int32, (column) => column.notNull())
      .addColumn('create_time', types.timestamp, (column) => column.notNull())
      .addColumn('revision', types.int32, (column) => column.notNull())
      .addColumn('request_id', types.text)
      .execute();
    await db.schema.createIndex('dataset_request').on('dataset').column('request_id').unique().execute();
    await db.schema
      .createTable('dataset_version')
      .addColumn('dataset', types.text, (column) => column.notNull().references('dataset.dataset'))
      .addColumn('version', types.int32, (column) => column.notNull())
      .addColumn('digest', types.text, (column) => column.notNull())
      .addColumn('body', types.json, (column) => column.notNull())
      .addColumn('create_time', types.timestamp, (column) => column.notNull())
      .addPrimaryKeyConstraint('dataset_version_pkey', ['dataset', 'version'])
      .execute();
    await createJobTable(db, 'ingestion_run');
  },
  '0002-source-cursors': async (db) => {
    await db.schema
      .createTable('source_cursor')
      .addColumn('dataset', types.text, (column) => column.notNull().references('dataset.dataset'))
      .addColumn('source', types.text, (column) => column.notNull())
      .addColumn('body', types.json, (column) => column.notNull())
      .addPrimaryKeyConstraint('source_cursor_pkey', ['dataset', 'source'])
      .execute();
  },
  '0003-pushes': async (db) => {
    await db.schema
      .createTable('push')
      .addColumn('dataset', types.text, (column) => column.notNull().references('dataset.dataset'))
      .addColumn('sequence', types.int32, (column) => column.notNull())
      .addColumn('push_key', types.text, (column) => column.notNull())
      .addColumn('digest', types.text, (column) => column.notNull())
      .addColumn('rows', types.int32, (column) => column.notNull())
      .addColumn('bytes', types.int32, (column) => column.notNull())
      .addColumn('body', types.text, (column) => column.notNull())
      .addColumn('create_time', types.timestamp, (column) => column.notNull())
      .addPrimaryKeyConstraint('push_pkey', ['dataset', 'sequence'])
      .execute();
    await db.schema.createIndex('push_key').on('push').columns(['dataset', 'push_key']).unique().execute();
    await sql`create index push_waiting on push (dataset, sequence) where bytes > 0`.execute(db);
  },
});
