import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { openStore } from './index.js';
import { modelMigrations, modelRow, type ModelTables } from './store.suite.js';

const root = mkdtempSync(join(tmpdir(), 'millrace-leases-'));
afterAll(() => rm(root, { recursive: true }));

const open = (lease: { readonly clock?: () => Date } = {}) => openStore<ModelTables>({ file: join(root, 'store.db'), migrations: modelMigrations, leases: lease });

it('in a file belong to the process that has it open: what the last one held is free at once, and fenced', async () => {
  const before = await open();
  await before.leases.acquire('job/1');
  // Killed: it neither gave anything back nor closed the file.
  const after = await open();
  expect(await after.leases.acquire('job/1')).toMatchObject({ takeovers: 0 });
  const keep = (store: typeof before, name: string) =>
    store.write(async (tx) => {
      await store.leases.guard(tx, 'job/1');
      await tx.insertInto('models').values(modelRow(name)).execute();
    });
  await expect(keep(before, 'a')).rejects.toMatchObject({ reason: 'LEASE_LOST' });
  await keep(after, 'b');
  await before.close();
  await after.close();
});

it('in a file count periods by the clock of the process, also over a restart', async () => {
  let now = new Date('2001-04-01T00:00:00Z');
  const clock = () => now;
  const first = await open({ clock });
  expect(await first.leases.period('chore/tidy', 60_000)).toBeDefined();
  await first.close();
  const second = await open({ clock });
  expect(await second.leases.period('chore/tidy', 60_000)).toBeUndefined();
  now = new Date('2001-04-01T00:01:00Z');
  expect(await second.leases.period('chore/tidy', 60_000)).toBeDefined();
  expect(await second.leases.now()).toEqual(now);
  await second.close();
});
