import { entryUrl } from '@millrace/core';
import { expect, it } from 'vitest';
import { SharedThread, Thread } from './thread.js';

const entry = entryUrl(import.meta.url, './ending.worker.js');

it('answers calls in the order they were made and brings the fault of one back', async () => {
  const thread = new Thread(entry, 'spec');
  const answers = await Promise.allSettled([thread.call('echo', { text: 'a' }), thread.call('fail', {}), thread.call('echo', { text: 'b' }), thread.call('nothing', {})]);
  expect(answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : (answer.reason as Error).message))).toEqual(['a', 'disk says no', 'b', 'The thread has no handler "nothing".']);
  await thread.close();
});

it('rejects every waiting and every later call when it dies, instead of hanging', async () => {
  const thread = new Thread(entry, 'spec');
  expect(await thread.call('echo', { text: 'a' })).toBe('a');
  const waiting = [thread.call('die', {}), thread.call('echo', { text: 'b' }), thread.call('echo', { text: 'c' })];
  for (const each of waiting) await expect(each).rejects.toMatchObject({ reason: 'THREAD_LOST', message: expect.stringContaining('exit code 3') as string });
  await expect(thread.call('echo', { text: 'd' })).rejects.toMatchObject({ reason: 'THREAD_LOST' });
  expect(thread.alive).toBe(false);
});

it('is shared by all borrowers, ends after the last, and is replaced once lost', async () => {
  const shared = new SharedThread(entry, 'spec');
  const [first, second] = [shared.borrow(), shared.borrow()];
  expect(second).toBe(first);
  await shared.giveBack(first);
  expect(await second.call('echo', { text: 'still here' })).toBe('still here');
  await expect(second.call('die', {})).rejects.toMatchObject({ reason: 'THREAD_LOST' });
  const third = shared.borrow();
  expect(await third.call('echo', { text: 'anew' })).toBe('anew');
  await Promise.all([shared.giveBack(second), shared.giveBack(third)]);
  expect(third.alive).toBe(false);
});
