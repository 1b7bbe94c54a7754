import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openJobRunner, type JobRunner } from '@millrace/jobs';
import { openStore, type Store } from '@millrace/store';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { begun, Changes, createJobTable, ended, isFinal, JobDesk, type JobResource, JobStore, PENDING } from './index.js';

/** A job that writes its process number into `ledger` and ends when `until` is there. */
const ENTRY = new URL('../../jobs/dist/fixtures/endure.job.js', import.meta.url);

let dir: string;
let store: Store<object>;
let resources: JobStore<JobResource>;
const runners: JobRunner[] = [];
const kept: string[] = [];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-desk-'));
  kept.length = 0;
  store = await openStore({ file: ':memory:', migrations: { '0001-trainings': (db) => createJobTable(db, 'training') } });
  resources = new JobStore(store, 'training');
  await resources.create({ id: 'a', subject: '', status: PENDING, requestId: '', createTime: new Date() });
});
afterEach(async () => {
  for (const runner of runners.splice(0)) await runner.close();
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

const open = async (): Promise<JobRunner> => {
  const runner = await openJobRunner({ dir: join(dir, 'jobs'), graceMs: 2_000 });
  runners.push(runner);
  return runner;
};

const deskOf = (jobs: JobRunner): JobDesk<JobResource, object, unknown> =>
  new JobDesk({
    jobs,
    store: resources,
    changes: new Changes(),
    entry: ENTRY,
    memoryMb: 500,
    timeoutMs: 60_000,
    order: ({ id }) => ({ name: `trainingJobs/${id}`, argument: async () => ({ how: 'wait', until: join(dir, 'go'), ledger: join(dir, 'ledger') }) }),
    onBegin: async (name) => become(name, 'runs', begun(PENDING, new Date())),
    onResult: async (name) => become(name, 'is done', ended(PENDING, new Date())),
    onError: async (name, error) => become(name, `failed: ${String(error)}`, ended(PENDING, new Date(), error)),
    onLog: async () => undefined,
    onFault: (name, error) => void kept.push(`${name} could not be kept: ${String(error)}`),
  });

async function become(name: string, what: string, status: JobResource['status']): Promise<void> {
  const found = await resources.find('a');
  if (!found || isFinal(found.status)) throw new Error(`${name} has ended before.`);
  await resources.save({ ...found, status });
  kept.push(`${name} ${what}`);
}

const hasBegun = async (): Promise<void> => {
  while (!readdirSync(dir).includes('ledger')) await sleep(20);
};
const processes = (): number => readFileSync(join(dir, 'ledger'), 'utf8').trim().split('\n').length;

it('runs an order once however often it is looked for', async () => {
  const jobs = await open();
  const desk = deskOf(jobs);
  writeFileSync(join(dir, 'go'), '');
  await desk.start();
  desk.created();
  desk.created();
  await desk.idle();
  expect(kept).toEqual(['trainingJobs/a runs', 'trainingJobs/a is done']);
  expect(processes()).toBe(1);
});

it('leaves an order open when the process ends in order, and the next one begins it anew', async () => {
  const first = await open();
  const desk = deskOf(first);
  await desk.start();
  await hasBegun();
  await first.close();
  await desk.idle();
  expect(kept).toEqual(['trainingJobs/a runs']);

  const second = await open();
  await second.recover();
  const next = deskOf(second);
  await next.start();
  writeFileSync(join(dir, 'go'), '');
  await next.idle();
  expect(kept).toEqual(['trainingJobs/a runs', 'trainingJobs/a runs', 'trainingJobs/a is done']);
  expect(processes()).toBe(2);
});

it('begins anew what died with the machine', async () => {
  const first = await open();
  await deskOf(first).start();
  await hasBegun();
  await first.close({ leave: true });
  process.kill(Number(readFileSync(join(dir, 'ledger'), 'utf8')), 'SIGKILL');

  const second = await open();
  await second.recover();
  const next = deskOf(second);
  await next.start();
  writeFileSync(join(dir, 'go'), '');
  await next.idle();
  expect(kept.at(-1)).toBe('trainingJobs/a is done');
});
