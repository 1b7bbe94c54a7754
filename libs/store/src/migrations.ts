import { type Kysely, sql } from 'kysely';
import { AppError } from '@millrace/core';
import { columnTypes, isSqlite } from './columns.js';
import { errors } from './errors.js';

/** What a migration may do: any schema change, and rows of any table. */
export type MigrationDb = Kysely<Record<string, Record<string, unknown>>>;

/**
 * Steps forward by name, in order of the names; see defineMigrations.
 * A step expands: the code of the former release goes on over it (a new table, a new column that may be empty). What that code still reads or writes
 * is taken away one release later, by a step whose name begins with `contract-`.
 */
export type Migrations = Readonly<Record<string, (db: MigrationDb) => Promise<void>>>;

const CONTRACT = /^\d{4}-contract-/;
const NAME = /^\d{4}-[a-z0-9-]+$/;
const LOCK_KEY = 7_402_331;

/** Declares the migrations of a store: names are a four-digit number and what changes (`0001-models`, `0004-contract-models`); a released one is never edited. */
export function defineMigrations(migrations: Migrations): Migrations {
  const bad = Object.keys(migrations).find((name) => !NAME.test(name));
  if (bad !== undefined) throw new TypeError(`Migration "${bad}" is not named like 0001-models.`);
  return Object.freeze({ ...migrations });
}

interface MigrationRow {
  name: string;
  time: Date;
}

/**
 * Brings a database up to `migrations` in one transaction: either all missing ones are applied or none.
 * A database that a newer release has expanded is used as it is, so that instances of two releases can work side by side, and a release can be taken back.
 * Throws STORE_NEWER where it was contracted, STORE_MIGRATION_ORDER or STORE_MIGRATION_FAILED.
 */
export async function migrate(db: Kysely<Record<string, Record<string, unknown>>>, migrations: Migrations, file: string): Promise<void> {
  const wanted = Object.keys(migrations).sort();
  await db.transaction().execute(async (tx) => {
    if (!isSqlite(tx)) await sql`select pg_advisory_xact_lock(${sql.lit(LOCK_KEY)})`.execute(tx);
    await tx.schema.createTable('millrace_migration').ifNotExists().addColumn('name', columnTypes.text, (column) => column.primaryKey()).addColumn('time', columnTypes.timestamp, (column) => column.notNull()).execute();
    const table = tx as unknown as Kysely<{ millrace_migration: MigrationRow }>;
    const applied = (await table.selectFrom('millrace_migration').select('name').orderBy('name').execute()).map((row) => row.name);
    const unknown = applied.filter((name) => !(name in migrations));
    if (unknown.some((name) => CONTRACT.test(name))) throw errors.STORE_NEWER({ file, names: unknown.join(', ') });
    const newest = applied.at(-1);
    for (const name of wanted.filter((each) => !applied.includes(each))) {
      if (newest !== undefined && name < newest) throw errors.STORE_MIGRATION_ORDER({ name, applied: newest, file });
      await apply(tx, name, migrations, file);
      await table.insertInto('millrace_migration').values({ name, time: new Date() }).execute();
    }
  });
}

async function apply(tx: MigrationDb, name: string, migrations: Migrations, file: string): Promise<void> {
  try {
    await migrations[name]?.(tx);
  } catch (cause) {
    if (cause instanceof AppError && cause.code === 'RESOURCE_EXHAUSTED') throw cause;
    throw errors.STORE_MIGRATION_FAILED({ name, file, detail: cause instanceof AppError && cause.cause instanceof Error ? cause.cause.message : String(cause) }, { cause });
  }
}
