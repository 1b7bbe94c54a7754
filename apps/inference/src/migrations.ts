import { columnTypes as types, defineMigrations } from '@millrace/store';

/** The tables of this service. */
export interface InferenceTables {
  endpoint: { endpoint: string; body: string };
  prediction: { id: string; endpoint: string; body: string };
  label: { prediction_id: string; endpoint: string; value: number; known_time: Date };
}

export const migrations = defineMigrations({
  '0001-endpoints': async (db) => {
    await db.schema
      .createTable('endpoint')
      .addColumn('endpoint', types.text, (column) => column.primaryKey())
      .addColumn('body', types.json, (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('prediction')
      .addColumn('id', types.text, (column) => column.primaryKey())
      .addColumn('endpoint', types.text, (column) => column.notNull())
      .addColumn('body', types.json, (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('label')
      .addColumn('prediction_id', types.text, (column) => column.primaryKey())
      .addColumn('endpoint', types.text, (column) => column.notNull())
      .addColumn('value', types.float64, (column) => column.notNull())
      .addColumn('known_time', types.timestamp, (column) => column.notNull())
      .execute();
  },
});
