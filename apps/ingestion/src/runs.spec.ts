import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IngestionRun } from '@millrace/contracts/millrace/ingestion/v1/ingestion_run';
import { JobState } from '@millrace/contracts/millrace/type/v1/job';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { countsOf, faultOf, type Ingestion, startIngestion } from './ingestion.fixture.js';

const ROWS = 120_000;

let ingestion: Ingestion;
beforeAll(async () => {
  ingestion = await startIngestion();
  ingestion.file('long.csv', `id,s,x\n${Array.from({ length: ROWS }, (_, i) => `${i},text ${i},${i / 3}\n`).join('')}`);
});
afterAll(() => ingestion.close());

const begin = (dataset: string, requestId = ''): Promise<IngestionRun> => ingestion.create(ingestion.file('long.csv'), { dataset, requestId });

/** Resolves once the run has a process that tells of its progress. */
async function underWay({ name }: IngestionRun): Promise<void> {
  for await (const { status } of ingestion.client.watchIngestionRun({ name })) {
    if (status?.progress) return;
    if (status && status.state !== JobState.PENDING && status.state !== JobState.RUNNING) throw new Error(`${name} is ${status.state} already.`);
  }
}

/** Ends the process of the only job, as the machine would. */
function killJob(): void {
  const jobs = join(ingestion.dataDir, 'ingestion/jobs');
  const [job, ...others] = readdirSync(jobs);
  if (job === undefined || others.length > 0) throw new Error('There is not just one job.');
  const { pid } = JSON.parse(readFileSync(join(jobs, job, 'claim.1.json'), 'utf8')) as { pid: number };
  process.kill(pid, 'SIGKILL');
}

it('gives the first run to whoever asks again with its request id', async () => {
  const [a, b] = await Promise.all([begin('datasets/once', 'once'), begin('datasets/once', 'once')]);
  expect(b.name).toBe(a.name);
  const ended = await ingestion.ended(a);
  expect((await begin('datasets/once', 'once')).datasetVersion).toBe(ended.datasetVersion);
  expect((await ingestion.client.listDatasetVersions({ parent: 'datasets/once' })).datasetVersions).toHaveLength(1);
});

it('cancels a run under way and one that waits for its turn, and keeps nothing of them', async () => {
  const [first, second] = [await begin('datasets/cancelled'), await begin('datasets/cancelled')];
  await underWay(first);
  await ingestion.client.cancelIngestionRun({ name: second.name });
  await ingestion.client.cancelIngestionRun({ name: first.name });
  expect(faultOf(await ingestion.ended(first))).toMatchObject({ state: 'CANCELLED', reason: 'JOB_CANCELLED' });
  expect(faultOf(await ingestion.ended(second))).toMatchObject({ state: 'CANCELLED' });
  expect((await ingestion.client.getDataset({ name: 'datasets/cancelled' })).latestVersion).toBe('');
  expect(ingestion.manifests().filter((name) => name.includes('cancelled'))).toEqual([]);
  await expect(ingestion.client.cancelIngestionRun({ name: first.name })).rejects.toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'INGESTION_RUN_FINAL' });
});

it('begins a job anew that was killed, and makes one version', async () => {
  const run = await begin('datasets/killed');
  await underWay(run);
  killJob();
  const ended = await ingestion.ended(run);
  expect(faultOf(ended)).toEqual({ state: 'SUCCEEDED', reason: '', message: '' });
  expect(countsOf(ended)).toMatchObject({ read: ROWS, kept: ROWS });
  expect(ended.datasetVersion).toBe('datasets/killed/versions/1');
});

it('goes on after a restart with the run under way and the one that waits for it', async () => {
  const [first, second] = [await begin('datasets/restarted'), await begin('datasets/restarted')];
  await underWay(first);
  await ingestion.restart();
  expect(countsOf(await ingestion.ended(first))).toMatchObject({ read: ROWS, kept: ROWS });
  const ended = await ingestion.ended(second);
  expect(countsOf(ended)).toMatchObject({ read: ROWS, kept: 0, duplicates: ROWS });
  expect(ended.datasetVersion).toBe('datasets/restarted/versions/1');
  await expect.poll(() => readdirSync(join(ingestion.dataDir, 'ingestion/jobs'))).toEqual([]);
});
