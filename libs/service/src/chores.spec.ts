import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { openStore } from '@millrace/store';
import { afterAll, expect, it } from 'vitest';
import { type Chore, Chores, type SharedChore } from './chores.js';

const lines: string[] = [];
const log = pino({ base: null }, { write: (line: string) => void lines.push(line) });

const store = await openStore({ file: ':memory:', migrations: {} });
afterAll(() => store.close());
const shared = (chores: readonly Chore[]): readonly SharedChore[] => chores.map((chore) => ({ ...chore, leases: store.leases }));

it('does the chores in their order, again and again, also after one that fails', async () => {
  const done: string[] = [];
  const twice = Promise.withResolvers<void>();
  const chores = new Chores(
    shared([
      { name: 'sweep', run: async () => void done.push('sweep') },
      { name: 'break', run: async () => Promise.reject(new Error('a cup is broken')) },
      {
        name: 'dry',
        run: async () => {
          done.push('dry');
          if (done.length >= 4) twice.resolve();
          return { plates: 3 };
        },
      },
    ]),
    { log, firstMs: 1, everyMs: 1 },
  );
  await twice.promise;
  await chores.stop();
  expect(done.slice(0, 4)).toEqual(['sweep', 'dry', 'sweep', 'dry']);
  expect(lines.some((line) => line.includes('a cup is broken') && line.includes('"chore":"break"'))).toBe(true);
  expect(lines.some((line) => line.includes('"plates":3'))).toBe(true);
});

it('waits for the chore under way when it stops, and begins no other', async () => {
  const done: string[] = [];
  const begun = Promise.withResolvers<void>();
  const chores = new Chores(
    shared([
      {
        name: 'long',
        run: async () => {
          begun.resolve();
          await sleep(20);
          done.push('long');
        },
      },
      { name: 'next', run: async () => void done.push('next') },
    ]),
    { log, firstMs: 1 },
  );
  await begun.promise;
  await chores.stop();
  expect(done).toEqual(['long']);
});

it('does each chore once in a period however many instances share the store, and lets another try what failed', async () => {
  const done: string[] = [];
  let broken = true;
  const chores = shared([
    { name: 'air', run: async () => void done.push('air') },
    {
      name: 'mend',
      run: async () => {
        if (broken) throw new Error('the glue is out');
        done.push('mend');
      },
    },
  ]);
  const rest = { name: 'rest', run: async () => undefined };
  const round = async (everyMs: number): Promise<void> => {
    const over = Promise.withResolvers<void>();
    const instance = new Chores([...chores, { ...rest, leases: { period: async () => over.resolve() as undefined } }], { log, firstMs: 1, everyMs });
    await over.promise;
    await instance.stop();
  };
  await Promise.all([round(60_000), round(60_000), round(60_000)]);
  expect(done).toEqual(['air']);
  broken = false;
  await round(60_000);
  expect(done).toEqual(['air', 'mend']);
});
