import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { Changes } from './index.js';

const isNine = (value: number): boolean => value === 9;
const forever = new AbortController().signal;

it('gives what is there, then each change, and ends with the final one', async () => {
  const changes = new Changes();
  let value = 1;
  const seen: number[] = [];
  const watching = (async () => {
    for await (const now of changes.watch('jobs/a', async () => value, { final: isNine, signal: forever })) seen.push(now);
  })();
  for (const next of [2, 3, 9]) {
    await vi.waitFor(() => expect(seen.at(-1)).toBe(value));
    value = next;
    changes.notify('jobs/a');
  }
  await watching;
  expect(seen).toEqual([1, 2, 3, 9]);
});

it('counts changes that come while the reader is busy as one, and loses none that came last', async () => {
  const changes = new Changes();
  let value = 1;
  const seen: number[] = [];
  for await (const now of changes.watch('jobs/a', async () => value, { final: isNine, signal: forever })) {
    seen.push(now);
    if (value === 9) continue;
    for (value = 2; value < 9; value++) changes.notify('jobs/a');
    changes.notify('jobs/a');
    await sleep(1);
  }
  expect(seen).toEqual([1, 9]);
});

it('does not lose a change that comes while what is there is being read', async () => {
  const changes = new Changes();
  let value = 1;
  const seen: number[] = [];
  const read = async (): Promise<number> => {
    const found = value;
    await sleep(5);
    if (value === 1) {
      value = 9;
      changes.notify('jobs/a');
    }
    return found;
  };
  for await (const now of changes.watch('jobs/a', read, { final: isNine, signal: forever })) seen.push(now);
  expect(seen).toEqual([1, 9]);
});

it('wakes only those who watch that name, each at a pace of its own', async () => {
  const changes = new Changes();
  const values: Record<string, number> = { 'jobs/a': 1, 'jobs/b': 1 };
  const reads: Record<string, number> = { 'jobs/a': 0, 'jobs/b': 0 };
  const stop = new AbortController();
  const watch = async (name: string): Promise<void> => {
    const read = async (): Promise<number> => {
      reads[name] = (reads[name] ?? 0) + 1;
      return values[name] ?? 0;
    };
    for await (const _ of changes.watch(name, read, { final: isNine, signal: stop.signal }));
  };
  const watching = Promise.all([watch('jobs/a'), watch('jobs/a'), watch('jobs/b')]);
  await sleep(10);
  values['jobs/a'] = 2;
  changes.notify('jobs/a');
  changes.notify('jobs/unknown');
  await sleep(10);
  expect(reads).toEqual({ 'jobs/a': 4, 'jobs/b': 1 });
  stop.abort();
  await watching;
});

it('ends when the watcher leaves, and then remembers nothing of it', async () => {
  const changes = new Changes();
  const gone = new AbortController();
  const watching = (async () => {
    for await (const _ of changes.watch('jobs/a', async () => 1, { final: isNine, signal: gone.signal }));
  })();
  gone.abort();
  await watching;
  for await (const _ of changes.watch('jobs/a', async () => 1, { final: isNine, signal: gone.signal })) expect.unreachable();
});
