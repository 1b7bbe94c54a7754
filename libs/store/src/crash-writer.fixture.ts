import { writeSync } from 'node:fs';
import { columnTypes, defineMigrations, openStore } from './index.js';

/** What the crash test's child writes. */
export interface CrashTables {
  changes: { id: string };
}

export const crashMigrations = defineMigrations({
  '0001-changes': async (db) => db.schema.createTable('changes').addColumn('id', columnTypes.text, (column) => column.primaryKey()).execute(),
});

/** Writes to a file, or to `<url>#<schema>` of PostgreSQL, until it is killed; a line on stdout is an acknowledgement. `early` is the planted fault: it acknowledges before the commit. */
async function writeForEver(place: string, prefix: string, early: boolean): Promise<void> {
  const [url = '', schema] = place.split('#');
  const store = await openStore<CrashTables>({ ...(schema === undefined ? { file: place } : { postgres: { url, schema } }), migrations: crashMigrations });
  const writer = async (lane: number): Promise<void> => {
    for (let count = 0; ; count++) {
      const id = `${prefix}-${lane}-${count}`;
      if (early) writeSync(1, `${id}\n`);
      await store.write(async (tx, emit) => {
        await tx.insertInto('changes').values({ id }).execute();
        emit({ topic: 't', key: id, value: new Uint8Array(50), headers: { ce_id: id } });
      });
      if (!early) writeSync(1, `${id}\n`);
    }
  };
  await Promise.all([0, 1, 2].map(writer));
}

const [, entry, place, prefix, fault] = process.argv;
if (import.meta.filename === entry && place !== undefined && prefix !== undefined) await writeForEver(place, prefix, fault === 'early');
