import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLocalObjects } from '@millrace/objects';
import { addSequence, columnTypes as types, defineMigrations, openStore } from '@millrace/store';
import type { Kysely } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ArchiveDeclaration } from './archived-tables.js';
import { readArchive } from './archive-reader.js';
import { type Archivable, sumTables, unfinished, writeArchive } from './archive-writer.js';
import { rowText, RowSum } from './row-text.js';

const archive: ArchiveDeclaration = {
  manifests: ['bakery/'],
  tables: [
    { name: 'loaf', key: ['name', 'size'], columns: { name: 'text', size: 'int32', grains: 'int64', weight: 'float64', baked: 'boolean', at: 'timestamp', crust: 'bytes', recipe: 'json' } },
    { name: 'order', key: ['number'], columns: { number: 'int64', loaf: 'text' }, sequence: 'number' },
    { name: 'baking', key: ['id'], columns: { id: 'text', subject: 'text', state: 'text', request_id: 'text', body: 'json', create_time: 'timestamp' }, jobs: true },
  ],
};
const migrations = defineMigrations({
  '0001-bakery': async (db) => {
    const loaf = db.schema.createTable('loaf').addColumn('name', types.text).addColumn('size', types.int32).addColumn('grains', types.int64).addColumn('weight', types.float64).addColumn('baked', types.boolean);
    await loaf.addColumn('at', types.timestamp).addColumn('crust', types.bytes).addColumn('recipe', types.json).addPrimaryKeyConstraint('loaf_pkey', ['name', 'size']).execute();
    await addSequence(db.schema.createTable('order'), db, 'number').addColumn('loaf', types.text).execute();
    const baking = db.schema.createTable('baking').addColumn('id', types.text, (column) => column.primaryKey()).addColumn('subject', types.text).addColumn('state', types.text);
    await baking.addColumn('request_id', types.text).addColumn('body', types.json).addColumn('create_time', types.timestamp).execute();
  },
});
type AnyRows = Kysely<Record<string, Record<string, unknown>>>;

let directory: string;
const closers: (() => Promise<void>)[] = [];
beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), 'millrace-archive-'))));
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  await rm(directory, { recursive: true, force: true });
});

async function bakery(name: string): Promise<Archivable & { readonly db: AnyRows }> {
  const store = await openStore<never>({ file: join(directory, `${name}.sqlite`), migrations });
  closers.push(() => store.close());
  return { service: 'bakery', store, objects: await openLocalObjects(join(directory, `${name}-objects`)), archive, db: store.db as unknown as AnyRows };
}

/** More rows than one page holds, with everything in them that is hard to carry. */
async function fill({ db, objects }: Awaited<ReturnType<typeof bakery>>): Promise<void> {
  const loaf = { name: 'rye "dark"\n', size: 2, grains: 9_223_372_036_854_775_807n, weight: 0.1 + 0.2, baked: true, at: new Date('2001-04-01T12:00:00.123Z'), crust: new Uint8Array([0, 255, 10]), recipe: '{"$i":"7"}' };
  await db.insertInto('loaf').values([loaf, { ...loaf, name: 'Ähre', size: -1, grains: null, weight: -1.5e-300, baked: false, at: null, crust: new Uint8Array(), recipe: '[]' }]).execute();
  for (let start = 0; start < 1_200; start += 400) await db.insertInto('order').values(Array.from({ length: 400 }, (_, i) => ({ loaf: `loaf ${start + i}` }))).execute();
  await db.deleteFrom('order').where('number', '<', 100).execute();
  await objects.writeManifest('bakery/loaves', { objects: [(await objects.put(Buffer.from('crumbs'))).digest], body: { kept: true } });
}

async function exported(from: Archivable): Promise<string> {
  const file = join(directory, 'bakery.jsonl');
  await writeArchive(from, file);
  return file;
}

describe('the archive of a service', () => {
  it('carries every row to another store, bit by bit, and counts on after the highest number', async () => {
    const [old, fresh] = [await bakery('old'), await bakery('fresh')];
    await fill(old);
    const file = await exported(old);
    await fresh.objects.put(Buffer.from('crumbs'));
    expect(await readArchive(fresh, file)).toMatchObject({ imported: true, tables: { loaf: { rows: 2 }, order: { rows: 1_101 } } });
    expect(await fresh.db.selectFrom('loaf').selectAll().orderBy('name').execute()).toEqual(await old.db.selectFrom('loaf').selectAll().orderBy('name').execute());
    expect(await sumTables(fresh)).toEqual(await sumTables(old));
    expect(await fresh.objects.readManifest('bakery/loaves')).toEqual(await old.objects.readManifest('bakery/loaves'));
    await fresh.db.insertInto('order').values({ loaf: 'the next' }).execute();
    expect(await fresh.db.selectFrom('order').select('number').where('loaf', '=', 'the next').execute()).toEqual([{ number: 1_201 }]);
    expect(await readFile(await exported(old), 'utf8')).toBe(await readFile(file, 'utf8'));
  });

  it('is taken once, and never over what is there', async () => {
    const [old, fresh] = [await bakery('old'), await bakery('fresh')];
    await fill(old);
    const file = await exported(old);
    await fresh.objects.put(Buffer.from('crumbs'));
    await readArchive(fresh, file);
    expect(await readArchive(fresh, file)).toMatchObject({ imported: false });
    await fresh.db.deleteFrom('order').where('number', '=', 500).execute();
    await expect(readArchive(fresh, file)).rejects.toMatchObject({ reason: 'ARCHIVE_NOT_EMPTY', metadata: { tables: expect.stringContaining('order: 1100') } });
  });

  it('keeps nothing of what is wrong at its end, and nothing whose objects are not there', async () => {
    const [old, fresh] = [await bakery('old'), await bakery('fresh')];
    await fill(old);
    const file = await exported(old);
    await expect(readArchive(fresh, file)).rejects.toMatchObject({ domain: 'objects.millrace', reason: 'OBJECT_NOT_FOUND' });
    await fresh.objects.put(Buffer.from('crumbs'));
    const text = await readFile(file, 'utf8');
    const lie = async (change: (text: string) => string, place: RegExp): Promise<void> => {
      await writeFile(file, change(text));
      await expect(readArchive(fresh, file)).rejects.toMatchObject({ reason: 'ARCHIVE_INVALID', metadata: { place: expect.stringMatching(place) } });
    };
    await lie((all) => all.replace('loaf 700', 'loaf 701'), /its end/);
    await lie((all) => all.replace(/\{"row":.*loaf 700.*\n|.*loaf 700.*\n/, ''), /its end/);
    await lie((all) => `${all}{"table":"order","row":{}}\n`, /^line \d+$/);
    expect(Object.values(await sumTables(fresh)).map(({ rows }) => rows)).toEqual([0, 0, 0]);
  });

  it('names the jobs that go on', async () => {
    const { db, ...old } = await bakery('old');
    const job = { id: 'a', subject: '', state: 'SUCCEEDED', request_id: null, body: '{}', create_time: new Date(0) };
    await db.insertInto('baking').values([job, { ...job, id: 'b', state: 'RUNNING' }, { ...job, id: 'c', state: 'PENDING' }]).execute();
    expect(await unfinished(old)).toEqual(['baking b', 'baking c']);
  });
});

it('sums rows to the same in any order, and to something else when one differs', () => {
  const [table] = archive.tables;
  if (!table) throw new Error('The bakery has a table.');
  const row = (name: string) => rowText(table, { name, size: 1 });
  const sum = (...names: readonly string[]) => {
    const total = new RowSum();
    names.forEach((name) => total.add(row(name)));
    return [total.rows, total.digest];
  };
  expect(sum('a', 'b')).toEqual(sum('b', 'a'));
  expect(sum('a', 'b')).not.toEqual(sum('a', 'c'));
  expect(sum('a', 'a')).not.toEqual(sum('a'));
});
