import { createJobTable } from '@millrace/service';
import { addSequence, columnTypes as types, defineMigrations } from '@millrace/store';
import { sql } from 'kysely';

export const migrations = defineMigrations({
  '0001-definitions': async (db) => {
    await db.schema
      .createTable('definition')
      .addColumn('kind', types.text, (column) => column.notNull())
      .addColumn('name', types.text, (column) => column.notNull())
      .addColumn('body', types.json, (column) => column.notNull())
      .addColumn('create_time', types.timestamp, (column) => column.notNull())
      .addColumn('revision', types.int32, (column) => column.notNull())
      .addPrimaryKeyConstraint('definition_pkey', ['kind', 'name'])
      .execute();
    await createJobTable(db, 'training_set');
    await createJobTable(db, 'materialization');
  },
  '0002-online': async (db) => {
    await db.schema
      .createTable('online_snapshot')
      .addColumn('view', types.text, (column) => column.primaryKey())
      .addColumn('through', types.int64, (column) => column.notNull())
      .addColumn('body', types.json, (column) => column.notNull())
      .execute();
    await addSequence(db.schema.createTable('online_delta'), db, 'sequence')
      .addColumn('view', types.text, (column) => column.notNull())
      .addColumn('request_id', types.text, (column) => column.notNull())
      .addColumn('body', types.json, (column) => column.notNull())
      .execute();
    await db.schema.createIndex('online_delta_request').on('online_delta').columns(['view', 'request_id']).unique().execute();
    await db.schema.createIndex('online_delta_view').on('online_delta').columns(['view', 'sequence']).execute();
  },
  // What was kept before cannot say which rows it was made of: views are materialised again.
  '0003-pushed-tables': async (db) => {
    await db.schema.dropTable('online_delta').execute();
    await db.schema.dropTable('online_snapshot').execute();
    await db.schema
      .createTable('online_state')
      .addColumn('view', types.text, (column) => column.primaryKey())
      .addColumn('meaning', types.text, (column) => column.notNull())
      .addColumn('schema', types.json, (column) => column.notNull())
      .addColumn('through', types.int64, (column) => column.notNull())
      .addColumn('forgotten', types.int64)
      .addColumn('body', types.json, (column) => column.notNull())
      .execute();
    await addSequence(db.schema.createTable('online_push'), db, 'sequence')
      .addColumn('view', types.text, (column) => column.notNull())
      .addColumn('request_id', types.text, (column) => column.notNull())
      .addColumn('known_through', types.int64, (column) => column.notNull())
      .addColumn('body', types.bytes, (column) => column.notNull())
      .execute();
    await db.schema.createIndex('online_push_request').on('online_push').columns(['view', 'request_id']).unique().execute();
    await db.schema.createIndex('online_push_view').on('online_push').columns(['view', 'sequence']).execute();
  },
  // What makes the values of a view in Redis again, should they be lost.
  '0004-online-fillings': async (db) => {
    await db.schema
      .createTable('online_filling')
      .addColumn('view', types.text, (column) => column.primaryKey())
      .addColumn('number', types.int64, (column) => column.notNull())
      .addColumn('meaning', types.text, (column) => column.notNull())
      .addColumn('schema', types.json, (column) => column.notNull())
      .addColumn('base', types.text)
      .addColumn('known_before', types.int64, (column) => column.notNull())
      .addColumn('through', types.int64, (column) => column.notNull())
      .addColumn('forgotten', types.int64)
      .addColumn('forgotten_through', types.int64, (column) => column.notNull())
      .execute();
  },
  // What a view is when this begins is its first version.
  '0005-view-versions': async (db) => {
    await db.schema
      .createTable('view_version')
      .addColumn('view', types.text, (column) => column.notNull())
      .addColumn('version', types.int32, (column) => column.notNull())
      .addColumn('body', types.json, (column) => column.notNull())
      .addColumn('create_time', types.timestamp, (column) => column.notNull())
      .addPrimaryKeyConstraint('view_version_pkey', ['view', 'version'])
      .execute();
    await sql`insert into view_version (view, version, body, create_time) select name, 1, body, create_time from definition where kind = 'view'`.execute(db);
  },
  '0006-endpoint-uses': async (db) => {
    await db.schema
      .createTable('endpoint_use')
      .addColumn('endpoint', types.text, (column) => column.primaryKey())
      .addColumn('service', types.text, (column) => column.notNull())
      .addColumn('revision', types.int64, (column) => column.notNull())
      .execute();
    await db.schema.createIndex('endpoint_use_service').on('endpoint_use').column('service').execute();
  },
});
