import { PGlite } from '@electric-sql/pglite';
import { CompiledQuery, type DatabaseConnection, type DatabaseIntrospector, type Dialect, type DialectAdapter, type Driver, type Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, type QueryCompiler, type QueryResult } from 'kysely';
import { Mutex } from './mutex.js';

const INT8 = 20;

/** PostgreSQL inside the process, with int8 as bigint like the real driver's settings. */
export const openPglite = (): Promise<PGlite> => PGlite.create({ parsers: { [INT8]: (text: string) => BigInt(text) } });

/** Kysely's dialect for one schema of a PGlite; it has one connection, so whole transactions take turns. */
export class PgliteDialect implements Dialect {
  constructor(
    private readonly pg: PGlite,
    private readonly turn: Mutex,
    private readonly schema: string,
  ) {}

  createDriver(): Driver {
    return new PgliteDriver(this.pg, this.turn, this.schema);
  }

  createQueryCompiler(): QueryCompiler {
    return new PostgresQueryCompiler();
  }

  createAdapter(): DialectAdapter {
    return new PostgresAdapter();
  }

  createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    return new PostgresIntrospector(db);
  }
}

class PgliteDriver implements Driver {
  constructor(
    private readonly pg: PGlite,
    private readonly turn: Mutex,
    private readonly schema: string,
  ) {}

  async init(): Promise<void> {
    await this.pg.exec(`create schema if not exists ${this.schema}`);
  }

  async acquireConnection(): Promise<PgliteConnection> {
    await this.turn.lock();
    await this.pg.exec(`set search_path to ${this.schema}`);
    return new PgliteConnection(this.pg);
  }

  async beginTransaction(connection: PgliteConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin'));
  }

  async commitTransaction(connection: PgliteConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'));
  }

  async rollbackTransaction(connection: PgliteConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('rollback'));
  }

  async releaseConnection(): Promise<void> {
    this.turn.unlock();
  }

  async destroy(): Promise<void> {}
}

class PgliteConnection implements DatabaseConnection {
  constructor(private readonly pg: PGlite) {}

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const { rows, affectedRows } = await this.pg.query<R>(sql, [...parameters]);
    return { rows, numAffectedRows: BigInt(affectedRows ?? 0) };
  }

  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('PGlite streams nothing here.');
  }
}
