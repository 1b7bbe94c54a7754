import { uuidv7 } from '@millrace/core';
import { NoSignals, openStore, type Store } from '@millrace/store';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FiringStore } from './firing.store.js';
import { migrations, type PipelinesTables } from './migrations.js';
import { ScheduleClock, timeAfter } from './schedule-clock.js';
import { ScheduleStore } from './schedule.store.js';
import type { Firing } from './trigger.js';

const MINUTELY = [{ trigger: 'late.minutely', cron: '* * * * *' }];
const at = (time: string): Date => new Date(`2001-04-02T${time}Z`);

let store: Store<PipelinesTables>;
let schedules: ScheduleStore;
let firings: FiringStore;
let now: Date;
const faults: unknown[] = [];
const open: ScheduleClock[] = [];
beforeEach(async () => {
  store = await openStore<PipelinesTables>({ file: ':memory:', migrations });
  schedules = new ScheduleStore(store);
  firings = new FiringStore(store);
  now = at('03:00:30');
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((clock) => clock.close()));
  await store.close();
  expect(faults.splice(0)).toEqual([]);
});

/** An instance that fires what is due by the time of the database. */
async function start(): Promise<ScheduleClock> {
  const clock = new ScheduleClock(schedules, { leases: { now: async () => now }, signals: new NoSignals(), shared: true }, (error) => faults.push(error));
  open.push(clock);
  await clock.start(async (due, { next, missed }) => {
    const firing: Firing = { id: uuidv7(), trigger: due.trigger, pipeline: due.pipeline, cause: { kind: 'SCHEDULE', resource: due.trigger, eventTime: undefined }, decision: 'HELD', why: '', pipelineRun: '', createTime: now, updateTime: now, dueTime: due.nextTime };
    await firings.addScheduled(due, { next, firing: missed ? undefined : firing });
  });
  return clock;
}

const fired = async (): Promise<readonly (string | undefined)[]> => (await firings.list({}, { size: 100, after: undefined })).map(({ dueTime }) => dueTime?.toISOString().slice(11, 19)).sort();
const next = async (): Promise<readonly Date[]> => (await schedules.of('late')).map(({ nextTime }) => nextTime);

it('fires each time once, however many instances look at the same moment', async () => {
  const clocks = [await start(), await start(), await start()];
  await clocks[0]?.set('late', MINUTELY);
  expect(await next()).toEqual([at('03:01:00')]);
  now = at('03:02:00');
  await Promise.all(clocks.map((clock) => clock.set('other', [])));
  expect(await fired()).toEqual(['03:01:00', '03:02:00']);
  expect(await next()).toEqual([at('03:03:00')]);
});

it('makes up for what came in the last five minutes while nobody was up, and leaves out what is older', async () => {
  const before = await start();
  await before.set('late', MINUTELY);
  await before.close();
  now = at('04:00:30');
  await start();
  expect(await fired()).toEqual(['03:56:00', '03:57:00', '03:58:00', '03:59:00', '04:00:00']);
  expect(await next()).toEqual([at('04:01:00')]);
});

it('keeps the next time when a pipeline is applied again, unless a clock that was wrong had put it too far', async () => {
  const clock = await start();
  await clock.set('late', MINUTELY);
  await clock.set('late', MINUTELY);
  expect(await next()).toEqual([at('03:01:00')]);
  now = new Date('2000-01-01T00:00:00Z');
  await clock.set('late', MINUTELY);
  expect(await next()).toEqual([new Date('2000-01-01T00:01:00Z')]);
  await clock.set('late', []);
  expect(await next()).toEqual([]);
});

it('knows the times of a cron expression in UTC', () => {
  expect(timeAfter('0 3 * * *', at('03:00:00'))).toEqual(new Date('2001-04-03T03:00:00Z'));
});
