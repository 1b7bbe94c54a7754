import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import { isUniqueCode } from './sqlite-fault.js';

/** How long a writer waits for a lock of another process, in ms. */
export const BUSY_TIMEOUT_MS = 2_000;
/** Prepared statements kept per connection. */
const MAX_STATEMENTS = 256;

/** What a database connection is opened for. */
export interface DatabaseOptions {
  /** True keeps the file locked for this connection alone: a second process is refused at once. */
  readonly exclusive?: boolean;
  readonly readOnly?: boolean;
}

/** Opens one SQLite connection as this product wants it: WAL, synchronous=FULL (every commit is fsynced), foreign keys on. */
export function openDatabase(file: string, { exclusive = false, readOnly = false }: DatabaseOptions = {}): DatabaseSync {
  const database = new DatabaseSync(file, { readOnly, timeout: exclusive ? 0 : BUSY_TIMEOUT_MS });
  try {
    if (exclusive) database.exec('pragma locking_mode = exclusive');
    if (!readOnly) database.exec('pragma auto_vacuum = incremental; pragma journal_mode = wal; pragma synchronous = full');
    database.exec('pragma foreign_keys = on; pragma temp_store = memory; pragma cache_size = -8000');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** What one statement gave: rows as arrays in the order of `columns`. */
export interface StatementResult {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  readonly changes: bigint;
  readonly insertId: bigint;
}

/** How a column's declared type is read, so that both dialects give the same JavaScript values. */
type Reading = 'int64' | 'boolean' | 'time' | 'plain';

interface Prepared {
  readonly statement: StatementSync;
  readonly columns: readonly string[];
  readonly readings: readonly Reading[];
}

/** One connection with its prepared statements. */
export class SqliteConnection {
  readonly #statements = new Map<string, Prepared>();

  constructor(readonly database: DatabaseSync) {}

  /** Runs one statement; integers keep every bit. */
  run(sql: string, parameters: readonly unknown[]): StatementResult {
    try {
      const { statement, columns, readings } = this.#prepare(sql);
      if (columns.length > 0) {
        const rows = statement.all(...parameters.map(bind)) as unknown as SQLOutputValue[][];
        return { columns, rows: rows.map((row) => row.map((value, index) => read(value, readings[index] ?? 'plain'))), changes: BigInt(rows.length), insertId: 0n };
      }
      const { changes, lastInsertRowid } = statement.run(...parameters.map(bind));
      if (/^\s*(?:create|alter|drop)\b/i.test(sql)) this.#statements.clear();
      return { columns: [], rows: [], changes: BigInt(changes), insertId: BigInt(lastInsertRowid) };
    } catch (error) {
      throw this.#explain(error);
    }
  }

  /** Reads a query bit by bit; the iterator must be ended. */
  *iterate(sql: string, parameters: readonly unknown[]): Generator<readonly unknown[], void> {
    const { statement, readings } = prepare(this.database, sql);
    for (const row of statement.iterate(...parameters.map(bind)) as Iterable<unknown> as Iterable<SQLOutputValue[]>) {
      yield row.map((value, index) => read(value, readings[index] ?? 'plain'));
    }
  }

  columnsOf(sql: string): readonly string[] {
    return this.#prepare(sql).columns;
  }

  /** Ends a transaction if one is open: SQLite has already ended it itself after a full disk. */
  rollback(): void {
    if (this.database.isTransaction) this.database.exec('rollback');
  }

  close(): void {
    this.#statements.clear();
    this.database.close();
  }

  #prepare(sql: string): Prepared {
    const known = this.#statements.get(sql);
    if (known) return known;
    const prepared = prepare(this.database, sql);
    if (this.#statements.size >= MAX_STATEMENTS) {
      const oldest = this.#statements.keys().next();
      if (!oldest.done) this.#statements.delete(oldest.value);
    }
    this.#statements.set(sql, prepared);
    return prepared;
  }

  /** Names the index behind "UNIQUE constraint failed: t.a, t.b", as PostgreSQL does by itself. */
  #explain(error: unknown): unknown {
    const { errcode, message } = error as { errcode?: number; message?: string };
    if (errcode === undefined || message === undefined || !isUniqueCode(errcode)) return error;
    const places = message.replace(/^[^:]*: /, '').split(', ');
    const named = /^index '(.*)'$/.exec(places[0] ?? '');
    const table = named ? '' : (places[0]?.split('.')[0] ?? '');
    const columns = named ? [] : places.map((place) => place.slice(table.length + 1));
    const detail = { table, columns: columns.join(', '), constraint: named?.[1] ?? this.#indexOf(table, columns) };
    return Object.assign(error as Error, { detail });
  }

  #indexOf(table: string, columns: readonly string[]): string {
    const indexes = this.database.prepare('select name, origin from pragma_index_list(?) where "unique" = 1').all(table) as { name: string; origin: string }[];
    for (const { name, origin } of indexes) {
      const parts = this.database.prepare('select name from pragma_index_info(?) order by seqno').all(name) as { name: string }[];
      if (parts.map((part) => part.name).join() === columns.join()) return origin === 'pk' ? `${table}_pkey` : name;
    }
    return `${table}_pkey`;
  }
}

function prepare(database: DatabaseSync, sql: string): Prepared {
  const statement = database.prepare(sql);
  statement.setReadBigInts(true);
  statement.setReturnArrays(true);
  const columns = statement.columns();
  return { statement, columns: columns.map((column) => column.name), readings: columns.map((column) => readingOf(column.type)) };
}

function readingOf(declared: string | null): Reading {
  switch (declared?.toLowerCase()) {
    case 'bigint':
    case 'bigserial':
      return 'int64';
    case 'boolean':
      return 'boolean';
    case 'timestamptz':
      return 'time';
    default:
      return 'plain';
  }
}

function read(value: SQLOutputValue, reading: Reading): unknown {
  if (typeof value === 'bigint') {
    if (reading === 'int64') return value;
    if (reading === 'boolean') return value !== 0n;
    return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
  }
  return reading === 'time' && typeof value === 'string' ? new Date(value) : value;
}

/** Whole numbers travel as integers, so that `?` means the same in an expression as in PostgreSQL. */
function bind(value: unknown): SQLInputValue {
  if (value === undefined || value === null) return null;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'number' && Number.isSafeInteger(value) && !Object.is(value, -0)) return BigInt(value);
  return value as SQLInputValue;
}
