import { columnTypes as types, defineMigrations } from '@millrace/store';

/** The tables of this service. */
export interface InferenceTables {
  endpoint: { endpoint: string; body: string };
  /** `record` is a PredictionRecord: JSON would lose what is no plain number. */
  logged_prediction: { id: string; endpoint: string; record: Uint8Array; inputs: string };
  endpoint_label: { endpoint: string; prediction_id: string; value: number; known_time: Date };
}

export const migrations = defineMigrations({
  '0001-endpoints': async (db) => {
    await db.schema
      .createTable('endpoint')
      .addColumn('endpoint', types.text, (column) => column.primaryKey())
      .addColumn('body', types.json, (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('logged_prediction')
      .addColumn('id', types.text, (column) => column.primaryKey())
      .addColumn('endpoint', types.text, (column) => column.notNull())
      .addColumn('record', types.bytes, (column) => column.notNull())
      .addColumn('inputs', types.json, (column) => column.notNull())
      .execute();
    // A label belongs to a prediction of its endpoint: one that was sent to another endpoint must not keep it out.
    await db.schema
      .createTable('endpoint_label')
      .addColumn('endpoint', types.text, (column) => column.notNull())
      .addColumn('prediction_id', types.text, (column) => column.notNull())
      .addColumn('value', types.float64, (column) => column.notNull())
      .addColumn('known_time', types.timestamp, (column) => column.notNull())
      .addPrimaryKeyConstraint('endpoint_label_pkey', ['endpoint', 'prediction_id'])
      .execute();
  },
});
