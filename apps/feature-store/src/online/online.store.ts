import { canonicalJson, parseCanonicalJson } from '@millrace/core';
import { isUniqueViolation, type Store } from '@millrace/store';
import type { ViewDelta } from './view-state.js';

/** The tables of the online side: per view a snapshot of its state, and what came since. */
export interface OnlineTables {
  online_snapshot: { view: string; through: bigint; body: string };
  online_delta: { sequence: bigint; view: string; request_id: string; body: string };
}

/** Makes the online state durable: every change is one row, written before it is applied; a snapshot now and then bounds how many are read again. */
export class OnlineStore {
  constructor(private readonly store: Store<OnlineTables>) {}

  /** Keeps one change of each view in one transaction; false, and nothing kept, when the request was kept before. */
  async append(requestId: string, deltas: ReadonlyMap<string, ViewDelta>): Promise<boolean> {
    try {
      await this.store.write(async (tx) => {
        const rows = [...deltas].map(([view, delta]) => ({ view, request_id: requestId, body: canonicalJson(delta) }));
        // The sequence is given by the database.
        await tx.insertInto('online_delta').values(rows as never).execute();
      });
      return true;
    } catch (error) {
      if (isUniqueViolation(error)) return false;
      throw error;
    }
  }

  /** The state of a view as it was kept: a snapshot first, then every change since, in order. */
  async load(view: string): Promise<readonly ViewDelta[]> {
    const snapshot = await this.store.db.selectFrom('online_snapshot').selectAll().where('view', '=', view).executeTakeFirst();
    const rows = await this.store.db.selectFrom('online_delta').select('body').where('view', '=', view).where('sequence', '>', snapshot?.through ?? 0n).orderBy('sequence').execute();
    return [...(snapshot ? [snapshot] : []), ...rows].map(({ body }) => parseCanonicalJson(body) as ViewDelta);
  }

  /** Replaces the kept state of a view; changes up to now are in it. Their request ids are remembered a while longer. */
  async replace(view: string, state: ViewDelta): Promise<void> {
    await this.store.write(async (tx) => {
      const newest = await tx.selectFrom('online_delta').select('sequence').where('view', '=', view).orderBy('sequence', 'desc').limit(1).executeTakeFirst();
      const through = BigInt(newest?.sequence ?? 0n);
      const body = canonicalJson(state);
      await tx.insertInto('online_snapshot').values({ view, through, body }).onConflict((conflict) => conflict.column('view').doUpdateSet({ through, body })).execute();
      await tx.updateTable('online_delta').set({ body: EMPTY }).where('view', '=', view).where('sequence', '<=', through).where('body', '!=', EMPTY).execute();
      await tx.deleteFrom('online_delta').where('view', '=', view).where('sequence', '<=', through - REMEMBERED).execute();
    });
  }
}

/** So many request ids are remembered beyond a snapshot. */
const REMEMBERED = 100_000n;
const EMPTY = '{}';
