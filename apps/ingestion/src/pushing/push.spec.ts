import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openStore } from '@millrace/store';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { IngestionTables } from '../dataset.store.js';
import { contractOf, countsOf, faultOf, type Ingestion, type IngestOptions, startIngestion } from '../ingestion.fixture.js';
import { migrations } from '../migrations.js';
import { MAX_ROWS_A_PUSH } from './push-rows.js';
import { PushStore } from './push.store.js';

let ingestion: Ingestion;
beforeAll(async () => void (ingestion = await startIngestion()));
afterAll(() => ingestion.close());

interface Answer {
  readonly status: number;
  readonly rows?: number;
  readonly known?: boolean;
  readonly pendingRows?: number;
  readonly ingestionRun?: string;
  readonly error?: { readonly message: string; readonly details: readonly { readonly reason: string }[] };
}
let keys = 0;
async function push(dataset: string, body: string, { key = `k${++keys}`, flush = false, type = 'application/x-ndjson' }: { readonly key?: string; readonly flush?: boolean; readonly type?: string } = {}): Promise<Answer> {
  const response = await fetch(`${ingestion.httpAddress}/v1/datasets/${dataset}:push${flush ? '?flush=true' : ''}`, { method: 'POST', body, headers: { 'content-type': type, 'idempotency-key': key } });
  return { status: response.status, ...((await response.json()) as object) };
}
const flush = async (dataset: string, options: IngestOptions = {}) => ingestion.ended(await ingestion.create('', { ...options, dataset: `datasets/${dataset}`, source: { push: {} } }));
const reasonOf = ({ status, error }: Answer): string => `${status} ${error?.details[0]?.reason ?? ''}: ${error?.message ?? ''}`;
const NUMBERS = contractOf({ id: 'INT64', s: 'STRING' });

it('keeps what is pushed until a version holds it, each row once, and every digit', async () => {
  const first = await push('pushed', '{"id":9007199254740993,"s":"a\\nb"}\n\n{"id":2,\r"s":"}]"}\n', { key: 'first' });
  expect(first).toEqual({ status: 200, rows: 2, known: false, pendingRows: 2 });
  expect(await push('pushed', '{"id":9007199254740993,"s":"a\\nb"}\n\n{"id":2,\r"s":"}]"}\n', { key: 'first' })).toMatchObject({ known: true, pendingRows: 2 });
  expect(reasonOf(await push('pushed', '{"id":3}', { key: 'first' }))).toMatch(/^409 PUSH_KEY_REUSED/);
  // What was answered outlives the process.
  await ingestion.restart();
  expect(await push('pushed', '[{"id": 9007199254740995, "s": "[{,"},\n {"id": "vier", "s": "\\"x"}]', { key: 'second', type: 'application/json' })).toMatchObject({ rows: 2, pendingRows: 4 });
  const run = await flush('pushed', { contract: NUMBERS });
  expect(countsOf(run)).toMatchObject({ read: 4, kept: 3, quarantined: 1 });
  expect((await ingestion.rows(await ingestion.version(run))).map(({ id, s }) => [id, s])).toEqual([[9007199254740993n, 'a\nb'], [2n, '}]'], [9007199254740995n, '[{,']]);
  expect((await ingestion.client.listQuarantinedRows({ parent: run.datasetVersion })).quarantinedRows).toMatchObject([{ file: 'push second', row: 2n, reasons: 'id: not INT64' }]);
  const again = await flush('pushed', { contract: NUMBERS });
  expect(again).toMatchObject({ unchanged: true, datasetVersion: run.datasetVersion, counts: { read: 0n } });
  expect(await push('pushed', '{"id":2,"s":"}]"}\n', { key: 'third', flush: true })).toMatchObject({ pendingRows: 1, ingestionRun: expect.stringMatching(/^ingestionRuns\//) });
});

it('refuses a push as a whole, and names the row by its place', async () => {
  const cases: readonly (readonly [string, string])[] = [
    ['{"id":1}\n{"id":2\n', 'line 2: it is no JSON'],
    ['{"id":1}\n\n[1]', 'line 3: it is no JSON object'],
    ['[{"id":1},{"id":}]', 'rows[1]: it is no JSON'],
    ['[{"id":1},7]', 'rows[1]: it is no JSON object'],
    ['[{"id":1},]', 'rows[1]: it is no JSON'],
    ['[{"id":1}', 'the array does not end'],
    ['[{"id":1}] x', 'something stands behind'],
    ['[ ]', 'it holds no row'],
    ['', 'it holds no row'],
    [`[${'{},'.repeat(MAX_ROWS_A_PUSH)}{}]`, `${MAX_ROWS_A_PUSH + 1} rows, and at most`],
    [`{"s":"${'x'.repeat(1_100_000)}"}`, 'line 1: it is 1100008 characters long'],
  ];
  for (const [body, told] of cases) {
    const reason = reasonOf(await push('refused', body));
    expect(reason).toMatch(/^400 PUSH_REFUSED: .*; nothing of it was kept\.$/);
    expect(reason).toContain(told);
  }
  expect(reasonOf(await push('refused', '{"id":1}', { key: '' }))).toContain('idempotency key');
  expect(reasonOf(await push('Not a name', '{"id":1}'))).toMatch(/^400 INVALID_NAME/);
  expect((await push('refused', 'x'.repeat(9_000_000))).status).toBe(413);
  // Nothing of all that waits.
  expect(faultOf(await flush('refused-too'))).toMatchObject({ reason: 'SOURCE_EMPTY' });
});

it('makes a version by itself when enough rows wait, or when they have waited long enough, by the contract of before', async () => {
  await ingestion.restart({ MILLRACE_PUSH_ROWS: '3', MILLRACE_PUSH_SECONDS: '3' });
  const latest = async (): Promise<bigint> => (await ingestion.client.getDatasetVersion({ name: 'datasets/counted/versions/latest' }).catch(() => undefined))?.rows ?? 0n;
  await push('counted', '{"id":1,"s":"a"}');
  await flush('counted', { contract: { ...NUMBERS, key: ['id'] } });
  expect(await latest()).toBe(1n);
  await push('counted', '{"id":2,"s":"b"}\n{"id":3,"s":"c"}\n{"id":1,"s":"z"}');
  await expect.poll(latest, { timeout: 20_000 }).toBe(3n);
  await push('counted', '{"id":4,"s":"d"}');
  await expect.poll(latest, { timeout: 20_000 }).toBe(4n);
  await ingestion.restart();
});

it('makes one version of what was pushed before a run, though the run is killed and more is pushed meanwhile', async () => {
  const rows = (from: number, count: number): string => Array.from({ length: count }, (_, i) => `{"id":${from + i},"s":"x"}\n`).join('');
  for (let i = 0; i < 40; i++) await push('killed', rows(i * 1_000, 1_000));
  const run = await ingestion.create('', { dataset: 'datasets/killed', source: { push: {} }, contract: NUMBERS });
  for await (const { status } of ingestion.client.watchIngestionRun({ name: run.name })) if (status?.progress) break;
  const jobs = join(ingestion.dataDir, 'ingestion/jobs');
  const [job = ''] = readdirSync(jobs);
  process.kill((JSON.parse(readFileSync(join(jobs, job, 'claim.1.json'), 'utf8')) as { pid: number }).pid, 'SIGKILL');
  await push('killed', rows(40_000, 5));
  const ended = await ingestion.ended(run);
  expect(countsOf(ended)).toMatchObject({ read: 40_000, kept: 40_000 });
  const next = await flush('killed', { contract: NUMBERS });
  expect(countsOf(next)).toMatchObject({ read: 5, kept: 5, duplicates: 0 });
  expect((await ingestion.version(next)).rows).toBe(40_005n);
});

it('keeps a bounded number of bytes, and the keys of what was taken for a while', async () => {
  const store = await openStore<IngestionTables>({ file: ':memory:', migrations });
  try {
    const pushes = new PushStore(store);
    const createTime = new Date('2001-01-01');
    await store.db.insertInto('dataset').values({ dataset: 'd', description: '', latest_version: 0, create_time: createTime, revision: 1, request_id: null }).execute();
    const add = (key: string, body: string) => pushes.add({ dataset: 'd', key, digest: body, rows: 1, body, createTime }, { maxPendingBytes: 10 });
    await add('a', '12345');
    await expect(add('b', '123456')).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED', reason: 'PUSH_FULL', message: expect.stringContaining('at most 10') });
    expect(await add('a', '12345')).toEqual({ known: true, pending: 1 });
    await store.write(async (tx) => PushStore.taken(tx, 'd', 1));
    expect(await add('b', '123456')).toEqual({ known: false, pending: 1 });
    expect(await add('a', '12345')).toMatchObject({ known: true });
    await pushes.forget(new Date('2001-01-02'));
    expect(await add('a', '1')).toEqual({ known: false, pending: 2 });
    expect(await pushes.last('d')).toBe(3);
  } finally {
    await store.close();
  }
});
