import {
  CompiledQuery,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type Kysely,
  type QueryCompiler,
  type QueryResult,
  SelectQueryNode,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { Mutex } from './mutex.js';
import type { StatementResult } from './sqlite-file.js';
import { SqliteHandle } from './sqlite-thread.js';
import type { TransactionScope } from './transaction-scope.js';

/**
 * Kysely's dialect for a SQLite file that lives in the store thread.
 * Transactions are `begin immediate` and never interleave; selects outside of them run on a second connection and see the last commit.
 */
export class SqliteThreadDialect implements Dialect {
  constructor(
    private readonly file: string,
    private readonly scope: TransactionScope,
  ) {}

  createDriver(): Driver {
    return new SqliteThreadDriver(this.file, this.scope);
  }

  createQueryCompiler(): QueryCompiler {
    return new SqliteQueryCompiler();
  }

  createAdapter(): DialectAdapter {
    return new TransactionalDdlAdapter();
  }

  createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    return new SqliteIntrospector(db);
  }
}

/** SQLite can undo CREATE and ALTER; Kysely's own adapter plays safe. */
class TransactionalDdlAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class SqliteThreadDriver implements Driver {
  readonly #handle: SqliteHandle;
  readonly #writer = new Mutex();

  constructor(
    file: string,
    private readonly scope: TransactionScope,
  ) {
    this.#handle = new SqliteHandle(file);
  }

  init(): Promise<void> {
    return this.#handle.open();
  }

  async acquireConnection(): Promise<SqliteThreadConnection> {
    return new SqliteThreadConnection(this.#handle, this.#writer, this.scope);
  }

  async beginTransaction(connection: SqliteThreadConnection): Promise<void> {
    await connection.begin();
  }

  async commitTransaction(connection: SqliteThreadConnection): Promise<void> {
    await connection.commit();
  }

  async rollbackTransaction(connection: SqliteThreadConnection): Promise<void> {
    await connection.rollback();
  }

  async savepoint(connection: SqliteThreadConnection, name: string): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw(`savepoint "${name}"`));
  }

  async rollbackToSavepoint(connection: SqliteThreadConnection, name: string): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw(`rollback to "${name}"`));
  }

  async releaseSavepoint(connection: SqliteThreadConnection, name: string): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw(`release "${name}"`));
  }

  async releaseConnection(connection: SqliteThreadConnection): Promise<void> {
    await connection.rollback();
  }

  /** Waits for the transaction under way. */
  async destroy(): Promise<void> {
    await this.#writer.lock();
    await this.#handle.close().finally(() => this.#writer.unlock());
  }
}

/** Takes the writer for a whole transaction, or for one statement; plain selects need no turn. */
class SqliteThreadConnection implements DatabaseConnection {
  #holds = false;

  constructor(
    private readonly handle: SqliteHandle,
    private readonly writer: Mutex,
    private readonly scope: TransactionScope,
  ) {}

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (this.#holds) return toQueryResult<R>(await this.handle.run('write', query.sql, query.parameters));
    this.scope.refuseInside();
    return this.#onLane(query, async (lane) => toQueryResult<R>(await this.handle.run(lane, query.sql, query.parameters)));
  }

  async *streamQuery<R>(query: CompiledQuery, chunkSize = 100): AsyncIterableIterator<QueryResult<R>> {
    if (!this.#holds) this.scope.refuseInside();
    const lane = this.#holds ? 'write' : this.#laneOf(query);
    const waits = lane === 'write' && !this.#holds;
    if (waits) await this.writer.lock();
    try {
      for await (const { columns, rows } of this.handle.stream(lane, query.sql, query.parameters, chunkSize)) yield { rows: rows.map((row) => toObject<R>(columns, row)) };
    } finally {
      if (waits) this.writer.unlock();
    }
  }

  async begin(): Promise<void> {
    this.scope.refuseInside();
    await this.writer.lock();
    try {
      await this.handle.run('write', 'begin immediate', []);
      this.#holds = true;
    } catch (error) {
      this.writer.unlock();
      throw error;
    }
  }

  /** Keeps its turn when it fails: the rollback that follows gives it back. */
  async commit(): Promise<void> {
    await this.handle.run('write', 'commit', []);
    this.#release();
  }

  async rollback(): Promise<void> {
    if (!this.#holds) return;
    try {
      await this.handle.rollback();
    } finally {
      this.#release();
    }
  }

  async #onLane<T>(query: CompiledQuery, use: (lane: 'write' | 'read') => Promise<T>): Promise<T> {
    const lane = this.#laneOf(query);
    if (lane === 'read') return use(lane);
    await this.writer.lock();
    try {
      return await use(lane);
    } finally {
      this.writer.unlock();
    }
  }

  #laneOf(query: CompiledQuery): 'write' | 'read' {
    return SelectQueryNode.is(query.query) && this.handle.path !== ':memory:' ? 'read' : 'write';
  }

  #release(): void {
    if (!this.#holds) return;
    this.#holds = false;
    this.writer.unlock();
  }
}

function toQueryResult<R>({ columns, rows, changes, insertId }: StatementResult): QueryResult<R> {
  return { rows: rows.map((row) => toObject<R>(columns, row)), numAffectedRows: changes, insertId };
}

function toObject<R>(columns: readonly string[], row: readonly unknown[]): R {
  const object: Record<string, unknown> = {};
  for (let index = 0; index < columns.length; index++) object[columns[index] ?? ''] = row[index];
  return object as R;
}
