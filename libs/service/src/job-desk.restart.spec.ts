import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openJobRunner, type JobRunner } from '@millrace/jobs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Changes, JobDesk } from './index.js';

/** A job that writes its process number into `ledger` and ends when `until` is there. */
const ENTRY = new URL('../../jobs/dist/fixtures/endure.job.js', import.meta.url);

let dir: string;
const runners: JobRunner[] = [];
const kept: string[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-desk-'));
  kept.length = 0;
});
afterEach(async () => {
  for (const runner of runners.splice(0)) await runner.close();
  rmSync(dir, { recursive: true, force: true });
});

const open = async (): Promise<JobRunner> => {
  const runner = await openJobRunner({ dir: join(dir, 'jobs'), graceMs: 2_000 });
  runners.push(runner);
  return runner;
};

const deskOf = (jobs: JobRunner): JobDesk<object, unknown> =>
  new JobDesk({
    jobs,
    changes: new Changes(),
    entry: ENTRY,
    memoryMb: 500,
    timeoutMs: 60_000,
    onBegin: async (name) => void kept.push(`${name} runs`),
    onResult: async (name) => void kept.push(`${name} is done`),
    onError: async (name, error) => void kept.push(`${name} failed: ${String(error)}`),
    onFault: (name, error) => void kept.push(`${name} could not be kept: ${String(error)}`),
  });

const order = { name: 'trainingJobs/a', id: 'a', argument: async () => ({ how: 'wait', until: join(dir, 'go'), ledger: join(dir, 'ledger') }) };
const begun = async (): Promise<void> => {
  while (!readdirSync(dir).includes('ledger')) await sleep(20);
};
const processes = (): number => readFileSync(join(dir, 'ledger'), 'utf8').trim().split('\n').length;

it('runs an order once that is given twice', async () => {
  const jobs = await open();
  const desk = deskOf(jobs);
  writeFileSync(join(dir, 'go'), '');
  desk.take(order);
  desk.take(order);
  await desk.idle();
  expect(kept).toEqual(['trainingJobs/a runs', 'trainingJobs/a is done']);
  expect(processes()).toBe(1);
});

it('leaves an order open when the process ends in order, and the next one begins it anew', async () => {
  const first = await open();
  const desk = deskOf(first);
  desk.take(order);
  await begun();
  await first.close();
  await desk.idle();
  expect(kept).toEqual(['trainingJobs/a runs']);

  const second = await open();
  await second.recover();
  const next = deskOf(second);
  next.take(order);
  writeFileSync(join(dir, 'go'), '');
  await next.idle();
  expect(kept).toEqual(['trainingJobs/a runs', 'trainingJobs/a runs', 'trainingJobs/a is done']);
  expect(processes()).toBe(2);
});

it('begins anew what died with the machine', async () => {
  const first = await open();
  deskOf(first).take(order);
  await begun();
  await first.close({ leave: true });
  process.kill(Number(readFileSync(join(dir, 'ledger'), 'utf8')), 'SIGKILL');

  const second = await open();
  await second.recover();
  const next = deskOf(second);
  next.take(order);
  writeFileSync(join(dir, 'go'), '');
  await next.idle();
  expect(kept.at(-1)).toBe('trainingJobs/a is done');
});
