import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { isError } from '@millrace/core';
import { type Dialect, type Kysely, sql, type Transaction } from 'kysely';
import pg from 'pg';
import { STORE_DOMAIN } from './errors.js';
import { type PostgresAddress, postgresConnection } from './postgres-connection.js';
import { PostgresStoreDialect } from './postgres-dialect.js';
import { postgresError } from './postgres-fault.js';
import { PostgresSignals } from './postgres-signals.js';
import { PostgresTurn } from './postgres-turn.js';
import type { RelayTurn } from './relay.js';
import type { Signals } from './signals.js';
import type { StoreHome } from './store-home.js';
import type { TransactionScope } from './transaction-scope.js';

/** Where a store lives in PostgreSQL. */
export interface PostgresOptions extends PostgresAddress {
  /** A schema of this store alone; made when it is not there. */
  readonly schema: string;
  readonly maxConnections?: number;
  /** A longer statement is ended. */
  readonly statementTimeoutMs?: number;
}

export const DEFAULT_CONNECTIONS = 10;
export const DEFAULT_STATEMENT_MS = 30_000;
const CONNECT_MS = 10_000;
/** A statement is ended by the server when its time is over; a connection that is silent for so much longer leads nowhere, and its statement would wait for ever. */
const SILENCE_MS = 5_000;
/** A transaction that does nothing for so long is ended with its connection: its locks must not stay. */
const IDLE_IN_TRANSACTION_MS = 60_000;

/** How often a transaction is run again that others were in the way of, and how long it waits at first and at most. */
const MAX_RUNS = 40;
const FIRST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 200;

const PREPARE_LOCK = 7_402_332;
const INT8 = 20;
const SCHEMA = /^[a-z][a-z0-9_]{0,40}$/;

/** PostgreSQL, shared by any number of processes: serialisable transactions that are run again when they collide. */
export class PostgresHome implements StoreHome {
  readonly dialect: Dialect;
  readonly shared = true;
  readonly #pool: pg.Pool;
  readonly #name: string;
  #untold = false;
  #telling: Promise<void> | undefined;

  constructor(
    private readonly options: PostgresOptions,
    scope: TransactionScope,
  ) {
    const { schema, maxConnections = DEFAULT_CONNECTIONS, statementTimeoutMs = DEFAULT_STATEMENT_MS } = options;
    if (!SCHEMA.test(schema)) throw new TypeError(`"${schema}" cannot be the name of a schema: lower case letters, digits and _, at most 41.`);
    this.#name = `schema ${schema}`;
    this.#pool = new pg.Pool({
      ...postgresConnection(options),
      max: maxConnections,
      connectionTimeoutMillis: CONNECT_MS,
      keepAlive: true,
      stream: () => socketWithPatience(statementTimeoutMs + SILENCE_MS),
      application_name: `millrace ${schema}`,
      options: `-c search_path=${schema} -c timezone=UTC`,
      statement_timeout: statementTimeoutMs,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
      types: { getTypeParser: (oid: number, format?: 'text' | 'binary') => (oid === INT8 ? BigInt : (pg.types.getTypeParser as (oid: number, format?: string) => unknown)(oid, format)) as never },
    });
    // A connection that breaks fails the statement under way and is replaced by the pool; without listeners, in the pool and while it is lent, it would end the process.
    this.#pool.on('error', () => undefined);
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
    this.dialect = new PostgresStoreDialect(this.#name, scope, { pool: this.#pool });
  }

  /** Two processes that start together would both find no schema: one at a time. */
  async prepare(): Promise<void> {
    try {
      const client = await this.#pool.connect();
      try {
        await client.query('select pg_advisory_lock($1)', [PREPARE_LOCK]);
        await client.query(`create schema if not exists ${this.options.schema}`);
        await client.query('select pg_advisory_unlock($1)', [PREPARE_LOCK]);
        client.release();
      } catch (error) {
        // With the connection its lock goes too.
        client.release(true);
        throw error;
      }
    } catch (error) {
      throw postgresError(this.#name, error);
    }
  }

  async transact<Tables, T>(db: Kysely<Tables>, run: (tx: Transaction<Tables>) => Promise<T>): Promise<T> {
    let pause = FIRST_PAUSE_MS;
    for (let runs = 1; ; runs++) {
      try {
        return await db.transaction().setIsolationLevel('serializable').execute(run);
      } catch (error) {
        if (runs >= MAX_RUNS || !isError(error, STORE_DOMAIN, 'STORE_CONFLICT')) throw error;
        await sleep(pause * Math.random());
        pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
      }
    }
  }

  async beforeEvents<Tables>(tx: Transaction<Tables>, keys: readonly string[]): Promise<void> {
    const sorted = [...new Set(keys)].sort();
    // Sorted, so that two transactions with the same keys never wait for each other crosswise.
    await sql`select pg_advisory_xact_lock(hashtextextended(${this.options.schema} || k, 0)) from (select k from unnest(${sorted}::text[]) as u(k) order by k) as s`.execute(tx);
  }

  /**
   * Not within the transaction: PostgreSQL lets one transaction with a NOTIFY commit at a time, each with its own wait for the disk. One is under way
   * at most, and what comes meanwhile shares the next. One that is lost is made up for by the relay's own look at the outbox.
   */
  afterEvents<Tables>(db: Kysely<Tables>): void {
    this.#untold = true;
    this.#telling ??= this.#tell(db).finally(() => (this.#telling = undefined));
  }

  async #tell<Tables>(db: Kysely<Tables>): Promise<void> {
    while (this.#untold) {
      this.#untold = false;
      await sql`select pg_notify(${this.#channel}, '')`.execute(db).catch(() => undefined);
    }
  }

  takeTurn(wake: () => void): RelayTurn {
    return new PostgresTurn({ address: this.options, channel: this.#channel, wake });
  }

  openSignals(): Signals {
    return new PostgresSignals({ address: this.options, channel: `millrace_signals_${this.options.schema}` });
  }

  get #channel(): string {
    return `millrace_outbox_${this.options.schema}`;
  }
}

/** A socket that breaks when nothing has come or gone for so long; the pool closes idle ones earlier. */
function socketWithPatience(ms: number): Socket {
  const socket = new Socket();
  return socket.setTimeout(ms, () => socket.destroy(Object.assign(new Error(`The connection was terminated: nothing came for ${ms / 1_000} s.`), { code: 'ETIMEDOUT' })));
}
