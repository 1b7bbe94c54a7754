import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { columnTypes, openStore } from '@millrace/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { services } from './index.js';

/** What every store has of its own; none of it makes sense in another home. */
const OF_EVERY_STORE = ['inbox', 'millrace_migration', 'outbox'];

let directory: string;
beforeAll(async () => (directory = await mkdtemp(join(tmpdir(), 'millrace-archive-'))));
afterAll(() => rm(directory, { recursive: true, force: true }));

describe.each(services.map((service) => [service.name, service] as const))('the archive of %s', (name, { migrations, archive }) => {
  it('holds every table with every column, or says why one stays behind', async () => {
    const store = await openStore<never>({ file: join(directory, `${name}.sqlite`), migrations });
    const found = (await store.db.introspection.getTables()).filter((table) => !OF_EVERY_STORE.includes(table.name) && !table.name.startsWith('sqlite_'));
    await store.close();
    const tables = Object.fromEntries(found.map((table) => [table.name, table.columns.map((column) => column.name).sort()]));
    const declared = Object.fromEntries((archive?.tables ?? []).map((table) => [table.name, Object.keys(table.columns).sort()]));
    const leftOut = Object.fromEntries(Object.keys(archive?.leftOut ?? {}).map((table) => [table, tables[table]]));
    expect({ ...declared, ...leftOut }).toEqual(tables);
    const types = Object.fromEntries(found.map((table) => [table.name, Object.fromEntries(table.columns.map((column) => [column.name, column.dataType.toLowerCase()]))]));
    for (const { name: table, columns, sequence } of archive?.tables ?? []) for (const [column, type] of Object.entries(columns)) if (column !== sequence) expect({ table, column, type: columnTypes[type] }).toEqual({ table, column, type: types[table]?.[column] });
    for (const { key, columns } of archive?.tables ?? []) expect(Object.keys(columns)).toEqual(expect.arrayContaining([...key]));
  });
});
