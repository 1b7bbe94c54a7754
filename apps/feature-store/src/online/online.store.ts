import { Table } from '@millrace/contracts/millrace/type/v1/value';
import { canonicalJson, parseCanonicalJson, type Schema } from '@millrace/core';
import { isUniqueViolation, type Store } from '@millrace/store';
import type { Transaction } from 'kysely';
import type { ViewDelta } from './view-delta.js';

/** The tables of the online side: per view a snapshot of its state or what its values in Redis are made of, and the tables that were pushed. */
export interface OnlineTables {
  online_state: { view: string; meaning: string; schema: string; through: bigint; forgotten: bigint | null; body: string };
  online_push: { sequence: bigint; view: string; request_id: string; known_through: bigint; body: Uint8Array };
  online_filling: { view: string; number: bigint; meaning: string; schema: string; base: string | null; known_before: bigint; through: bigint; forgotten: bigint | null; forgotten_through: bigint };
}

/** A state as it is kept. */
export interface KeptState {
  /** What the view meant when the state was made. */
  readonly meaning: string;
  /** Of the source columns that the view reads. */
  readonly schema: Schema;
  readonly delta: ViewDelta;
}

/** A pushed table of one view. */
export interface PushedTable {
  readonly table: Table;
  /** Newest knowledge among its rows, in microseconds. */
  readonly knownThrough: number;
}

/** A pushed table of one view with its number; later ones have larger ones. */
export interface NumberedPush {
  readonly push: bigint;
  readonly table: Table;
}

/** What a view had when it was last kept, and what was pushed since. */
export interface LoadedView {
  readonly state: KeptState | undefined;
  /** It was last filled in Redis: what is here says nothing before it is materialised once. */
  readonly elsewhere: boolean;
  readonly pushed: readonly Table[];
}

/**
 * Makes the online state durable: every push is kept as it came, before it is applied; a snapshot now and then bounds how many are read again.
 * Pushed tables outlive the snapshot: a materialisation needs those that were known later than what it brings.
 */
export class OnlineStore {
  constructor(private readonly store: Store<OnlineTables>) {}

  /** Keeps one push of each view in one transaction; false, and nothing kept, when the request was kept before. */
  async append(requestId: string, pushes: ReadonlyMap<string, PushedTable>): Promise<boolean> {
    const rows = [...pushes].map(([view, { table, knownThrough }]) => ({ view, request_id: requestId, known_through: toMicros(knownThrough), body: Table.encode(table).finish() }));
    try {
      await this.store.write(async (tx) => {
        // The sequence is given by the database.
        await tx.insertInto('online_push').values(rows as never).execute();
      });
      return true;
    } catch (error) {
      if (isUniqueViolation(error)) return false;
      throw error;
    }
  }

  /** A view as it was kept: a snapshot first, then every push since, in order. */
  async load(view: string): Promise<LoadedView> {
    const kept = await this.store.db.selectFrom('online_state').selectAll().where('view', '=', view).executeTakeFirst();
    const rows = await this.store.db.selectFrom('online_push').select('body').where('view', '=', view).where('sequence', '>', kept?.through ?? 0n).orderBy('sequence').execute();
    const state = kept && { meaning: kept.meaning, schema: parseCanonicalJson(kept.schema) as Schema, delta: parseCanonicalJson(kept.body) as ViewDelta };
    const filling = await this.store.db.selectFrom('online_filling').select('meaning').where('view', '=', view).executeTakeFirst();
    return { state, elsewhere: filling !== undefined && filling.meaning !== DROPPED, pushed: rows.map(({ body }) => Table.decode(body)) };
  }

  /** The pushed tables that hold something known at or after a microsecond, in the order in which they came. */
  async *pushedSince(view: string, from: number): AsyncGenerator<Table> {
    for await (const { table } of this.pushesSince(view, from)) yield table;
  }

  /** The same, each with its number. */
  async *pushesSince(view: string, from: number): AsyncGenerator<NumberedPush> {
    let after = 0n;
    for (;;) {
      const row = await this.store.db.selectFrom('online_push').select(['sequence', 'body']).where('view', '=', view).where('sequence', '>', after).where('known_through', '>=', toMicros(from)).orderBy('sequence').limit(1).executeTakeFirst();
      if (!row) return;
      after = BigInt(row.sequence);
      if (row.body.length > 0) yield { push: after, table: Table.decode(row.body) };
    }
  }

  async drop(view: string): Promise<void> {
    await this.store.write((tx) => dropView(tx, view));
  }

  /** The newest knowledge among pushed tables that are no longer kept; undefined when all are. */
  async forgotten(view: string): Promise<number | undefined> {
    const { db } = this.store;
    const row = (await db.selectFrom('online_state').select('forgotten').where('view', '=', view).executeTakeFirst()) ?? (await db.selectFrom('online_filling').select('forgotten').where('view', '=', view).executeTakeFirst());
    return row?.forgotten === undefined || row.forgotten === null ? undefined : Number(row.forgotten);
  }

  /** Keeps a state; everything pushed up to now is in it. Tables whose rows were all known before `retain` are let go, and request ids after a longer while. */
  async keep(view: string, { meaning, schema, delta }: KeptState, retain: number): Promise<void> {
    await this.store.write(async (tx) => {
      const newest = await tx.selectFrom('online_push').select('sequence').where('view', '=', view).orderBy('sequence', 'desc').limit(1).executeTakeFirst();
      const through = BigInt(newest?.sequence ?? 0n);
      const old = await tx.selectFrom('online_push').select('known_through').where('view', '=', view).where('known_through', '<', toMicros(retain)).where('body', '!=', EMPTY).orderBy('known_through', 'desc').limit(1).executeTakeFirst();
      const inRedis = await tx.selectFrom('online_filling').select('forgotten').where('view', '=', view).executeTakeFirst();
      const before = inRedis ?? (await tx.selectFrom('online_state').select('forgotten').where('view', '=', view).executeTakeFirst());
      await tx.deleteFrom('online_filling').where('view', '=', view).execute();
      const [gone] = [old?.known_through, before?.forgotten].flatMap((value) => (value === undefined || value === null ? [] : [BigInt(value)])).sort((a, b) => (a > b ? -1 : 1));
      const row = { meaning, schema: canonicalJson(schema), through, forgotten: gone ?? null, body: canonicalJson(delta) };
      await tx.insertInto('online_state').values({ view, ...row }).onConflict((conflict) => conflict.column('view').doUpdateSet(row)).execute();
      await tx.updateTable('online_push').set({ body: EMPTY }).where('view', '=', view).where('known_through', '<', toMicros(retain)).where('body', '!=', EMPTY).execute();
      await tx.deleteFrom('online_push').where('view', '=', view).where('sequence', '<=', through - REMEMBERED).where('body', '=', EMPTY).execute();
    });
  }
}

/** The meaning of a filling whose view was deleted: what remains is its number, so that values of the next one are told from those that it had. */
export const DROPPED = 'dropped';

/** Removes all that is kept of a view's values and pushes; gives the number of the filling that says so, where values may lie in Redis. */
export async function dropView(tx: Transaction<OnlineTables>, view: string): Promise<bigint | undefined> {
  await tx.deleteFrom('online_push').where('view', '=', view).execute();
  await tx.deleteFrom('online_state').where('view', '=', view).execute();
  const left = { meaning: DROPPED, schema: '[]', base: null, known_before: toMicros(-Infinity), through: 0n, forgotten: null, forgotten_through: 0n };
  const row = await tx.updateTable('online_filling').set((eb) => ({ ...left, number: eb('number', '+', 1n) })).where('view', '=', view).returning('number').executeTakeFirst();
  return row && BigInt(row.number);
}

/** So many request ids are remembered beyond a snapshot. */
export const REMEMBERED = 100_000n;
/** The body of a pushed table that is no longer kept. */
export const EMPTY = new Uint8Array();
const LARGEST = 2n ** 63n - 1n;

/** A microsecond as it is kept; a table of which no row counts is known since ever. */
export const toMicros = (value: number): bigint => (value === Infinity ? LARGEST : value === -Infinity ? -LARGEST : BigInt(Math.floor(value)));
