import { type CompiledQuery, type DatabaseConnection, type Driver, PostgresDialect, type QueryResult, type TransactionSettings } from 'kysely';
import { postgresError } from './postgres-fault.js';
import type { TransactionScope } from './transaction-scope.js';

/** Kysely's own dialect whose faults are errors of this library, and which refuses a second way into a transaction as the SQLite one does. */
export class PostgresStoreDialect extends PostgresDialect {
  constructor(
    private readonly store: string,
    private readonly scope: TransactionScope,
    config: ConstructorParameters<typeof PostgresDialect>[0],
  ) {
    super(config);
  }

  override createDriver(): Driver {
    return new ExplainingDriver(super.createDriver(), this.store, this.scope);
  }
}

class ExplainingDriver implements Driver {
  readonly #connections = new WeakMap<DatabaseConnection, DatabaseConnection>();

  constructor(
    private readonly inner: Driver,
    private readonly store: string,
    private readonly scope: TransactionScope,
  ) {}

  init(): Promise<void> {
    return this.inner.init();
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    this.scope.refuseInside();
    const inner = await this.#explained(() => this.inner.acquireConnection());
    const connection = new ExplainingConnection(inner, this.store);
    this.#connections.set(connection, inner);
    return connection;
  }

  beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    return this.#explained(() => this.inner.beginTransaction(this.#inner(connection), settings));
  }

  commitTransaction(connection: DatabaseConnection): Promise<void> {
    return this.#explained(() => this.inner.commitTransaction(this.#inner(connection)));
  }

  rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    return this.#explained(() => this.inner.rollbackTransaction(this.#inner(connection)));
  }

  releaseConnection(connection: DatabaseConnection): Promise<void> {
    return this.inner.releaseConnection(this.#inner(connection));
  }

  destroy(): Promise<void> {
    return this.inner.destroy();
  }

  #inner(connection: DatabaseConnection): DatabaseConnection {
    return this.#connections.get(connection) ?? connection;
  }

  async #explained<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw postgresError(this.store, error);
    }
  }
}

class ExplainingConnection implements DatabaseConnection {
  constructor(
    private readonly inner: DatabaseConnection,
    private readonly store: string,
  ) {}

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    try {
      return await this.inner.executeQuery<R>(query);
    } catch (error) {
      throw postgresError(this.store, error);
    }
  }

  async *streamQuery<R>(query: CompiledQuery, chunkSize = 100): AsyncIterableIterator<QueryResult<R>> {
    try {
      yield* this.inner.streamQuery<R>(query, chunkSize);
    } catch (error) {
      throw postgresError(this.store, error);
    }
  }
}
