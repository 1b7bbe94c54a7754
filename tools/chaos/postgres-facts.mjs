import pg from 'pg';

const SCHEMA = 'millrace_';
const INT8 = 20;
const TIMEOUT_MS = 60_000;

/** Every table of every service, as they stand together at one moment, and what PostgreSQL says of its own indexes. */
export async function readStores(url) {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: TIMEOUT_MS, statement_timeout: TIMEOUT_MS, types: { getTypeParser: (oid, format) => (oid === INT8 ? Number : pg.types.getTypeParser(oid, format)) } });
  await client.connect();
  try {
    const verdicts = await checkIndexes(client);
    await client.query('begin transaction isolation level repeatable read read only');
    const { rows: tables } = await client.query(`select table_schema as schema, table_name as name from information_schema.tables where table_schema like '${SCHEMA}%'`);
    const stores = new Map(tables.map(({ schema }) => [schema.slice(SCHEMA.length).replaceAll('_', '-'), new Map()]));
    for (const { schema, name } of tables) stores.get(schema.slice(SCHEMA.length).replaceAll('_', '-')).set(name, (await client.query(`select * from "${schema}"."${name}"`)).rows);
    await client.query('commit');
    return {
      names: [...stores.keys()],
      rows(service, table) {
        const found = stores.get(service)?.get(table);
        if (found === undefined && stores.get(service)?.has('millrace_migration')) throw new Error(`The store of ${service} has no table "${table}": tools/faults reads an older schema.`);
        return found ?? [];
      },
      verdict: (service) => verdicts.get(service) ?? 'ok',
    };
  } finally {
    await client.end();
  }
}

/** Faults of each store by its service: every index holds every row, in order. */
async function checkIndexes(client) {
  await client.query('create extension if not exists amcheck');
  const { rows: indexes } = await client.query(
    `select n.nspname as schema, c.relname as name, c.oid from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace join pg_am a on a.oid = c.relam
     where n.nspname like '${SCHEMA}%' and a.amname = 'btree' and i.indisvalid`,
  );
  const verdicts = new Map();
  for (const { schema, name, oid } of indexes) {
    try {
      await client.query('select bt_index_check($1::oid::regclass, true)', [oid]);
    } catch (error) {
      verdicts.set(schema.slice(SCHEMA.length).replaceAll('_', '-'), `${name}: ${error.message}`);
    }
  }
  return verdicts;
}
