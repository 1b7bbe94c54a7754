import { createJobTable } from '@millrace/service';
import { columnTypes as types, defineMigrations } from '@millrace/store';

/** The tables of this service, beside that of its jobs. */
export interface TrainerTables {
  evaluation: { id: string; body: string };
}

export const migrations = defineMigrations({
  '0001-training': async (db) => {
    await createJobTable(db, 'training_job');
    await db.schema
      .createTable('evaluation')
      .addColumn('id', types.text, (column) => column.primaryKey())
      .addColumn('body', types.json, (column) => column.notNull())
      .execute();
  },
});
