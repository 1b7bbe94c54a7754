import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ErrorInfo } from '@millrace/contracts/google/rpc/error_details';
import type { IngestionRun } from '@millrace/contracts/millrace/ingestion/v1/ingestion_run';
import { IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { JobState } from '@millrace/contracts/millrace/type/v1/job';
import { openLocalObjects } from '@millrace/objects';
import { type Client, connect } from '@millrace/rpc';
import { mountSmallDisk } from '@millrace/testing';
import { afterAll, expect, it } from 'vitest';

const RESOURCE_EXHAUSTED = 8;
const disk = mountSmallDisk(24 * 1024);
const sources = mkdtempSync(join(tmpdir(), 'millrace-sources-'));
let service: ChildProcess | undefined;
afterAll(async () => {
  await stop();
  disk?.unmount();
  rmSync(sources, { recursive: true });
});

const dataDir = join(disk?.path ?? '', 'data');
const ballast = join(disk?.path ?? '', 'ballast');
const free = (): number => {
  const { bavail, bsize } = statfsSync(disk?.path ?? '');
  return bavail * bsize;
};
const fillUpTo = (left: number): void => writeFileSync(ballast, new Uint8Array(Math.max(0, free() - left)));

/** Starts the ingestion service as a process whose data lie on the small disk. */
async function start(): Promise<Client<typeof IngestionServiceDefinition> & { close(): void }> {
  const entry = fileURLToPath(new URL('../../ingestion/dist/main.js', import.meta.url));
  const child = spawn(process.execPath, [entry], { stdio: ['ignore', 'inherit', 'pipe'], env: { ...process.env, MILLRACE_DATA_DIR: dataDir, MILLRACE_SOURCE_ROOTS: sources, MILLRACE_GRPC_PORT: '0', MILLRACE_HTTP_PORT: '0', LOG_LEVEL: 'info' } });
  service = child;
  for await (const line of createInterface({ input: child.stderr })) {
    const { msg, grpc } = JSON.parse(line) as { msg: string; grpc?: string };
    if (msg !== 'ready' || grpc === undefined) continue;
    child.stderr.resume();
    return connect(IngestionServiceDefinition, grpc);
  }
  throw new Error('The ingestion service ended before it was ready.');
}

async function stop(): Promise<void> {
  const child = service;
  if (child === undefined || child.exitCode !== null) return;
  child.kill('SIGTERM');
  await new Promise((resolve) => child.once('exit', resolve));
}

/** A file that hardly compresses, so that its rows take as much room as their text. */
const write = (name: string, rows: number): void => writeFileSync(join(sources, name), `id,s\n${Array.from({ length: rows }, (_, i) => `${i},${crypto.randomUUID()}${crypto.randomUUID()}\n`).join('')}`);

async function ingest(client: Client<typeof IngestionServiceDefinition>, name: string): Promise<IngestionRun> {
  let run = await client.createIngestionRun({ ingestionRun: { dataset: 'datasets/grain', source: { path: join(sources, name) } } });
  for await (const state of client.watchIngestionRun({ name: run.name })) run = state;
  return run;
}

it.skipIf(!disk)('says RESOURCE_EXHAUSTED on a full disk, loses no object that was acknowledged, and takes more when there is room', async () => {
  const directory = join(disk?.path ?? '', 'store');
  const objects = await openLocalObjects(directory);
  const kept = await objects.put(new Uint8Array(100_000).fill(1));
  await objects.writeManifest('kept', { objects: [kept.digest], body: {} });
  fillUpTo(200_000);
  await expect(objects.put(new Uint8Array(1_000_000).fill(2))).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED', reason: 'DISK_FULL' });
  expect(readdirSync(join(directory, 'tmp'))).toEqual([]);
  expect((await objects.read(kept.digest)).length).toBe(100_000);
  expect((await objects.readManifest('kept'))?.objects).toEqual([kept.digest]);
  rmSync(ballast);
  const later = await objects.put(new Uint8Array(1_000_000).fill(2));
  expect((await objects.read(later.digest)).length).toBe(1_000_000);
  rmSync(directory, { recursive: true });
});

it.skipIf(!disk)('fails runs with RESOURCE_EXHAUSTED on a full disk, keeps what it has, and goes on without a restart when there is room', async () => {
  mkdirSync(dataDir);
  write('small.csv', 100);
  write('large.csv', 100_000);
  let client = await start();
  const first = await ingest(client, 'small.csv');
  expect(first).toMatchObject({ datasetVersion: 'datasets/grain/versions/1', status: { state: JobState.SUCCEEDED } });

  // Room for the books, none for the rows.
  fillUpTo(2_000_000);
  const failed = await ingest(client, 'large.csv');
  expect(failed.status).toMatchObject({ state: JobState.FAILED, error: { code: RESOURCE_EXHAUSTED } });
  expect(ErrorInfo.decode(failed.status?.error?.details[0]?.value ?? new Uint8Array()).reason).toBe('DISK_FULL');
  expect(readdirSync(join(dataDir, 'objects/tmp'))).toEqual([]);

  // Room for nothing: what cannot be kept is not accepted, and what is kept can still be read.
  rmSync(ballast);
  fillUpTo(0);
  let refused: unknown;
  for (let i = 0; i < 200 && refused === undefined; i++) refused = await client.createDataset({ dataset: { name: `datasets/d${i}`, description: 'x'.repeat(2_000) } }).then(() => undefined, (error: unknown) => error);
  expect(refused).toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
  const known = (await client.listDatasets({ pageSize: 1000 })).datasets.map(({ name }) => name);
  expect(await client.getDatasetVersion({ name: first.datasetVersion })).toMatchObject({ rows: 100n });

  rmSync(ballast);
  const second = await ingest(client, 'large.csv');
  expect(second).toMatchObject({ datasetVersion: 'datasets/grain/versions/2', status: { state: JobState.SUCCEEDED } });

  client.close();
  await stop();
  client = await start();
  expect((await client.listDatasets({ pageSize: 1000 })).datasets.map(({ name }) => name)).toEqual(known);
  const { datasetVersions } = await client.listDatasetVersions({ parent: 'datasets/grain' });
  expect(datasetVersions.map(({ rows }) => rows)).toEqual([100_100n, 100n]);
  const objects = await openLocalObjects(join(dataDir, 'objects'));
  for (const { digest, sizeBytes } of datasetVersions.flatMap((version) => version.objects)) expect(BigInt((await objects.read(digest)).length)).toBe(sizeBytes);
  client.close();
});
