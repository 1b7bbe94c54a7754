import { openStore } from '@millrace/store';
import { expect, it } from 'vitest';
import { migrations, type PipelinesTables } from './migrations.js';
import { StepLogStore } from './step-log.store.js';

const PAGE = { size: 10, after: undefined };

it('forgets the logs of runs whose steps have said nothing for long, and no others', async () => {
  const store = await openStore<PipelinesTables>({ file: ':memory:', migrations });
  const logs = new StepLogStore(store);
  const [old, now] = [new Date('2001-01-01T00:00:00Z'), new Date('2001-04-01T00:00:00Z')];
  const say = (run: string, time: Date) => logs.add(run, { step: 'train', log: '', lines: [{ position: 0, time, text: run }] }, time);
  await say('silent', old);
  await say('going-on', old);
  await say('going-on', now);
  expect(await logs.forgetBefore(now)).toBe(1);
  expect(await logs.list('silent', '', PAGE)).toEqual([]);
  expect((await logs.list('going-on', '', PAGE)).map(({ position, time }) => [position, time])).toEqual([[0, old], [1, now]]);
  await store.close();
});
