export { addSequence, columnTypes, isSqlite } from './columns.js';
export { STORE_DOMAIN } from './errors.js';
export { defineMigrations, type MigrationDb, type Migrations } from './migrations.js';
export type { PostgresOptions } from './postgres-home.js';
export type { Relay, RelayOptions } from './relay.js';
export { sqliteError } from './sqlite-fault.js';
export { openDatabase } from './sqlite-file.js';
export { type Emit, expectOneRow, INBOX_DAYS, isUniqueViolation, openStore, type Store, type StoreOptions } from './store.js';
export { Moved, serveThread, SharedThread, Thread, type ThreadFault } from './thread.js';
