import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { Chores } from './chores.js';

const lines: string[] = [];
const log = pino({ base: null }, { write: (line: string) => void lines.push(line) });

it('does the chores in their order, again and again, also after one that fails', async () => {
  const done: string[] = [];
  const twice = Promise.withResolvers<void>();
  const chores = new Chores(
    [
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
    ],
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
    [
      {
        name: 'long',
        run: async () => {
          begun.resolve();
          await sleep(20);
          done.push('long');
        },
      },
      { name: 'next', run: async () => void done.push('next') },
    ],
    { log, firstMs: 1 },
  );
  await begun.promise;
  await chores.stop();
  expect(done).toEqual(['long']);
});
