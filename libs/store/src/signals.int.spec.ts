import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { MAX_SIGNAL_BYTES, openStore, type SignalListener, type Store } from './index.js';

const url = process.env['MILLRACE_TEST_POSTGRES'] ?? '';
const schema = `signals_${process.pid}`;
const stores: Store<never>[] = [];
let admin: pg.Client;

beforeAll(async () => {
  if (url === '') throw new Error('MILLRACE_TEST_POSTGRES is not set; run npm run test:cluster, which starts a server.');
  admin = new pg.Client({ connectionString: url });
  await admin.connect();
});
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
});
afterAll(async () => {
  await admin.query(`drop schema if exists ${schema} cascade`);
  await admin.end();
});

/** A process that shares the store, and what it was told. */
async function join(): Promise<{ readonly store: Store<never>; readonly heard: string[]; missed: () => number }> {
  const store = await openStore<never>({ postgres: { url, schema }, migrations: {} });
  stores.push(store);
  const heard: string[] = [];
  let missed = 0;
  const listener: SignalListener = { heard: (message) => void heard.push(message), missed: () => void missed++ };
  store.signals.listen('thing', listener);
  await expect.poll(() => missed).toBeGreaterThan(0);
  return { store, heard, missed: () => missed };
}

describe('signals between the processes that share a store', () => {
  it('are heard by all others, in order, and not by the one that sends', async () => {
    const [a, b, c] = [await join(), await join(), await join()];
    for (let i = 0; i < 50; i++) a.store.signals.send('thing', `things/${i} with words`);
    a.store.signals.send('other', 'nobody listens');
    const all = Array.from({ length: 50 }, (_, i) => `things/${i} with words`);
    await expect.poll(() => b.heard).toEqual(all);
    await expect.poll(() => c.heard).toEqual(all);
    expect(a.heard).toEqual([]);
  });

  it('say on both sides that some were missed when a connection breaks, and go on', async () => {
    const [a, b] = [await join(), await join()];
    const before = [a.missed(), b.missed()] as const;
    const { rowCount } = await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1', [`millrace_signals_${schema} signals`]);
    expect(rowCount).toBe(2);
    a.store.signals.send('thing', 'while nobody is connected');
    await expect.poll(() => a.missed()).toBeGreaterThan(before[0]);
    await expect.poll(() => b.missed()).toBeGreaterThan(before[1]);
    await expect
      .poll(() => {
        a.store.signals.send('thing', 'after');
        return b.heard;
      })
      .toContain('after');
  });

  it('refuse what a notification cannot carry', async () => {
    const { store } = await join();
    expect(() => store.signals.send('thing', 'x'.repeat(MAX_SIGNAL_BYTES))).toThrow(RangeError);
    expect(() => store.signals.send('two words', 'x')).toThrow(TypeError);
  });
});
