import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError, entryUrl, uuidv7 } from '@millrace/core';
import { type JobRunner, openJobRunner } from '@millrace/jobs';
import { openStore, type Store } from '@millrace/store';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { CountArgument } from './count.job.fixture.js';
import { begun, Changes, createJobTable, ended, isFinal, JobDesk, type JobOrder, type JobResource, JobStore, PENDING } from './index.js';

interface Count extends JobResource {
  readonly sum: number;
}
interface CountResult {
  readonly sum: number;
  readonly traceparent?: string;
}
const now = new Date('2001-04-01T00:00:00Z');

let dir: string;
let store: Store<object>;
let counts: JobStore<Count>;
let jobs: JobRunner;
let changes: Changes;
let results: CountResult[];
let faults: unknown[];
let orders: Map<string, Given>;

/** A count that was created, and what its job is to be given. */
interface Given extends JobOrder<CountArgument> {
  readonly id: string;
}

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-desk-'));
  store = await openStore({ file: ':memory:', migrations: { '0001_count': (db) => createJobTable(db, 'count') } });
  counts = new JobStore(store, 'count', { lane: ({ subject }) => (subject === '' ? undefined : subject) });
  orders = new Map();
  jobs = await openJobRunner({ dir: join(dir, 'jobs') });
  changes = new Changes();
  results = [];
  faults = [];
});
afterEach(async () => {
  await jobs.close();
  await store.close();
  rmSync(dir, { recursive: true });
});

const byName = async (name: string): Promise<Count> => {
  const found = await counts.find(name.slice('counts/'.length));
  if (!found) throw new Error(`There is no ${name}.`);
  return found;
};

function openDesk(more: { onResult?: (name: string) => Promise<void> } = {}): JobDesk<Count, CountArgument, CountResult> {
  return new JobDesk<Count, CountArgument, CountResult>({
    jobs,
    store: counts,
    changes,
    order: ({ id }) => orders.get(id) ?? { name: `counts/${id}`, argument: async () => Promise.reject(new Error(`Nobody ordered ${id}.`)) },
    entry: entryUrl(import.meta.url, './count.job.fixture.js'),
    memoryMb: 512,
    timeoutMs: 60_000,
    onBegin: async (name) => {
      const found = await byName(name);
      await counts.save({ ...found, status: begun(found.status, now) });
    },
    onResult: async (name, result) => {
      await more.onResult?.(name);
      results.push(result);
      const found = await byName(name);
      await counts.save({ ...found, sum: result.sum, status: ended(found.status, now) });
    },
    onError: async (name, error) => {
      const found = await byName(name);
      if (!isFinal(found.status)) await counts.save({ ...found, status: ended(found.status, now, error) });
    },
    onLog: async () => undefined,
    onFault: (_, error) => faults.push(error),
  });
}

async function order(argument: CountArgument, { lane = '', ...more }: Partial<JobOrder<CountArgument>> & { readonly lane?: string } = {}): Promise<Given> {
  const id = uuidv7();
  orders.set(id, { name: `counts/${id}`, id, argument: async () => argument, ...more });
  await counts.create({ id, subject: lane, status: PENDING, requestId: '', createTime: now, sum: 0 });
  return { name: `counts/${id}`, id, argument: async () => argument, ...more };
}

const watch = (name: string) => changes.watch(name, () => byName(name), { final: ({ status }) => isFinal(status), signal: new AbortController().signal });

it('brings an order to a kept result, and tells those who watch each state and how far it is', async () => {
  const desk = openDesk();
  const given = await order({ to: 3 });
  const states: string[] = [];
  const steps: string[] = [];
  await desk.start();
  for await (const { status } of watch(given.name)) {
    states.push(status.state);
    const progress = desk.progress(given.name);
    if (progress) steps.push(`${progress.step}, ${progress.done} of ${progress.total}`);
  }
  await desk.idle();
  expect(await byName(given.name)).toMatchObject({ sum: 6, status: { state: 'SUCCEEDED', startTime: now, endTime: now } });
  expect([...new Set(states)]).toEqual(expect.arrayContaining(['PENDING', 'SUCCEEDED']));
  expect(steps).toContain('number 3, 6 of 6');
  expect(desk.progress(given.name)).toBeUndefined();
  expect(await jobs.get(given.id)).toBeUndefined();
  expect(faults).toEqual([]);
});

it('keeps the reason of a job that fails, of one whose argument cannot be made, and of one that is cancelled', async () => {
  const desk = openDesk();
  const failing = await order({ to: 1, fails: true });
  const unreadable = await order({ to: 1 }, { argument: async () => Promise.reject(new AppError('NOT_FOUND', 'fixture.millrace', 'GONE', 'The numbers are gone.')) });
  const endless = await order({ to: 1, endless: true });
  await desk.start();
  for await (const { status } of watch(endless.name)) if (status.state === 'RUNNING') await desk.cancel(endless.id, 'enough');
  await desk.idle();
  expect(await byName(failing.name)).toMatchObject({ status: { state: 'FAILED', failure: { code: 'FAILED_PRECONDITION', reason: 'NO_TARGET', metadata: { column: 'late' } } } });
  expect(await byName(unreadable.name)).toMatchObject({ status: { state: 'FAILED', failure: { reason: 'GONE' } } });
  expect(await byName(endless.name)).toMatchObject({ status: { state: 'CANCELLED', failure: { reason: 'JOB_CANCELLED' } } });
});

it('cancels an order that still waits for its turn', async () => {
  const desk = openDesk();
  const [first, second] = [await order({ to: 1, endless: true }, { lane: 'a' }), await order({ to: 1, endless: true }, { lane: 'a' })];
  await desk.start();
  await desk.cancel(second.id, 'not wanted any more');
  for await (const { status } of watch(second.name)) expect(status.state).not.toBe('RUNNING');
  expect((await byName(first.name)).status.state).not.toBe('CANCELLED');
  for await (const { status } of watch(first.name)) if (status.state === 'RUNNING') await desk.cancel(first.id, 'enough');
  await desk.idle();
  expect((await byName(second.name)).status.state).toBe('CANCELLED');
});

it('runs the jobs of one lane one after another, the next also after a failure', async () => {
  const desk = openDesk();
  const ledger = join(dir, 'ledger');
  const given = [await order({ to: 1, ledger }, { lane: 'a' }), await order({ to: 1, ledger, fails: true }, { lane: 'a' }), await order({ to: 1, ledger }, { lane: 'a' })];
  await desk.start();
  await desk.idle();
  const [a, b, c] = given.map(({ id }) => id);
  expect(readFileSync(ledger, 'utf8').trim().split('\n')).toEqual([`begin ${a}`, `end ${a}`, `begin ${b}`, `begin ${c}`, `end ${c}`]);
});

it('takes up after a restart what had finished but was not kept, without running it again', async () => {
  const ledger = join(dir, 'ledger');
  let full = true;
  const broken = openDesk({
    onResult: async () => {
      if (full) throw new Error('the disk is full');
    },
  });
  const given = await order({ to: 4, ledger });
  // The store keeps neither the result nor the failure: both go to the same full disk.
  const save = counts.save.bind(counts);
  counts.save = async (resource, ...rest) => (full && isFinal(resource.status) ? Promise.reject(new Error('the disk is full')) : save(resource, ...rest));
  await broken.start();
  await broken.idle();
  expect(faults).toEqual([expect.objectContaining({ message: 'the disk is full' })]);
  expect(await counts.unfinished()).toMatchObject([{ id: given.id }]);
  await jobs.close();
  full = false;
  jobs = await openJobRunner({ dir: join(dir, 'jobs') });
  await jobs.recover();
  const desk = openDesk();
  await desk.start();
  await desk.idle();
  expect(await byName(given.name)).toMatchObject({ sum: 10, status: { state: 'SUCCEEDED' } });
  expect(readFileSync(ledger, 'utf8').trim().split('\n')).toEqual([`begin ${given.id}`, `end ${given.id}`]);
});

it('keeps what came of a job as soon as the disk has room again', async () => {
  let full = 2;
  const desk = openDesk({
    onResult: async () => {
      if (full-- > 0) throw new AppError('RESOURCE_EXHAUSTED', 'store.millrace', 'STORE_FULL', 'No room left on the disk.');
    },
  });
  const given = await order({ to: 3 });
  await desk.start();
  await desk.idle();
  expect(await byName(given.name)).toMatchObject({ sum: 6, status: { state: 'SUCCEEDED' } });
  expect(results).toHaveLength(1);
  expect(faults).toEqual([expect.objectContaining({ reason: 'STORE_FULL' }), expect.objectContaining({ reason: 'STORE_FULL' })]);
});

it('leaves a job unfinished when the service ends, and goes on with it at the next start', async () => {
  const given = await order({ to: 1, endless: true });
  const desk = openDesk();
  await desk.start();
  for await (const { status } of watch(given.name)) if (status.state === 'RUNNING') break;
  await jobs.close();
  await desk.idle();
  expect(await counts.unfinished()).toMatchObject([{ id: given.id, status: { state: 'RUNNING' } }]);
  jobs = await openJobRunner({ dir: join(dir, 'jobs') });
  await jobs.recover();
  const next = openDesk();
  await next.start();
  for await (const { status } of watch(given.name)) {
    expect(status.state).not.toBe('FAILED');
    if (next.progress(given.name)) await next.cancel(given.id, 'enough');
  }
  await next.idle();
  expect((await byName(given.name)).status.state).toBe('CANCELLED');
});
