import type { AppError, EventRecord } from '@millrace/core';
import { isError } from '@millrace/core';
import { type DeleteResult, type Dialect, Kysely, type Transaction, type UpdateResult } from 'kysely';
import { errors, STORE_DOMAIN } from './errors.js';
import type { LeaseTables } from './lease-table.js';
import { type LeaseOptions, Leases, LEASES_FREED } from './leases.js';
import { type MigrationDb, type Migrations, migrate } from './migrations.js';
import { appendOutbox, createStoreTables, deleteOutbox, type OutboxLag, readOutbox, readOutboxLag, type StoreTables } from './outbox.js';
import { OutboxRelay, type Relay, type RelayOptions } from './relay.js';
import type { Signals } from './signals.js';
import { PostgresHome, type PostgresOptions } from './postgres-home.js';
import { SqliteThreadDialect } from './sqlite-dialect.js';
import { SingleWriterHome, type StoreHome } from './store-home.js';
import { TransactionScope } from './transaction-scope.js';

/** How long an event id is remembered: longer than the bus may deliver it again. */
export const INBOX_DAYS = 30;
/** Every so many calls of `once` the inbox forgets what is too old. */
const INBOX_SWEEP = 10_000;
const DAY_MS = 86_400_000;

/** Where a store lives: a SQLite file (`:memory:` for specs), a schema of PostgreSQL, or any Kysely dialect that runs one transaction at a time. */
export type StoreOptions = { readonly migrations: Migrations; readonly leases?: LeaseOptions } & ({ readonly file: string } | { readonly postgres: PostgresOptions } | { readonly dialect: Dialect; readonly name: string });

/** Puts an event into the outbox of the transaction under way; events keep the order of the calls. */
export type Emit = (record: EventRecord) => void;

/** Rows and events of one service, saved together. */
export class Store<Tables> {
  readonly #scope: TransactionScope;
  readonly #own: Kysely<StoreTables>;
  /** Wakes the other processes that share the store. */
  readonly signals: Signals;
  /** Shares work out between the processes that share the store. */
  readonly leases: Leases;
  /** Whether other processes may share the store. */
  readonly shared: boolean;
  #relay: OutboxRelay | undefined;
  #onceCalls = 0;

  constructor(
    /** Reads, and writes that need neither events nor a second statement. */
    readonly db: Kysely<Tables>,
    scope: TransactionScope,
    private readonly name: string,
    private readonly home: StoreHome,
    leases: LeaseOptions = {},
  ) {
    this.#scope = scope;
    this.signals = home.openSignals();
    // The tables of every store are hidden from the service's own type, yet lie in the same database.
    this.#own = db as unknown as Kysely<StoreTables>;
    this.leases = new Leases(db as unknown as Kysely<LeaseTables>, { ...leases, onFreed: () => this.signals.send(LEASES_FREED, '') });
    this.shared = home.shared;
  }

  /**
   * Runs one transaction: rows and emitted events are kept together, or, when `change` throws, not at all.
   * Where others share the database, `change` is run again when they were in its way: what it does outside of `tx` and `emit` must bear that.
   */
  async write<T>(change: (tx: Transaction<Tables>, emit: Emit) => Promise<T>): Promise<T> {
    this.#scope.refuseInside();
    let emitted = 0;
    const result = await this.home.transact(this.db, (tx) =>
      this.#scope.enter(async () => {
        const events: EventRecord[] = [];
        const value = await change(tx, (record) => void events.push(record));
        emitted = events.length;
        if (emitted > 0) {
          await this.home.beforeEvents(tx, events.map(({ topic, key }) => `${topic} ${key}`));
          await appendOutbox(tx as unknown as Kysely<StoreTables>, events);
        }
        return value;
      }),
    );
    if (emitted > 0) {
      this.#relay?.kick();
      this.home.afterEvents(this.db);
    }
    return result;
  }

  /** Runs `effect` unless `consumer` has had this event before; the memory of it is kept in the same transaction. False means: seen before. */
  async once(consumer: string, eventId: string, effect: (tx: Transaction<Tables>, emit: Emit) => Promise<void>): Promise<boolean> {
    if (this.#onceCalls++ % INBOX_SWEEP === 0) await this.#sweepInbox();
    return this.write(async (tx, emit) => {
      const own = tx as unknown as Kysely<StoreTables>;
      const [outcome] = await own
        .insertInto('inbox')
        .values({ consumer, event_id: eventId, time: new Date() })
        .onConflict((conflict) => conflict.columns(['consumer', 'event_id']).doNothing())
        .execute();
      if (outcome?.numInsertedOrUpdatedRows === 0n) return false;
      await effect(tx, emit);
      return true;
    });
  }

  /** Starts shipping the outbox to `publish`, which must resolve only when the records are durable. One relay a store. */
  relay(publish: (records: readonly EventRecord[]) => Promise<void>, options: RelayOptions = {}): Relay {
    if (this.#relay) throw errors.STORE_RELAY_EXISTS({ file: this.name });
    const source = { read: (size: number) => readOutbox(this.#own, size), forget: (sequence: readonly (bigint | number)[]) => deleteOutbox(this.#own, sequence) };
    this.#relay = new OutboxRelay(source, publish, options, { takeTurn: (wake) => this.home.takeTurn(wake), onStop: () => (this.#relay = undefined) });
    return this.#relay;
  }

  /** How many events wait for the bus. */
  async outboxSize(): Promise<number> {
    return (await this.outboxLag()).records;
  }

  /** How many events wait for the bus, and since when. */
  outboxLag(): Promise<OutboxLag> {
    return readOutboxLag(this.#own);
  }

  /** Stops the relay, gives leases back and closes the database; waits for the transaction under way. */
  async close(): Promise<void> {
    await this.#relay?.stop();
    await this.leases.close();
    await this.signals.close();
    await this.db.destroy();
  }

  async #sweepInbox(): Promise<void> {
    await this.#own.deleteFrom('inbox').where('time', '<', new Date(Date.now() - INBOX_DAYS * DAY_MS)).execute();
  }
}

/** Opens a store and migrates it; a failure leaves nothing open and nothing half-done. */
export async function openStore<Tables>(options: StoreOptions): Promise<Store<Tables>> {
  const name = 'file' in options ? options.file : 'postgres' in options ? `schema ${options.postgres.schema}` : options.name;
  const scope = new TransactionScope(name);
  const home = 'postgres' in options ? new PostgresHome(options.postgres, scope) : new SingleWriterHome('file' in options ? new SqliteThreadDialect(options.file, scope) : options.dialect);
  const db = new Kysely<Tables>({ dialect: home.dialect });
  try {
    await home.prepare();
    await migrate(db as unknown as MigrationDb, { '0000-store': createStoreTables, ...options.migrations }, name);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return new Store(db, scope, name, home, options.leases);
}

/** Throws `stale` unless an UPDATE or DELETE with a revision in its WHERE met exactly one row. */
export function expectOneRow(result: UpdateResult | DeleteResult | readonly (UpdateResult | DeleteResult)[], stale: AppError): void {
  const results = Array.isArray(result) ? (result as readonly (UpdateResult | DeleteResult)[]) : [result as UpdateResult | DeleteResult];
  const rows = results.reduce((sum, each) => sum + ('numUpdatedRows' in each ? each.numUpdatedRows : each.numDeletedRows), 0n);
  if (rows !== 1n) throw stale;
}

/** Whether a write failed because the row is already there; `constraint` names the unique index (a primary key is `<table>_pkey`). */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  if (isError(error, STORE_DOMAIN, 'UNIQUE_VIOLATION')) return constraint === undefined || error.metadata['constraint'] === constraint;
  if (typeof error !== 'object' || error === null) return false;
  const native = error as { readonly code?: unknown; readonly constraint?: unknown };
  return native.code === PG_UNIQUE_VIOLATION && (constraint === undefined || native.constraint === constraint);
}

const PG_UNIQUE_VIOLATION = '23505';
