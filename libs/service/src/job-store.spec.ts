import { AppError, uuidv7 } from '@millrace/core';
import { openStore, type Store } from '@millrace/store';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ErrorInfo } from '@millrace/contracts/google/rpc/error_details';
import { asError, begun, createJobTable, ended, failureOf, type JobResource, JobStore, PENDING, toJobStatus } from './index.js';

interface Baking extends JobResource {
  readonly loaves: number;
}
const time = new Date('2001-04-01T05:06:07.089Z');
const later = new Date('2001-04-01T06:00:00Z');
const burnt = new AppError('FAILED_PRECONDITION', 'bakery.millrace', 'BURNT', 'Loaf 7 is burnt.', { loaf: '7' });

let store: Store<object>;
let bakings: JobStore<Baking>;
beforeEach(async () => {
  store = await openStore({ file: ':memory:', migrations: { '0001_baking': (db) => createJobTable(db, 'baking') } });
  bakings = new JobStore(store, 'baking');
});
afterEach(() => store.close());

const baking = (more: Partial<Baking> = {}): Baking => ({ id: uuidv7(), subject: 'bread', status: PENDING, requestId: '', createTime: time, loaves: 3, ...more });

it('gives back what it keeps, times as times', async () => {
  const kept = baking({ status: ended(begun(PENDING, time), later, burnt) });
  await bakings.create(kept);
  expect(await bakings.find(kept.id)).toEqual(kept);
  expect(await bakings.find(uuidv7())).toBeUndefined();
});

it('gives the first job back for a request id that was used before', async () => {
  const first = await bakings.create(baking({ requestId: 'r1' }));
  expect(await bakings.create(baking({ requestId: 'r1', loaves: 9 }))).toEqual(first);
  await bakings.create(baking());
  await bakings.create(baking());
  expect((await bakings.list({}, { size: 10, after: undefined })).length).toBe(3);
});

it('lists newest first, by subject and state, a page and one more', async () => {
  const all: Baking[] = [];
  for (const subject of ['bread', 'cake', 'bread', 'bread']) all.push(await bakings.create(baking({ subject, status: subject === 'cake' ? begun(PENDING, time) : PENDING })));
  const ids = async (filter: object, size: number, after?: string) => (await bakings.list(filter, { size, after })).map(({ id }) => all.findIndex((candidate) => candidate.id === id));
  expect(await ids({}, 2)).toEqual([3, 2, 1]);
  expect(await ids({}, 2, all[2]?.id)).toEqual([1, 0]);
  expect(await ids({ subject: 'bread' }, 10)).toEqual([3, 2, 0]);
  expect(await ids({ state: 'RUNNING' }, 10)).toEqual([1]);
});

it('finds what has not ended, oldest first, and saves what a job became with its events', async () => {
  const [a, b, c] = [await bakings.create(baking()), await bakings.create(baking({ status: begun(PENDING, time) })), await bakings.create(baking())];
  await bakings.hold(a.id);
  await bakings.save({ ...a, loaves: 4, status: ended(a.status, later) }, [{ topic: 't', key: 'k', value: new Uint8Array(), headers: {} }]);
  expect((await bakings.unfinished()).map(({ id }) => id)).toEqual([b.id, c.id]);
  expect(await bakings.find(a.id)).toMatchObject({ loaves: 4, status: { state: 'SUCCEEDED', endTime: later } });
  expect(await store.outboxSize()).toBe(1);
});

it('saves nothing of a job when what changes with it fails', async () => {
  const kept = await bakings.create(baking());
  const record = { topic: 't', key: 'k', value: new Uint8Array(), headers: {} };
  await bakings.hold(kept.id);
  await expect(bakings.save({ ...kept, status: ended(kept.status, later) }, [record], async () => Promise.reject(burnt))).rejects.toBe(burnt);
  expect((await bakings.find(kept.id))?.status).toEqual(PENDING);
  expect(await store.outboxSize()).toBe(0);
});

it('keeps when a job began first, and why it ended: as it was said, or nothing of our insides', () => {
  expect(begun(begun(PENDING, time), later).startTime).toEqual(time);
  expect(ended(PENDING, later, burnt)).toMatchObject({ state: 'FAILED', startTime: later, failure: { reason: 'BURNT', metadata: { loaf: '7' } } });
  expect(ended(PENDING, later, new AppError('ABORTED', 'jobs.millrace', 'JOB_CANCELLED', 'Enough.')).state).toBe('CANCELLED');
  expect(failureOf(new TypeError('password=hunter2'))).toEqual({ code: 'INTERNAL', domain: 'millrace', reason: 'INTERNAL', message: 'Internal error.', metadata: {} });
  expect(asError(failureOf(burnt))).toMatchObject({ code: burnt.code, domain: burnt.domain, reason: burnt.reason, message: burnt.message, metadata: burnt.metadata });
});

it('shows a status as the contracts say it, with the reason as an ErrorInfo', () => {
  const progress = { step: 'oven', done: 1, total: 3, note: '', updateTime: later };
  expect(toJobStatus(begun(PENDING, time), progress)).toMatchObject({ state: 'JOB_STATE_RUNNING', startTime: time, progress, error: undefined });
  const { error } = toJobStatus(ended(begun(PENDING, time), later, burnt));
  expect(error).toMatchObject({ code: 9, message: 'Loaf 7 is burnt.' });
  expect(ErrorInfo.decode(error?.details[0]?.value ?? new Uint8Array())).toEqual({ reason: 'BURNT', domain: 'bakery.millrace', metadata: { loaf: '7' } });
});
