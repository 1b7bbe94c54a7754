import { columnTypes as types, defineMigrations } from '@millrace/store';

/** The tables of this service. Times are milliseconds since 1970. */
export interface MonitorTables {
  monitor: { monitor: string; endpoint: string; revision: number; body: string };
  observed: { id: string; endpoint: string; model_version: string; event_time: number; score: number };
  waiting_label: { id: string; endpoint: string; value: number; known_time: number | null };
  report_window: { report: string; monitor: string; start: number; state: string; body: string };
  alert: { alert: string; monitor: string; endpoint: string; kind: string; state: string; body: string };
}

export const migrations = defineMigrations({
  '0001-monitors': async (db) => {
    await db.schema
      .createTable('monitor')
      .addColumn('monitor', types.text, (column) => column.primaryKey())
      .addColumn('endpoint', types.text, (column) => column.notNull())
      .addColumn('revision', types.int32, (column) => column.notNull())
      .addColumn('body', types.json, (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('observed')
      .addColumn('id', types.text, (column) => column.primaryKey())
      .addColumn('endpoint', types.text, (column) => column.notNull())
      .addColumn('model_version', types.text, (column) => column.notNull())
      .addColumn('event_time', types.float64, (column) => column.notNull())
      .addColumn('score', types.float64, (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('waiting_label')
      .addColumn('id', types.text, (column) => column.primaryKey())
      .addColumn('endpoint', types.text, (column) => column.notNull())
      .addColumn('value', types.float64, (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('report_window')
      .addColumn('report', types.text, (column) => column.primaryKey())
      .addColumn('monitor', types.text, (column) => column.notNull())
      .addColumn('start', types.float64, (column) => column.notNull())
      .addColumn('state', types.text, (column) => column.notNull())
      .addColumn('body', types.json, (column) => column.notNull())
      .execute();
    await db.schema.createIndex('report_window_start').on('report_window').columns(['monitor', 'start']).unique().execute();
    await db.schema
      .createTable('alert')
      .addColumn('alert', types.text, (column) => column.primaryKey())
      .addColumn('monitor', types.text, (column) => column.notNull())
      .addColumn('endpoint', types.text, (column) => column.notNull())
      .addColumn('kind', types.text, (column) => column.notNull())
      .addColumn('state', types.text, (column) => column.notNull())
      .addColumn('body', types.json, (column) => column.notNull())
      .execute();
    await db.schema.createIndex('alert_open').on('alert').columns(['monitor', 'kind', 'state']).execute();
  },
  '0002-label-delays': async (db) => {
    await db.schema.alterTable('waiting_label').addColumn('known_time', types.float64).execute();
  },
});
