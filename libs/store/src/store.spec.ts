import { expect, it } from 'vitest';
import { columnTypes, defineMigrations, openStore } from './index.js';

const migrations = defineMigrations({
  '0001-models': async (db) => {
    await db.schema.createTable('models').addColumn('name', columnTypes.text, (c) => c.primaryKey()).addColumn('rows', columnTypes.int64).execute();
  },
});
it('keeps rows and events together', async () => {
  const store = await openStore<{ models: { name: string; rows: bigint } }>({ file: ':memory:', migrations });
  const seen: string[] = [];
  const relay = store.relay(async (records) => void seen.push(...records.map((r) => r.key)));
  await store.write(async (tx, emit) => {
    await tx.insertInto('models').values({ name: 'a', rows: 2n ** 60n }).execute();
    emit({ topic: 't', key: 'a', value: new Uint8Array([1]), headers: {} });
  });
  await relay.idle();
  expect(seen).toEqual(['a']);
  expect(await store.db.selectFrom('models').selectAll().execute()).toEqual([{ name: 'a', rows: 2n ** 60n }]);
  expect(await store.once('g', 'e', async () => {})).toBe(true);
  expect(await store.once('g', 'e', async () => {})).toBe(false);
  await store.close();
});
