import { type Kysely, sql } from 'kysely';
import type { ArchivedTable } from './archived-tables.js';
import type { Row } from './row-text.js';

/** Rows of one statement. */
const PAGE_ROWS = 500;

/** A database whose tables are known by the declaration of an archive. */
export type AnyDb = Kysely<Record<string, Record<string, unknown>>>;

/** Every row of a table in the order of its key, a page at a time. */
export async function* readTable(db: AnyDb, { name, key, columns }: ArchivedTable): AsyncGenerator<Row> {
  let last: Row | undefined;
  for (;;) {
    let query = db.selectFrom(name).select(Object.keys(columns)).limit(PAGE_ROWS);
    for (const column of key) query = query.orderBy(column);
    if (last) {
      const after = last;
      query = query.where(sql<boolean>`(${sql.join(key.map((column) => sql.ref(column)))}) > (${sql.join(key.map((column) => sql.val(after[column])))})`);
    }
    const rows: readonly Row[] = await query.execute();
    yield* rows;
    if (rows.length < PAGE_ROWS) return;
    last = rows.at(-1);
  }
}
