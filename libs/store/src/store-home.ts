import type { Dialect, Kysely, Transaction } from 'kysely';
import type { RelayTurn } from './relay.js';
import { NoSignals, type Signals } from './signals.js';

/** What differs between the databases that a store may live in; rows, events and migrations are the same in all. */
export interface StoreHome {
  readonly dialect: Dialect;
  /** Whether other processes may have it open too. */
  readonly shared: boolean;
  /** Makes the place that the tables go into. */
  prepare(): Promise<void>;
  /** Runs a transaction whose outcome is as if no other ran beside it; `run` may be called more than once, each time anew. */
  transact<Tables, T>(db: Kysely<Tables>, run: (tx: Transaction<Tables>) => Promise<T>): Promise<T>;
  /** Makes events of one key enter the outbox in the order in which their transactions are kept. */
  beforeEvents<Tables>(tx: Transaction<Tables>, keys: readonly string[]): Promise<void>;
  /** Wakes whoever ships the events of a transaction that has been kept, in another process. */
  afterEvents<Tables>(db: Kysely<Tables>): void;
  /** One shipping process at a time over all that share the database; `wake` is called when another has kept events. */
  takeTurn(wake: () => void): RelayTurn;
  /** Messages to and from the other processes that share the database. */
  openSignals(): Signals;
}

/** A database that no other process has open and whose dialect runs one transaction at a time: a SQLite file. */
export class SingleWriterHome implements StoreHome {
  readonly shared = false;

  constructor(readonly dialect: Dialect) {}

  async prepare(): Promise<void> {}

  transact<Tables, T>(db: Kysely<Tables>, run: (tx: Transaction<Tables>) => Promise<T>): Promise<T> {
    return db.transaction().execute(run);
  }

  async beforeEvents(): Promise<void> {}

  afterEvents(): void {}

  takeTurn(): RelayTurn {
    return { mine: async () => true, end: async () => undefined };
  }

  openSignals(): Signals {
    return new NoSignals();
  }
}
