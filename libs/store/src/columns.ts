import { type ColumnDefinitionBuilder, type CreateTableBuilder, type Kysely, SqliteAdapter } from 'kysely';

/**
 * Column types that SQLite and PostgreSQL both take and that read back as the same JavaScript values:
 * text string; json string (write it by canonicalJson); int32 number; int64 bigint; float64 number; boolean boolean; timestamp Date; bytes Uint8Array.
 * An expression (`max(x)`, `count(*)`) has no declared type in SQLite: integers come as number (bigint beyond 2^53), times as ISO text.
 */
export const columnTypes = {
  text: 'text',
  json: 'text',
  int32: 'integer',
  int64: 'bigint',
  float64: 'double precision',
  boolean: 'boolean',
  timestamp: 'timestamptz',
  bytes: 'bytea',
} as const;

/** Adds a primary key that counts upwards and never gives a number twice. */
export function addSequence<Table extends string, Columns extends string, Name extends string>(
  builder: CreateTableBuilder<Table, Columns>,
  db: Pick<Kysely<unknown>, 'getExecutor'>,
  name: Name,
): CreateTableBuilder<Table, Columns | Name> {
  const sqlite = isSqlite(db);
  const define = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder =>
    sqlite ? column.primaryKey().autoIncrement() : column.primaryKey().generatedAlwaysAsIdentity();
  return builder.addColumn(name, sqlite ? 'integer' : 'bigint', define);
}

/** Whether a database speaks SQLite's dialect; needed only where the two cannot be written alike. */
export const isSqlite = (db: Pick<Kysely<unknown>, 'getExecutor'>): boolean => db.getExecutor().adapter instanceof SqliteAdapter;
