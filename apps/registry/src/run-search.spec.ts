import { canonicalJson } from '@millrace/core';
import { openStore } from '@millrace/store';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Run } from './experiment.js';
import { migrations, type RegistryTables } from './migrations.js';
import { RegistryHome } from './registry-home.fixture.js';
import { columnName, findColumn } from './run-column.js';
import { parseRunFilter, parseRunOrder } from './run-filter.js';
import { RunSearchStore } from './run-search.store.js';
import { runSearchSuite } from './run-search.suite.js';
import { placeAfter, placeOfNumber, placeOfText } from './run-value.js';

runSearchSuite('in a file', () => RegistryHome.start());

describe('runs that an earlier release has kept', () => {
  it('are found and sorted as new ones are', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'millrace-registry-'));
    const file = join(directory, 'registry.db');
    const former = Object.fromEntries(Object.entries(migrations).filter(([name]) => name < '0003'));
    const old = await openStore<RegistryTables>({ file, migrations: former });
    const run = (i: number): Run => ({ experiment: 'e', run: `r${String(i).padStart(4, '0')}`, displayName: '', state: 'RUNNING', params: { group: i % 2 === 0 ? 'a' : 'b' }, tags: {}, metrics: { loss: 1_000 - i }, artifacts: [], startTime: i, endTime: undefined, revision: 1, origin: '' });
    const rows = Array.from({ length: 250 }, (_, i) => run(i)).map((each) => ({ run: each.run, experiment: 'e', state: each.state, request_id: null, body: canonicalJson(each) }));
    await old.db.insertInto('run').values(rows).execute();
    await old.close();
    const store = await openStore<RegistryTables>({ file, migrations });
    const search = new RunSearchStore(store);
    const { found, total } = await search.find('e', { conditions: parseRunFilter('params.group = b'), order: parseRunOrder('metrics.loss'), page: { size: 2, after: undefined }, skip: 0 });
    expect([found.map(({ run: { run: id } }) => id), total]).toEqual([['r0249', 'r0247', 'r0245'], 125]);
    expect(await search.columns('e', { size: 9, after: undefined })).toEqual([{ kind: 'param', key: 'group' }, { kind: 'metric', key: 'loss' }]);
    await store.close();
    await rm(directory, { recursive: true });
  });
});

describe('the place of a value', () => {
  const compare = (a: Uint8Array, b: Uint8Array): number => Math.sign(Buffer.compare(a, b));

  it('stands as the number does', () => {
    fc.assert(fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), (a, b) => compare(placeOfNumber(a), placeOfNumber(b)) === Math.sign(a === b ? 0 : a < b ? -1 : 1)));
  });

  it('tells texts apart, and stands behind all numbers', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 400 }), fc.string({ maxLength: 400 }), (a, b) => {
        expect(compare(placeOfText(a), placeOfText(b)) === 0).toBe(a === b);
        expect(compare(placeOfText(`x${a}`), placeOfNumber(Infinity))).toBe(1);
        expect(compare(placeAfter(placeOfText(a)), placeOfText(a))).toBe(1);
        expect(placeOfText(a).length).toBeLessThan(600);
      }),
    );
  });

  it('has a column whose name is read as it is written', () => {
    fc.assert(fc.property(fc.constantFrom('param', 'metric', 'tag'), fc.string({ minLength: 1 }), (kind, key) => void expect(findColumn(columnName({ kind, key }))).toEqual({ kind, key })));
  });
});
