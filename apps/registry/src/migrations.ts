import { parseCanonicalJson } from '@millrace/core';
import { columnTypes as types, defineMigrations, isSqlite, type MigrationDb } from '@millrace/store';
import { type Kysely, sql } from 'kysely';
import type { Run } from './experiment.js';
import { putValues } from './run-value.rows.js';
import { valuesOf } from './run-value.js';

/** The tables of this service; bodies are JSON of the nouns. */
export interface RegistryTables {
  experiment: { experiment: string; body: string };
  run: { run: string; experiment: string; state: string; request_id: string | null; body: string };
  /** What the runs of an experiment have values of. */
  run_column: { column_id: string; experiment: string; kind: string; key: string };
  /** Everything that runs are found and sorted by, by column: one column lies together. */
  run_value: { column_id: string; run: string; place: Uint8Array };
  metric_point: { run: string; key: string; step: number; seq: number; value: number | null; time: number };
  run_log: { run: string; request_id: string };
  model: { model: string; revision: number; body: string };
  model_version: { model: string; version: number; revision: number; request_id: string | null; body: string };
  alias: { model: string; alias: string; revision: number; version: number; body: string };
}

export const migrations = defineMigrations({
  '0001-registry': async (db) => {
    await db.schema
      .createTable('experiment')
      .addColumn('experiment', types.text, (column) => column.primaryKey())
      .addColumn('body', types.json, (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('run')
      .addColumn('run', types.text, (column) => column.primaryKey())
      .addColumn('experiment', types.text, (column) => column.notNull())
      .addColumn('state', types.text, (column) => column.notNull())
      .addColumn('request_id', types.text)
      .addColumn('body', types.json, (column) => column.notNull())
      .execute();
    await db.schema.createIndex('run_experiment').on('run').columns(['experiment', 'run']).execute();
    await db.schema.createIndex('run_request').on('run').columns(['experiment', 'request_id']).unique().execute();
    await metricPoints(db).execute();
    await db.schema
      .createTable('run_log')
      .addColumn('run', types.text, (column) => column.notNull())
      .addColumn('request_id', types.text, (column) => column.notNull())
      .addPrimaryKeyConstraint('run_log_pkey', ['run', 'request_id'])
      .execute();
    await db.schema
      .createTable('model')
      .addColumn('model', types.text, (column) => column.primaryKey())
      .addColumn('revision', types.int32, (column) => column.notNull())
      .addColumn('body', types.json, (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('model_version')
      .addColumn('model', types.text, (column) => column.notNull())
      .addColumn('version', types.int32, (column) => column.notNull())
      .addColumn('revision', types.int32, (column) => column.notNull())
      .addColumn('request_id', types.text)
      .addColumn('body', types.json, (column) => column.notNull())
      .addPrimaryKeyConstraint('model_version_pkey', ['model', 'version'])
      .execute();
    await db.schema.createIndex('model_version_request').on('model_version').columns(['model', 'request_id']).unique().execute();
    await db.schema
      .createTable('alias')
      .addColumn('model', types.text, (column) => column.notNull())
      .addColumn('alias', types.text, (column) => column.notNull())
      .addColumn('revision', types.int32, (column) => column.notNull())
      .addColumn('version', types.int32, (column) => column.notNull())
      .addColumn('body', types.json, (column) => column.notNull())
      .addPrimaryKeyConstraint('alias_pkey', ['model', 'alias'])
      .execute();
  },
  '0002-points-in-order': async (db) => {
    await db.schema.createIndex('metric_point_order').on('metric_point').columns(['run', 'seq']).execute();
  },
  '0003-run-values': async (db) => {
    await db.schema
      .createTable('run_column')
      .addColumn('column_id', types.text, (column) => column.primaryKey())
      .addColumn('experiment', types.text, (column) => column.notNull())
      .addColumn('kind', types.text, (column) => column.notNull())
      .addColumn('key', types.text, (column) => column.notNull())
      .execute();
    await db.schema.createIndex('run_column_experiment').on('run_column').columns(['experiment', 'kind', 'key']).execute();
    const values = db.schema
      .createTable('run_value')
      .addColumn('column_id', types.text, (column) => column.notNull())
      .addColumn('run', types.text, (column) => column.notNull())
      .addColumn('place', types.bytes, (column) => column.notNull());
    // The key alone tells all: SQLite keeps the rows in it and nothing beside it, PostgreSQL the places with it.
    if (isSqlite(db)) await values.addPrimaryKeyConstraint('run_value_pkey', ['column_id', 'run']).modifyEnd(sql`without rowid`).execute();
    else {
      await values.execute();
      await sql`alter table run_value add constraint run_value_pkey primary key (column_id, run) include (place)`.execute(db);
    }
    await placeRuns(db);
  },
  '0004-points-in-their-key': async (db) => {
    // A curve is read in the order of the key: in SQLite each value would lie elsewhere, and be looked up. PostgreSQL gains nothing by it.
    if (isSqlite(db)) await putPointsInKey(db);
  },
});

/** The table as migrations 1 and 4 make it: a later one that wants another says so itself. */
const metricPoints = (db: MigrationDb) =>
  db.schema
    .createTable('metric_point')
    .addColumn('run', types.text, (column) => column.notNull())
    .addColumn('key', types.text, (column) => column.notNull())
    .addColumn('step', types.float64, (column) => column.notNull())
    .addColumn('seq', types.float64, (column) => column.notNull())
    // NULL is NaN, which SQLite does not have.
    .addColumn('value', types.float64)
    .addColumn('time', types.float64, (column) => column.notNull())
    .addPrimaryKeyConstraint('metric_point_pkey', ['run', 'key', 'step', 'seq']);

async function putPointsInKey(db: MigrationDb): Promise<void> {
  await db.schema.alterTable('metric_point').renameTo('metric_point_beside').execute();
  await metricPoints(db).modifyEnd(sql`without rowid`).execute();
  await sql`insert into metric_point (run, key, step, seq, value, time) select run, key, step, seq, value, time from metric_point_beside order by run, key, step, seq`.execute(db);
  await db.schema.dropTable('metric_point_beside').execute();
  await db.schema.createIndex('metric_point_order').on('metric_point').columns(['run', 'seq']).unique().execute();
}

const RUNS_AT_ONCE = 100;

/** Gives the runs that are there the places of their values. */
async function placeRuns(db: MigrationDb): Promise<void> {
  const tables = db as unknown as Kysely<RegistryTables>;
  for (let last = '', more = true; more; ) {
    const rows = await tables.selectFrom('run').select(['run', 'body']).where('run', '>', last).orderBy('run').limit(RUNS_AT_ONCE).execute();
    for (const { body } of rows) {
      const run = parseCanonicalJson(body) as Run;
      await putValues(tables, run, { put: valuesOf(run), taken: [] });
    }
    last = rows.at(-1)?.run ?? last;
    more = rows.length === RUNS_AT_ONCE;
  }
}
