import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Expectation_Severity, Partitioning_By } from '@millrace/contracts/millrace/ingestion/v1/contract';
import type { DatasetVersion } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import { IngestionRun_Mode } from '@millrace/contracts/millrace/ingestion/v1/ingestion_run';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { contractOf, countsOf, faultOf, type Ingestion, startIngestion } from './ingestion.fixture.js';

let ingestion: Ingestion;
beforeAll(async () => void (ingestion = await startIngestion()));
afterAll(() => ingestion.close());

const by = (unit: Partitioning_By) => ({ by: unit, column: 'at' });
const DAILY = contractOf({ id: 'INT64', at: 'TIMESTAMP', x: 'FLOAT64' }, { key: ['id'], eventTime: 'at', partition: by(Partitioning_By.DAY) });
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** `rows` rows on each of some days, no two with the same id. */
const csv = (from: string, { days, rows = 4, add = 0 }: { days: number; rows?: number; add?: number }): string => {
  const begin = Date.parse(`${from}T00:00:00Z`);
  const lines = Array.from({ length: days * rows }, (_, i) => {
    const at = new Date(begin + Math.floor(i / rows) * DAY_MS + (i % rows) * MINUTE_MS);
    return `${Math.floor(at.getTime() / MINUTE_MS)},${at.toISOString()},${(i % rows) + add}\n`;
  });
  return `id,at,x\n${lines.join('')}`;
};
const range = (from: string, to: string) => ({ timeFilter: { column: 'at', from: new Date(from), to: new Date(to) } });
const parts = ({ partitions }: DatasetVersion): Record<string, string> => Object.fromEntries(partitions.map(({ key, object }) => [key, object?.digest ?? '']));

it('keeps a part for each day, adds what is new, and replaces the days of a backfill alone', async () => {
  const dataset = 'datasets/daily';
  const january = await ingestion.version(await ingestion.ingest('daily.csv', csv('2001-01-01', { days: 31 }), { dataset, contract: DAILY }));
  expect(january).toMatchObject({ name: `${dataset}/versions/1`, rows: 124n, eventTimeMin: new Date('2001-01-01'), eventTimeMax: new Date('2001-01-31T00:03:00Z') });
  expect(january.partitions.map(({ key }) => key)).toEqual(Array.from({ length: 31 }, (_, i) => `2001-01-${String(i + 1).padStart(2, '0')}`));

  // February comes with the last week of January once more.
  const run = await ingestion.ingest('daily.csv', csv('2001-01-25', { days: 35 }), { dataset, contract: DAILY });
  expect(countsOf(run)).toMatchObject({ read: 140, kept: 112, duplicates: 28 });
  const february = await ingestion.version(run);
  expect(february).toMatchObject({ name: `${dataset}/versions/2`, parent: january.name, rows: 236n });
  expect(parts(february)).toMatchObject(parts(january));
  expect(february.partitions.filter(({ since }) => since === january.name)).toHaveLength(31);

  const backfill = await ingestion.ingest('fix.csv', csv('2001-01-08', { days: 8, rows: 3, add: 100 }), { dataset, contract: DAILY, mode: IngestionRun_Mode.BACKFILL, source: range('2001-01-10', '2001-01-13') });
  expect(countsOf(backfill)).toEqual({ read: 9, kept: 9, duplicates: 0, quarantined: 0, cellsRepaired: 0 });
  const mended = await ingestion.version(backfill);
  expect(mended).toMatchObject({ name: `${dataset}/versions/3`, rows: 233n });
  const moved = mended.partitions.filter(({ key, object }) => object?.digest !== parts(february)[key]).map(({ key, since }) => [key, since]);
  expect(moved).toEqual([['2001-01-10', mended.name], ['2001-01-11', mended.name], ['2001-01-12', mended.name]]);
  const rows = await ingestion.rows(mended);
  expect(rows.filter(({ at }) => (at as Date) >= new Date('2001-01-10') && (at as Date) < new Date('2001-01-13')).map(({ x }) => x)).toEqual([100, 101, 102, 100, 101, 102, 100, 101, 102]);
  // The profile is that of all parts together.
  expect(mended.profile.find(({ column }) => column === 'x')).toMatchObject({ min: 0, max: 102, missing: 0n });
  expect(mended.profile.find(({ column }) => column === 'x')?.mean).toBeCloseTo(rows.reduce((sum, { x }) => sum + (x as number), 0) / rows.length, 10);
});

it('says of what it holds already that nothing is new, in whatever order and files it comes', async () => {
  const dataset = 'datasets/same';
  const content = csv('2001-03-01', { days: 3 });
  const first = await ingestion.ingest('same.csv', content, { dataset, contract: DAILY });
  expect(first.unchanged).toBe(false);
  for (const mode of [IngestionRun_Mode.APPEND, IngestionRun_Mode.REPLACE]) {
    const [head = '', ...lines] = content.trimEnd().split('\n');
    const again = await ingestion.ingest('same.csv', `${[head, ...lines.toReversed()].join('\n')}\n`, { dataset, contract: DAILY, mode });
    expect(again).toMatchObject({ unchanged: true, datasetVersion: first.datasetVersion });
  }
  const backfilled = await ingestion.ingest('same.csv', content, { dataset, contract: DAILY, mode: IngestionRun_Mode.BACKFILL, source: range('2001-03-01', '2001-03-03') });
  expect(backfilled).toMatchObject({ unchanged: true, datasetVersion: first.datasetVersion });
  // Rows that come late to a part make it what it would have been at once.
  const late = contractOf({ id: 'INT64', at: 'TIMESTAMP', x: 'FLOAT64' }, { key: ['id'], eventTime: 'at' });
  const [whole, half] = ['datasets/whole', 'datasets/half'];
  const lines = content.trimEnd().split('\n');
  await ingestion.ingest('half.csv', `${lines.filter((_, i) => i === 0 || i % 2 === 0).join('\n')}\n`, { dataset: half, contract: DAILY });
  const joined = await ingestion.version(await ingestion.ingest('half.csv', `${lines.filter((_, i) => i === 0 || i % 2 === 1).join('\n')}\n`, { dataset: half, contract: late }));
  expect(joined.digest).toBe((await ingestion.version(await ingestion.ingest('same.csv', content, { dataset: whole, contract: DAILY }))).digest);
});

it('tells rows apart within their part, and sets aside those that belong to none', async () => {
  const content = 'id,at,x\n1,2001-01-31T23:00:00Z,1\n1,2001-01-31T23:30:00Z,2\n1,2001-02-01T00:00:00Z,3\n2,,4\n3,soon,5\n4,2001-02-02,6,7\n';
  const run = await ingestion.ingest('edges.csv', content, { contract: { ...DAILY, partition: by(Partitioning_By.MONTH) } });
  expect(countsOf(run)).toMatchObject({ read: 6, kept: 2, duplicates: 1, quarantined: 3 });
  const version = await ingestion.version(run);
  expect(version.partitions.map(({ key, object }) => [key, object?.rows])).toEqual([['2001-01', 1n], ['2001-02', 1n]]);
  const { quarantinedRows } = await ingestion.client.listQuarantinedRows({ parent: version.name });
  expect(quarantinedRows.map(({ row, reasons }) => [row, reasons])).toEqual([[4n, 'at: no time of the years 1 to 9999, so the row belongs to no part'], [5n, 'at: not TIMESTAMP'], [6n, expect.stringContaining('cells, and the header has')]]);
  expect((await ingestion.client.listDuplicateRows({ parent: version.name })).duplicateRows).toMatchObject([{ row: 2n, keptRow: 1n }]);
});

it('judges what a run has written of its parts, beside those that it left alone', async () => {
  const dataset = 'datasets/judged';
  const rule = (name: string, severity: Expectation_Severity, value: object) => ({ name, severity, column: 'id', rule: value as never });
  const contract = { ...DAILY, expectations: [rule('once', Expectation_Severity.WARN, { $case: 'unique', value: { with: [] } }), rule('small', Expectation_Severity.QUARANTINE, { $case: 'range', value: { max: 2 } })] };
  await ingestion.ingest('judged.csv', 'id,at,x\n1,2001-01-01,1\n2,2001-01-01,1\n3,2001-01-01,1\n', { dataset, contract });
  const version = await ingestion.version(await ingestion.ingest('judged.csv', 'id,at,x\n2,2001-01-02,1\n5,2001-01-02,1\n', { dataset, contract }));
  expect(version.expectations.map(({ name, met, broken }) => [name, met, broken])).toEqual([['once', false, 1n], ['small', false, 1n]]);
  const duplicated = await ingestion.version(await ingestion.ingest('judged.csv', 'id,at,x\n2,2001-01-02,9\n1,2001-01-02,9\n', { dataset, contract }));
  expect((await ingestion.client.listDuplicateRows({ parent: duplicated.name })).duplicateRows).toMatchObject([{ row: 1n, keptVersion: version.name, keptRow: 3n }]);
});

it('refuses a backfill that would cut a part in two, and a dataset cut in another way', async () => {
  const dataset = 'datasets/cut';
  const path = ingestion.file('cut.csv', csv('2001-01-01', { days: 2 }));
  await ingestion.ingest('cut.csv', undefined, { dataset, contract: DAILY });
  const mode = IngestionRun_Mode.BACKFILL;
  for (const [source, told] of [[{}, 'with from and to'], [range('2001-01-01', '2001-01-01T12:00:00Z'), 'time_filter.to is 2001-01-01T12:00:00.000Z, where no day begins'], [range('2001-01-02', '2001-01-01'), 'ends before it begins']] as const) {
    await expect(ingestion.create(path, { dataset, contract: DAILY, mode, source })).rejects.toMatchObject({ reason: 'INVALID_SOURCE', message: expect.stringContaining(told) });
  }
  for (const [partition, told] of [[{ by: Partitioning_By.DAY, column: 'x' }, 'x" is FLOAT64'], [{ by: Partitioning_By.DAY, column: 'y' }, 'not in the contract'], [{ by: Partitioning_By.UNSPECIFIED, column: 'at' }, 'DAY, MONTH']] as const) {
    await expect(ingestion.create(path, { dataset, contract: { ...DAILY, partition } })).rejects.toMatchObject({ reason: 'INVALID_CONTRACT', message: expect.stringContaining(told) });
  }
  const monthly = await ingestion.ingest('cut.csv', undefined, { dataset, contract: { ...DAILY, partition: by(Partitioning_By.MONTH) } });
  expect(faultOf(monthly)).toMatchObject({ reason: 'PARTITIONS_DIFFER', message: expect.stringContaining('cut by day of "at", and the contract wants it cut by month') });
  const uncut = contractOf({ id: 'INT64', at: 'TIMESTAMP', x: 'FLOAT64' });
  await ingestion.ingest('cut.csv', undefined, { dataset: 'datasets/uncut', contract: uncut });
  expect(faultOf(await ingestion.ingest('cut.csv', undefined, { dataset: 'datasets/uncut', contract: uncut, mode, source: range('2001-01-01', '2001-01-02') }))).toMatchObject({ reason: 'INVALID_SOURCE', message: expect.stringContaining('not cut by time') });
});

it('reads only the files of a folder that are new or have changed, and says so when there are none', async () => {
  const dataset = 'datasets/folder';
  const folder = ingestion.file('folder');
  mkdirSync(folder);
  const options = { dataset, contract: DAILY, source: { newFilesOnly: true } };
  ingestion.file('folder/1.csv', csv('2001-01-01', { days: 1 }));
  await expect(ingestion.create(folder, { ...options, source: { ...options.source, ...range('2001-01-01', '2001-01-02') } })).rejects.toMatchObject({ reason: 'INVALID_SOURCE', message: expect.stringContaining('no later run reads') });
  expect(countsOf(await ingestion.ingest('folder', undefined, options))).toMatchObject({ read: 4, kept: 4 });
  ingestion.file('folder/2.csv', csv('2001-01-02', { days: 1 }));
  const second = await ingestion.ingest('folder', undefined, options);
  expect(countsOf(second)).toMatchObject({ read: 4, kept: 4, duplicates: 0 });
  const third = await ingestion.ingest('folder', undefined, options);
  expect(third).toMatchObject({ unchanged: true, datasetVersion: second.datasetVersion, counts: { read: 0n } });
  ingestion.file('folder/1.csv', csv('2001-01-01', { days: 1, rows: 5 }));
  expect(countsOf(await ingestion.ingest('folder', undefined, options))).toMatchObject({ read: 5, kept: 1, duplicates: 4 });
  // What takes the place of all has to be read whole, and the next run goes on from there.
  expect(countsOf(await ingestion.ingest('folder', undefined, { ...options, mode: IngestionRun_Mode.REPLACE }))).toMatchObject({ read: 9, kept: 9 });
  expect((await ingestion.ingest('folder', undefined, options)).unchanged).toBe(true);
});

it('goes on after kill -9 with the parts that are left, and makes the same version', async () => {
  const folder = ingestion.file('months');
  mkdirSync(folder);
  for (let day = 0; day < 60; day += 5) ingestion.file(`months/${String(day).padStart(2, '0')}.csv`, csv(new Date(Date.parse('2001-01-01') + day * DAY_MS).toISOString().slice(0, 10), { days: 5, rows: 200 }));
  const whole = await ingestion.version(await ingestion.ingest('months', undefined, { dataset: 'datasets/undisturbed', contract: DAILY }));
  const run = await ingestion.create(folder, { dataset: 'datasets/disturbed', contract: DAILY });
  const id = run.name.split('/')[1] ?? '';
  const kept = join(ingestion.dataDir, 'objects/manifests/ingestion-runs', id, 'parts');
  const finished = (): readonly string[] => {
    try {
      return readdirSync(kept);
    } catch {
      return [];
    }
  };
  await expect.poll(finished, { timeout: 60_000, interval: 20 }).toHaveLength(12);
  const jobs = join(ingestion.dataDir, 'ingestion/jobs');
  const [job = ''] = readdirSync(jobs);
  process.kill((JSON.parse(readFileSync(join(jobs, job, 'claim.1.json'), 'utf8')) as { pid: number }).pid, 'SIGKILL');
  const before = new Map(finished().map((name) => [name, statSync(join(kept, name)).mtimeMs]));
  await expect.poll(() => finished().length, { timeout: 60_000, interval: 20 }).toBeGreaterThan(before.size + 3);
  // What was done is not done again.
  for (const [name, time] of before) expect(statSync(join(kept, name)).mtimeMs).toBe(time);
  const ended = await ingestion.ended(run);
  expect(faultOf(ended)).toMatchObject({ state: 'SUCCEEDED' });
  expect(ended.partitionsResumed).toBe(before.size);
  expect(countsOf(ended)).toMatchObject({ read: 12_000, kept: 12_000 });
  const version = await ingestion.version(ended);
  expect([version.digest, version.profile, version.rows]).toEqual([whole.digest, whole.profile, whole.rows]);
  expect(ingestion.manifests().filter((name) => name.startsWith('ingestion-runs/'))).toEqual([]);
});
