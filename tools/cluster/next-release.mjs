import { services } from '@millrace/standalone';
import { openStore } from '@millrace/store';
import { sql } from 'kysely';

/** What the probe calls its columns and tables: nothing that this code could know. */
export const UNKNOWN = 'of_the_next_release';

/** Migrates the schema of every service as a next release would that only expands: each table gets a column, each schema a table. */
export async function expandSchemas(url) {
  for (const { name, migrations } of services) {
    const store = await openStore({ postgres: { url, schema: schemaOf(name) }, migrations: { ...migrations, '9999-next-release': expand } });
    await store.close();
  }
}

/** How many rows of each schema say something in a column that their writer does not know: none, if it was this code. */
export async function rowsOfNextRelease(url) {
  const found = {};
  for (const { name, migrations } of services) {
    const store = await openStore({ postgres: { url, schema: schemaOf(name) }, migrations });
    const counts = { rows: 0, known: 0 };
    for (const table of await tablesOf(store.db)) {
      const { rows } = await sql`select count(*)::int as rows, count(${sql.ref(UNKNOWN)})::int as known from ${sql.table(table)}`.execute(store.db);
      counts.rows += rows[0].rows;
      counts.known += rows[0].known;
    }
    found[name] = counts;
    await store.close();
  }
  return found;
}

async function expand(db) {
  for (const table of await tablesOf(db)) await db.schema.alterTable(table).addColumn(UNKNOWN, 'text').execute();
  await db.schema.createTable(UNKNOWN).addColumn(UNKNOWN, 'text').execute();
}

const schemaOf = (name) => `millrace_${name.replaceAll('-', '_')}`;

async function tablesOf(db) {
  const { rows } = await sql`select table_name as name from information_schema.tables where table_schema = current_schema() and table_name <> 'millrace_migration' order by 1`.execute(db);
  return rows.map(({ name }) => name);
}
