import { openStore, type Store } from '@millrace/store';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Changes } from './index.js';

const url = process.env['MILLRACE_TEST_POSTGRES'] ?? '';
const schema = `changes_${process.pid}`;
let admin: pg.Client;
let stores: readonly Store<never>[];
let working: Changes;
let watching: Changes;

beforeAll(async () => {
  if (url === '') throw new Error('MILLRACE_TEST_POSTGRES is not set; run npm run test:cluster, which starts a server.');
  admin = new pg.Client({ connectionString: url });
  await admin.connect();
  stores = [await openStore<never>({ postgres: { url, schema }, migrations: {} }), await openStore<never>({ postgres: { url, schema }, migrations: {} })];
  [working, watching] = stores.map(({ signals }) => new Changes(signals)) as [Changes, Changes];
});
afterAll(async () => {
  await Promise.all(stores.map((store) => store.close()));
  await admin.query(`drop schema if exists ${schema} cascade`);
  await admin.end();
});

const progress = (done: number) => ({ step: 'mill', done, total: 3, note: 'n'.repeat(9_000), updateTime: new Date(1_000 * done) });

/** What a watcher in the other process sees, until the work is done. */
async function watch(read: () => number, seen: (string | number | undefined)[]): Promise<void> {
  for await (const now of watching.watch('jobs/a', async () => read(), { final: (value) => value === 9, signal: new AbortController().signal })) seen.push(now, watching.progress('jobs/a')?.done);
}

it('wakes those who watch in another process, tells them how far the work is, and lets them miss no change while a connection breaks', async () => {
  let value = 1;
  const seen: (string | number | undefined)[] = [];
  const ended = watch(() => value, seen);
  await expect
    .poll(() => {
      working.report('jobs/a', progress(2));
      return seen.at(-1);
    })
    .toBe(2);
  expect(watching.progress('jobs/a')).toMatchObject({ step: 'mill', done: 2, total: 3, note: 'n'.repeat(500), updateTime: new Date(2_000) });
  value = 5;
  working.notify('jobs/a');
  await expect.poll(() => seen.at(-2)).toBe(5);
  await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1', [`millrace_signals_${schema} signals`]);
  value = 9;
  working.notify('jobs/a');
  await ended;
  expect(seen.at(-2)).toBe(9);
});
