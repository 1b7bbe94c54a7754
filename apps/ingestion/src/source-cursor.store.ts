import { canonicalJson, parseCanonicalJson } from '@millrace/core';
import type { Store } from '@millrace/store';
import type { Kysely } from 'kysely';
import type { IngestionTables } from './dataset.store.js';
import type { Cursor } from './reading/source.js';

/** How far one source of a dataset has been read. */
export interface SourceCursor {
  readonly dataset: string;
  /** `cursorKey` of the source. */
  readonly source: string;
  readonly cursor: Cursor;
}

/** Where it is kept how far sources have been read: with the version that holds what was read, in one transaction. */
export class SourceCursorStore {
  constructor(private readonly store: Store<IngestionTables>) {}

  async find(dataset: string, source: string): Promise<Cursor | undefined> {
    const row = await this.store.db.selectFrom('source_cursor').select('body').where('dataset', '=', dataset).where('source', '=', source).executeTakeFirst();
    return row && (parseCanonicalJson(row.body) as Cursor);
  }

  static async save(tx: Kysely<IngestionTables>, { dataset, source, cursor }: SourceCursor): Promise<void> {
    const body = canonicalJson(cursor);
    await tx.insertInto('source_cursor').values({ dataset, source, body }).onConflict((conflict) => conflict.columns(['dataset', 'source']).doUpdateSet({ body })).execute();
  }

  /** Forgets all sources of a dataset: what was read of them is no longer in it. */
  static async clear(tx: Kysely<IngestionTables>, dataset: string): Promise<void> {
    await tx.deleteFrom('source_cursor').where('dataset', '=', dataset).execute();
  }
}
