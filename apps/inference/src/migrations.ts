import { columnTypes as types, defineMigrations } from '@millrace/store';

/** The tables of this service. */
export interface InferenceTables {
  endpoint: { endpoint: string; body: string; delete_time: Date | null };
  /** `body` is a PredictionsLogged, whose ids lie between the first and the last. */
  prediction_batch: { first_id: string; last_id: string; endpoint: string; predictions: number; body: Uint8Array };
  /** What one instance has counted of one version in a window. */
  endpoint_traffic: { endpoint: string; window_time: Date; model_version: string; instance: string; update_time: Date; body: string };
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
      .createTable('prediction_batch')
      .addColumn('first_id', types.text, (column) => column.primaryKey())
      .addColumn('last_id', types.text, (column) => column.notNull())
      .addColumn('endpoint', types.text, (column) => column.notNull())
      .addColumn('predictions', types.int32, (column) => column.notNull())
      .addColumn('body', types.bytes, (column) => column.notNull())
      .execute();
    await db.schema.createIndex('prediction_batch_endpoint').on('prediction_batch').columns(['endpoint', 'first_id', 'last_id']).execute();
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
  '0002-traffic': async (db) => {
    await db.schema
      .createTable('endpoint_traffic')
      .addColumn('endpoint', types.text, (column) => column.notNull())
      .addColumn('window_time', types.timestamp, (column) => column.notNull())
      .addColumn('model_version', types.text, (column) => column.notNull())
      .addColumn('instance', types.text, (column) => column.notNull())
      .addColumn('update_time', types.timestamp, (column) => column.notNull())
      .addColumn('body', types.json, (column) => column.notNull())
      .addPrimaryKeyConstraint('endpoint_traffic_pkey', ['endpoint', 'window_time', 'model_version', 'instance'])
      .execute();
    await db.schema.createIndex('endpoint_traffic_update').on('endpoint_traffic').columns(['endpoint', 'update_time']).execute();
  },
  '0003-deleted-endpoints': async (db) => {
    await db.schema.alterTable('endpoint').addColumn('delete_time', types.timestamp).execute();
  },
});
