import { Table } from '@millrace/contracts/millrace/type/v1/value';
import { canonicalJson, parseCanonicalJson, type Schema } from '@millrace/core';
import { isSqlite, isUniqueViolation, type MigrationDb, type Store } from '@millrace/store';
import { sql, type Transaction } from 'kysely';
import { DROPPED, dropView, EMPTY, type OnlineTables, type PushedTable, REMEMBERED, toMicros } from '../online.store.js';

/** What the values of a view are made of: a base, and the pushes that it does not hold. */
export interface FillingRow {
  readonly view: string;
  /** Counts the fillings of the view. */
  readonly number: bigint;
  readonly meaning: string;
  /** Of the source columns that the view reads. */
  readonly schema: Schema;
  /** Digest of what the last materialisation brought; undefined for a view that was only pushed into. */
  readonly base: string | undefined;
  /** Of pushes up to `through` only what was known from this microsecond on counts beside the base; of later ones everything. */
  readonly knownBefore: number;
  readonly through: bigint;
  /** Newest knowledge among pushed tables that are no longer kept; undefined when all are. */
  readonly forgotten: number | undefined;
  /** Number of the last push that is no longer kept. */
  readonly forgottenThrough: bigint;
}

/** A push with its number; numbers of a view rise in the order in which its pushes were kept. */
export interface LoggedPush {
  readonly sequence: bigint;
  readonly knownThrough: number;
  /** Undefined when it is no longer kept. */
  readonly table: Table | undefined;
}

/** A view's filling with the number of its last push. */
export interface ViewLog {
  readonly filling: FillingRow;
  readonly last: bigint;
}

/** What a filling is recorded with. */
export type Recorded = Pick<FillingRow, 'meaning' | 'schema' | 'base' | 'knownBefore' | 'through'>;

/** The durable truth behind values in Redis: every push in one order for all instances, and what each view was last filled from. */
export class PushLogStore {
  constructor(private readonly store: Store<OnlineTables>) {}

  /** Keeps one push of each view in one transaction, and a filling of nothing for views that have none; gives the number of each push. Undefined, and nothing kept, when the request was kept before. */
  async append(requestId: string, pushes: ReadonlyMap<string, PushedTable & Pick<FillingRow, 'meaning' | 'schema'>>): Promise<ReadonlyMap<string, bigint> | undefined> {
    const rows = [...pushes].map(([view, { table, knownThrough }]) => ({ view, request_id: requestId, known_through: toMicros(knownThrough), body: Table.encode(table).finish() }));
    try {
      const kept = await this.store.write(async (tx) => {
        await takeTurns(tx, [...pushes.keys()]);
        const filled = new Set((await tx.selectFrom('online_filling').select('view').where('view', 'in', [...pushes.keys()]).where('meaning', '!=', DROPPED).execute()).map(({ view }) => view));
        const unfilled = [...pushes].filter(([view]) => !filled.has(view)).map(([view, { meaning, schema }]) => toRow(view, { meaning, schema, base: undefined, knownBefore: -Infinity, through: 0n }, 0n));
        if (unfilled.length > 0) await begin(tx, unfilled);
        // The sequence is given by the database.
        return tx.insertInto('online_push').values(rows as never).returning(['view', 'sequence']).execute();
      });
      return new Map(kept.map(({ view, sequence }) => [view, BigInt(sequence)]));
    } catch (error) {
      if (isUniqueViolation(error)) return undefined;
      throw error;
    }
  }

  /** The number of the push that a request made; undefined when it is not known. */
  async sequenceOf(view: string, requestId: string): Promise<bigint | undefined> {
    const row = await this.store.db.selectFrom('online_push').select('sequence').where('view', '=', view).where('request_id', '=', requestId).executeTakeFirst();
    return row && BigInt(row.sequence);
  }

  async find(view: string): Promise<ViewLog | undefined> {
    const row = await this.store.db.selectFrom('online_filling').selectAll().where('view', '=', view).executeTakeFirst();
    return row && { filling: fromRow(row), last: await this.last(view) };
  }

  async all(): Promise<readonly ViewLog[]> {
    const rows = await this.store.db.selectFrom('online_filling').selectAll().orderBy('view').execute();
    return Promise.all(rows.map(async (row) => ({ filling: fromRow(row), last: await this.last(row.view) })));
  }

  /** The number of a view's last push; 0 when there is none. */
  async last(view: string): Promise<bigint> {
    const row = await this.store.db.selectFrom('online_push').select('sequence').where('view', '=', view).orderBy('sequence', 'desc').limit(1).executeTakeFirst();
    return BigInt(row?.sequence ?? 0n);
  }

  /** The newest knowledge among the pushes of a view; undefined when there are none. */
  async newest(view: string): Promise<number | undefined> {
    const row = await this.store.db.selectFrom('online_push').select('known_through').where('view', '=', view).orderBy('known_through', 'desc').limit(1).executeTakeFirst();
    return row && Number(row.known_through);
  }

  /** The pushes up to a number that hold something known at or after a microsecond, in their order. */
  async *knownSince(view: string, { from, through }: { readonly from: number; readonly through: bigint }): AsyncGenerator<Table> {
    let after = 0n;
    for (;;) {
      const row = await this.store.db.selectFrom('online_push').select(['sequence', 'body']).where('view', '=', view).where('sequence', '>', after).where('sequence', '<=', through).where('known_through', '>=', toMicros(from)).orderBy('sequence').limit(1).executeTakeFirst();
      if (!row) return;
      after = BigInt(row.sequence);
      if (row.body.length > 0) yield Table.decode(row.body);
    }
  }

  /** The pushes after a number, in their order, at most so many. */
  async since(view: string, after: bigint, limit: number): Promise<readonly LoggedPush[]> {
    const rows = await this.store.db.selectFrom('online_push').select(['sequence', 'known_through', 'body']).where('view', '=', view).where('sequence', '>', after).orderBy('sequence').limit(limit).execute();
    return rows.map(({ sequence, known_through, body }) => ({ sequence: BigInt(sequence), knownThrough: Number(known_through), table: body.length > 0 ? Table.decode(body) : undefined }));
  }

  /** Records what a view is filled from; gives the number of the filling, and the base that it takes the place of. */
  async record(view: string, recorded: Recorded): Promise<{ readonly number: bigint; readonly former: string | undefined }> {
    return this.store.write(async (tx) => {
      const before = await tx.selectFrom('online_filling').selectAll().where('view', '=', view).executeTakeFirst();
      const inMemory = await tx.selectFrom('online_state').select('forgotten').where('view', '=', view).executeTakeFirst();
      await tx.deleteFrom('online_state').where('view', '=', view).execute();
      const row = toRow(view, recorded, BigInt(before?.number ?? 0n) + 1n);
      const kept = { ...row, forgotten: before?.forgotten ?? inMemory?.forgotten ?? null, forgotten_through: before?.forgotten_through ?? 0n };
      await tx.insertInto('online_filling').values(kept).onConflict((conflict) => conflict.column('view').doUpdateSet(kept)).execute();
      return { number: row.number, former: before?.base ?? undefined };
    });
  }

  /** Removes all that is kept of a view; gives the number of the filling that says so, where there was one. */
  async drop(view: string): Promise<bigint | undefined> {
    return this.store.write(async (tx) => {
      await takeTurns(tx, [view]);
      return dropView(tx, view);
    });
  }

  /** Lets go of tables that are online up to `applied` and whose rows were all known before `retain`, and of request ids after a longer while. */
  async forget(view: string, { applied, retain }: { readonly applied: bigint; readonly retain: number }): Promise<void> {
    await this.store.write(async (tx) => {
      const known = toMicros(retain);
      const gone = await tx.selectFrom('online_push').select(['sequence', 'known_through']).where('view', '=', view).where('sequence', '<=', applied).where('known_through', '<', known).where('body', '!=', EMPTY).execute();
      if (gone.length > 0) {
        const row = await tx.selectFrom('online_filling').select(['forgotten', 'forgotten_through']).where('view', '=', view).executeTakeFirst();
        const forgotten = largest([...gone.map((push) => push.known_through), ...(row?.forgotten === undefined || row.forgotten === null ? [] : [row.forgotten])]);
        const through = largest([...gone.map((push) => push.sequence), row?.forgotten_through ?? 0n]);
        await tx.updateTable('online_filling').set({ forgotten, forgotten_through: through }).where('view', '=', view).execute();
        await tx.updateTable('online_push').set({ body: EMPTY }).where('view', '=', view).where('sequence', '<=', applied).where('known_through', '<', known).where('body', '!=', EMPTY).execute();
      }
      await tx.deleteFrom('online_push').where('view', '=', view).where('sequence', '<=', applied - REMEMBERED).where('body', '=', EMPTY).execute();
    });
  }
}

/** A filling that has a number already and was not recorded yet. */
const BEGUN = -1n;

/** Whether there is a filling in name only: its view was pushed into, and nothing was made of it. */
export const isBegun = ({ number, through }: FillingRow): boolean => number === 0n || through === BEGUN;

/** No view means this: what was filled before Redis was there has to be materialised once. */
const KEPT_IN_MEMORY = '';

/** Records that views are filled from nothing but their pushes; of one whose values are in the memory of a process that is not known. */
async function begin(tx: Transaction<OnlineTables>, fillings: readonly OnlineTables['online_filling'][]): Promise<void> {
  const views = fillings.map(({ view }) => view);
  const elsewhere = new Set((await tx.selectFrom('online_state').select('view').where('view', 'in', views).execute()).map(({ view }) => view));
  const rows = fillings.map((filling) => (elsewhere.has(filling.view) ? { ...filling, meaning: KEPT_IN_MEMORY } : filling));
  for (const row of rows) {
    const { number: _, ...begun } = row;
    // Of a view that was deleted the number is left, and goes on counting.
    await tx.insertInto('online_filling').values(row).onConflict((conflict) => conflict.column('view').doUpdateSet({ ...begun, through: BEGUN }).where('online_filling.meaning', '=', DROPPED)).execute();
  }
}

/** Pushes into one view are kept one after another: the numbers that the database gives must rise in the order of the commits, or a reader of the log would pass over one. */
async function takeTurns(tx: Transaction<OnlineTables>, views: readonly string[]): Promise<void> {
  if (isSqlite(tx as unknown as MigrationDb)) return;
  // Sorted, so that two pushes into the same views never wait for each other crosswise.
  await sql`select pg_advisory_xact_lock(hashtextextended(current_schema() || ' online ' || name, 3)) from unnest(${[...views].sort()}::text[]) as turn(name)`.execute(tx);
}

const largest = (values: readonly (bigint | number)[]): bigint => values.map(BigInt).reduce((a, b) => (b > a ? b : a), -(2n ** 63n));

const toRow = (view: string, { meaning, schema, base, knownBefore, through }: Recorded, number: bigint): OnlineTables['online_filling'] => ({
  view,
  number,
  meaning,
  schema: canonicalJson(schema),
  base: base ?? null,
  known_before: toMicros(knownBefore),
  through,
  forgotten: null,
  forgotten_through: 0n,
});

const fromRow = (row: OnlineTables['online_filling']): FillingRow => ({
  view: row.view,
  number: BigInt(row.number),
  meaning: row.meaning,
  schema: parseCanonicalJson(row.schema) as Schema,
  base: row.base ?? undefined,
  knownBefore: Number(row.known_before),
  through: BigInt(row.through),
  forgotten: row.forgotten === null ? undefined : Number(row.forgotten),
  forgottenThrough: BigInt(row.forgotten_through),
});
