import type { Store } from '@millrace/store';
import type { Kysely } from 'kysely';
import type { IngestionTables } from '../dataset.store.js';
import { errors } from '../errors.js';

/** Rows of one push that wait for a version. */
export interface Push {
  readonly dataset: string;
  /** Counts up in a dataset. */
  readonly sequence: number;
  /** By which the same push is known again. */
  readonly key: string;
  /** Of the body. */
  readonly digest: string;
  readonly rows: number;
  /** JSON objects, one a line. */
  readonly body: string;
  readonly createTime: Date;
}

/** What waits in one dataset. */
export interface Pending {
  readonly dataset: string;
  readonly rows: number;
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
  readonly since: Date;
}

/** Where pushed rows are kept from their push until a version holds them, and their keys for some time after. */
export class PushStore {
  constructor(private readonly store: Store<IngestionTables>) {}

  /** Keeps a push durably; `known` where its key was there before. PUSH_KEY_REUSED where that was for other rows, PUSH_FULL where too much waits already. */
  async add(push: Omit<Push, 'sequence'>, { maxPendingBytes }: { readonly maxPendingBytes: number }): Promise<{ readonly known: boolean; readonly pending: number }> {
    return this.store.write(async (tx) => {
      const known = await tx.selectFrom('push').select('digest').where('dataset', '=', push.dataset).where('push_key', '=', push.key).executeTakeFirst();
      const waiting = await pendingOf(tx, push.dataset);
      if (known && known.digest !== push.digest) throw errors.PUSH_KEY_REUSED({ key: push.key, dataset: push.dataset });
      if (known) return { known: true, pending: waiting.rows };
      if (waiting.bytes + push.body.length > maxPendingBytes) throw errors.PUSH_FULL({ dataset: push.dataset, bytes: String(waiting.bytes), limit: String(maxPendingBytes) });
      const last = await tx.selectFrom('push').select('sequence').where('dataset', '=', push.dataset).orderBy('sequence', 'desc').limit(1).executeTakeFirst();
      const { dataset, key, digest, rows, body, createTime } = push;
      await tx.insertInto('push').values({ dataset, sequence: (last?.sequence ?? 0) + 1, push_key: key, digest, rows, bytes: body.length, body, create_time: createTime }).execute();
      return { known: false, pending: waiting.rows + rows };
    });
  }

  /** What waits, dataset by dataset. */
  async pending(): Promise<readonly Pending[]> {
    const rows = await this.store.db.selectFrom('push').select(['dataset', 'rows', 'bytes', 'sequence', 'create_time']).where('bytes', '>', 0).orderBy('dataset').orderBy('sequence').execute();
    const found = new Map<string, Pending>();
    for (const { dataset, rows: count, bytes, sequence, create_time } of rows) {
      const before = found.get(dataset);
      found.set(dataset, { dataset, rows: (before?.rows ?? 0) + count, bytes: (before?.bytes ?? 0) + bytes, first: before?.first ?? sequence, last: sequence, since: before?.since ?? create_time });
    }
    return [...found.values()];
  }

  /** The sequence of the last push; 0 before the first. */
  async last(dataset: string): Promise<number> {
    const row = await this.store.db.selectFrom('push').select('sequence').where('dataset', '=', dataset).orderBy('sequence', 'desc').limit(1).executeTakeFirst();
    return row?.sequence ?? 0;
  }

  /** The waiting pushes up to this one, in their order. */
  async *upTo(dataset: string, last: number): AsyncGenerator<Push> {
    for (let after = 0; ; ) {
      const row = await this.store.db.selectFrom('push').selectAll().where('dataset', '=', dataset).where('sequence', '>', after).where('sequence', '<=', last).where('bytes', '>', 0).orderBy('sequence').limit(1).executeTakeFirst();
      if (row === undefined) return;
      after = row.sequence;
      yield { dataset, sequence: row.sequence, key: row.push_key, digest: row.digest, rows: row.rows, body: row.body, createTime: row.create_time };
    }
  }

  /** Forgets the rows up to this push, in the transaction in which a version gets them; keys stay. */
  static async taken(tx: Kysely<IngestionTables>, dataset: string, last: number): Promise<void> {
    await tx.updateTable('push').set({ body: '', bytes: 0 }).where('dataset', '=', dataset).where('sequence', '<=', last).execute();
  }

  /** Forgets the keys of rows that a version has had since before then; the last push stays, for it says how far they count. */
  async forget(before: Date): Promise<void> {
    const { db } = this.store;
    await db.deleteFrom('push').where('bytes', '=', 0).where('create_time', '<', before).where(({ exists, selectFrom }) => exists(selectFrom('push as later').select('later.sequence').whereRef('later.dataset', '=', 'push.dataset').whereRef('later.sequence', '>', 'push.sequence'))).execute();
  }
}

async function pendingOf(tx: Kysely<IngestionTables>, dataset: string): Promise<{ readonly rows: number; readonly bytes: number }> {
  const waiting = await tx.selectFrom('push').select(['rows', 'bytes']).where('dataset', '=', dataset).where('bytes', '>', 0).execute();
  return { rows: waiting.reduce((sum, { rows }) => sum + rows, 0), bytes: waiting.reduce((sum, { bytes }) => sum + bytes, 0) };
}
