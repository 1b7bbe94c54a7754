import { type Kysely, type RawBuilder, sql } from 'kysely';
import { columnTypes, isSqlite } from './columns.js';
import type { MigrationDb } from './migrations.js';

/** Who may work at something, and until when. */
export interface LeaseRow {
  name: string;
  /** Empty where it was given back. */
  owner: string;
  /** Counts the takings: whoever works under an older one has lost it. */
  epoch: number;
  /** How often it was taken from an owner who let it run out, since it was last forgotten. */
  takeovers: number;
  expire_time: Date;
}

export interface LeaseTables {
  lease: LeaseRow;
}

/** What tells one holding of a lease from every other. */
export type LeaseClaim = Pick<LeaseRow, 'name' | 'owner' | 'epoch'>;

/** The table of leases, for the migration that makes the tables of every store. */
export async function createLeaseTable(db: MigrationDb): Promise<void> {
  await db.schema
    .createTable('lease')
    .addColumn('name', columnTypes.text, (column) => column.primaryKey())
    .addColumn('owner', columnTypes.text, (column) => column.notNull())
    .addColumn('epoch', columnTypes.int32, (column) => column.notNull())
    .addColumn('takeovers', columnTypes.int32, (column) => column.notNull())
    .addColumn('expire_time', columnTypes.timestamp, (column) => column.notNull())
    .execute();
  await db.schema.createIndex('lease_expire_time').on('lease').column('expire_time').execute();
}

/** The statements about leases. Time is that of the database where several processes share it, so that a wrong clock of one of them counts for nothing. */
export class LeaseTable {
  constructor(
    private readonly db: Kysely<LeaseTables>,
    /** The time of a database that has one process. */
    private readonly clock: () => Date,
  ) {}

  /** Takes what nobody has, what ran out, and what the same owner had; undefined where another has it. */
  async acquire({ name, owner, lastsMs }: Pick<LeaseRow, 'name' | 'owner'> & { readonly lastsMs: number }): Promise<Pick<LeaseRow, 'epoch' | 'takeovers'> | undefined> {
    const expireTime = this.#after(lastsMs);
    return this.db
      .insertInto('lease')
      .values({ name, owner, epoch: 1, takeovers: 0, expire_time: expireTime })
      .onConflict((conflict) =>
        conflict
          .column('name')
          .doUpdateSet({
            owner,
            epoch: sql<number>`lease.epoch + 1`,
            takeovers: sql<number>`lease.takeovers + case when lease.owner in ('', ${owner}) then 0 else 1 end`,
            expire_time: expireTime,
          })
          .where(this.isFree('lease', owner)),
      )
      .returning(['epoch', 'takeovers'])
      .executeTakeFirst();
  }

  /** True of a row, or of the lack of one in an outer join, that `acquire` would take. */
  isFree(table: string, owner: string): RawBuilder<boolean> {
    const column = (name: string) => sql.ref(`${table}.${name}`);
    return sql<boolean>`(${column('name')} is null or ${column('owner')} in ('', ${owner}) or ${column('expire_time')} <= ${this.#now})`;
  }

  /** Puts off the end of what the owner still has, also where it had run out and nobody came; gives what that is. */
  async renew(owner: string, { names, lastsMs }: { readonly names: readonly string[]; readonly lastsMs: number }): Promise<readonly Pick<LeaseRow, 'name' | 'epoch'>[]> {
    return this.db.updateTable('lease').set({ expire_time: this.#after(lastsMs) }).where('owner', '=', owner).where('name', 'in', names).returning(['name', 'epoch']).execute();
  }

  /** Whether the claim still stands; locks it until the end of the transaction, so that nobody takes it meanwhile. */
  async stands(tx: Kysely<LeaseTables>, { name, owner, epoch }: LeaseClaim): Promise<boolean> {
    const { numUpdatedRows } = await tx.updateTable('lease').set({ epoch }).where('name', '=', name).where('owner', '=', owner).where('epoch', '=', epoch).executeTakeFirstOrThrow();
    return numUpdatedRows === 1n;
  }

  /** Lets others take it; what is known of its takeovers stays. */
  async release(owner: string, names: readonly string[]): Promise<void> {
    await this.db.updateTable('lease').set({ owner: '' }).where('owner', '=', owner).where('name', 'in', names).execute();
  }

  /** Removes it: its work is done. */
  async forget({ name, owner, epoch }: LeaseClaim): Promise<void> {
    await this.db.deleteFrom('lease').where('name', '=', name).where('owner', '=', owner).where('epoch', '=', epoch).execute();
  }

  /** Removes what ran out so long ago: its work ended, and whoever did it died before forgetting it. */
  async sweep(olderThanMs: number): Promise<void> {
    await this.db.deleteFrom('lease').where('expire_time', '<', this.#after(-olderThanMs)).execute();
  }

  /** The time that all who share the database agree on. */
  async now(): Promise<Date> {
    if (isSqlite(this.db)) return this.clock();
    const { rows } = await sql<{ now: Date }>`select now() as now`.execute(this.db);
    return rows[0]?.now ?? this.clock();
  }

  get #now(): RawBuilder<Date> {
    return isSqlite(this.db) ? sql<Date>`${this.clock()}` : sql<Date>`now()`;
  }

  #after(ms: number): RawBuilder<Date> {
    return isSqlite(this.db) ? sql<Date>`${new Date(this.clock().getTime() + ms)}` : sql<Date>`(now() + ${ms} * interval '1 millisecond')`;
  }
}
