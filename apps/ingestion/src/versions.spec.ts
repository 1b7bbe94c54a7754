import { join } from 'node:path';
import { ColumnContract_BadCell, Contract_KeepPolicy, Expectation_Severity } from '@millrace/contracts/millrace/ingestion/v1/contract';
import { IngestionRun_Mode, Source_Format } from '@millrace/contracts/millrace/ingestion/v1/ingestion_run';
import { ColumnType } from '@millrace/contracts/millrace/type/v1/schema';
import { openLocalObjects } from '@millrace/objects';
import { openTables } from '@millrace/tables';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { contractOf, countsOf, faultOf, type Ingestion, startIngestion } from './ingestion.fixture.js';

let ingestion: Ingestion;
beforeAll(async () => void (ingestion = await startIngestion()));
afterAll(() => ingestion.close());

const TRIPS = [
  { id: 1, at: '2001-01-01T08:00:00Z', fare: 2.5, paid: true, from: 'ATL' },
  { id: 2, at: '2001-01-02T09:30:00Z', fare: 4, paid: false, from: 'ORD' },
  { id: 3, at: '2001-01-03T10:00:00Z', fare: 1.25, paid: true, from: 'ATL' },
];
const csv = (rows: readonly Record<string, unknown>[]): string => [Object.keys(rows[0] ?? {}), ...rows.map((row) => Object.values(row))].map((cells) => `${cells.join(',')}\n`).join('');

it('infers the same schema and rows from CSV, JSON lines, JSON and Parquet', async () => {
  const objects = await openLocalObjects(join(ingestion.dataDir, 'objects'));
  await using tables = await openTables({ objects });
  const trips = TRIPS.map(({ id, at, fare, paid, from }) => `(${id}, TIMESTAMP '${at.slice(0, 19)}', ${fare}::DOUBLE, ${paid}, '${from}')`).join(', ');
  const written = await tables.writeParquet(`SELECT * FROM (VALUES ${trips}) AS t(id, "at", fare, paid, "from")`);
  const runs = await Promise.all([
    ingestion.ingest('trips.csv', csv(TRIPS)),
    ingestion.ingest('trips.jsonl', TRIPS.map((trip) => `${JSON.stringify(trip)}\n`).join('')),
    ingestion.ingest('trips.json', JSON.stringify(TRIPS, undefined, 2)),
    ingestion.ingest('trips.parquet', await objects.read(written.ref.digest)),
    ingestion.ingest('trips.data', csv(TRIPS).replaceAll(',', '\t'), { source: { format: Source_Format.CSV } }),
  ]);
  const wanted = TRIPS.map(({ id, at, fare, paid, from }) => ({ id: BigInt(id), at: new Date(at), fare, paid, from }));
  for (const run of runs) {
    const version = await ingestion.version(run);
    expect(Object.fromEntries(version.schema?.columns.map(({ name, type }) => [name, type]) ?? [])).toEqual({ id: ColumnType.INT64, at: ColumnType.TIMESTAMP, fare: ColumnType.FLOAT64, paid: ColumnType.BOOL, from: ColumnType.STRING });
    expect(await ingestion.rows(version)).toEqual(wanted);
    expect(countsOf(run)).toEqual({ read: 3, kept: 3, duplicates: 0, quarantined: 0, cellsRepaired: 0 });
  }
});

const KEYED = contractOf({ id: 'INT64', at: 'TIMESTAMP', s: 'STRING' }, { key: ['id'], eventTime: 'at' });
const REPEATED = 'id,at,s\n1,2001-01-02,b\n1,2001-01-03,c\n1,2001-01-01,a\n2,2001-01-01,d\n3,2001-01-01,e\n3,,f\n';

it.each([
  [Contract_KeepPolicy.FIRST, 'bde', { kept: 3, duplicates: 3, quarantined: 0 }],
  [Contract_KeepPolicy.LAST, 'adf', { kept: 3, duplicates: 3, quarantined: 0 }],
  [Contract_KeepPolicy.NEWEST, 'cde', { kept: 3, duplicates: 3, quarantined: 0 }],
  [Contract_KeepPolicy.NONE, 'd', { kept: 1, duplicates: 0, quarantined: 5 }],
])('keeps of rows with one key what %s says', async (keep, kept, counts) => {
  const run = await ingestion.ingest('repeated.csv', REPEATED, { contract: { ...KEYED, keep } });
  expect((await ingestion.rows(await ingestion.version(run))).map(({ s }) => s).join('')).toBe(kept);
  expect(countsOf(run)).toMatchObject({ read: 6, ...counts });
  const { quarantinedRows } = await ingestion.client.listQuarantinedRows({ parent: run.datasetVersion });
  expect(quarantinedRows.map(({ row, reasons }) => `${row} ${reasons}`)).toEqual(keep === Contract_KeepPolicy.NONE ? [1, 2, 3, 5, 6].map((row) => `${row} id: several rows have this key`) : []);
});

it('lists each dropped row with the row that stays, be it of this run or of an earlier version', async () => {
  const dataset = 'datasets/parcels';
  const contract = { ...contractOf({ id: 'INT64', weight: 'FLOAT64', s: 'STRING' }, { key: ['id'] }), keep: Contract_KeepPolicy.NEWEST, newestBy: 'weight' };
  const listed = async (run: { datasetVersion: string }) => (await ingestion.client.listDuplicateRows({ parent: run.datasetVersion })).duplicateRows.map(({ file, row, keptFile, keptRow, keptVersion, cells }) => [file, row, keptFile, keptRow, keptVersion, cells['s']]);
  const first = await ingestion.ingest('parcels-1.csv', 'id,weight,s\n1,2.5,a\n1,7,b\n2,,c\n2,1,d\n1,7,e\n', { contract, dataset });
  expect((await ingestion.rows(await ingestion.version(first))).map(({ s }) => s).join('')).toBe('de');
  expect(await listed(first)).toEqual([['parcels-1.csv', 1n, 'parcels-1.csv', 5n, '', 'a'], ['parcels-1.csv', 2n, 'parcels-1.csv', 5n, '', 'b'], ['parcels-1.csv', 3n, 'parcels-1.csv', 4n, '', 'c']]);
  const second = await ingestion.ingest('parcels-2.csv', 'id,weight,s\n1,9,f\n3,1,g\n3,2,h\n', { contract, dataset });
  expect(await listed(second)).toEqual([['parcels-2.csv', 1n, '', 2n, first.datasetVersion, 'f'], ['parcels-2.csv', 2n, 'parcels-2.csv', 3n, '', 'g']]);
  expect((await ingestion.version(second)).duplicates?.rows).toBe(2n);
  const wrong = { ...contract, newestBy: 'nobody' };
  await expect(ingestion.create(ingestion.file('parcels-1.csv'), { contract: wrong })).rejects.toMatchObject({ reason: 'INVALID_CONTRACT', metadata: { place: 'newest_by' } });
});

it('wants an event time where the newest row is to stay', async () => {
  await expect(ingestion.create(ingestion.file('repeated.csv'), { contract: { ...KEYED, eventTime: '', keep: Contract_KeepPolicy.NEWEST } })).rejects.toMatchObject({ reason: 'INVALID_CONTRACT', message: expect.stringContaining('event_time') });
});

it('tells of a broken expectation, sets its rows aside, or fails, as its severity says', async () => {
  const expecting = (severity: Expectation_Severity) => ({ ...contractOf({ n: 'INT64' }), expectations: [{ name: 'small', severity, column: 'n', rule: { $case: 'range' as const, value: { max: 10 } } }] });
  const content = 'n\n1\n50\n60\n2\n';
  const warned = await ingestion.ingest('small.csv', content, { contract: expecting(Expectation_Severity.WARN) });
  expect(countsOf(warned)).toMatchObject({ read: 4, kept: 4 });
  expect((await ingestion.version(warned)).expectations).toMatchObject([{ name: 'small', met: false, broken: 2n }]);
  const quarantined = await ingestion.ingest('small.csv', undefined, { contract: expecting(Expectation_Severity.QUARANTINE) });
  expect(countsOf(quarantined)).toMatchObject({ read: 4, kept: 2, quarantined: 2 });
  const { quarantinedRows } = await ingestion.client.listQuarantinedRows({ parent: quarantined.datasetVersion });
  expect(quarantinedRows.map(({ row, reasons, cells }) => `${row} ${reasons}: ${cells['n']}`)).toEqual(['2 small: n is not between -∞ and 10: 50', '3 small: n is not between -∞ and 10: 60']);
  const failed = await ingestion.ingest('small.csv', undefined, { contract: expecting(Expectation_Severity.FAIL) });
  expect(faultOf(failed)).toMatchObject({ state: 'FAILED', reason: 'EXPECTATION_FAILED', message: expect.stringContaining('"small" failed: n must be between -∞ and 10: 2 rows are not') });
});

it('fails where a larger share is set aside than the contract allows, and shows the first row', async () => {
  const run = await ingestion.ingest('half.csv', 'n\n1\nx\n', { contract: contractOf({ n: 'INT64' }, { maxQuarantinedShare: 0.4 }) });
  expect(faultOf(run)).toMatchObject({ reason: 'TOO_MANY_QUARANTINED', message: expect.stringContaining('half.csv, row 2: n: not INT64') });
});

it('adds to a version what it does not hold yet, and replaces it where that is asked for', async () => {
  const contract = contractOf({ id: 'INT64', s: 'STRING' }, { key: ['id'] });
  const dataset = 'datasets/grain';
  const first = await ingestion.ingest('grain.csv', 'id,s\n1,a\n2,b\n', { contract, dataset });
  const second = await ingestion.ingest('grain.csv', 'id,s\n2,changed\n3,c\n3,d\n', { contract, dataset });
  expect(countsOf(second)).toMatchObject({ read: 3, kept: 1, duplicates: 2 });
  const version = await ingestion.version(second);
  expect(version).toMatchObject({ name: 'datasets/grain/versions/2', parent: 'datasets/grain/versions/1', rows: 3n });
  expect((await ingestion.rows(version)).map(({ s }) => s)).toEqual(['a', 'b', 'c']);
  const again = await ingestion.ingest('grain.csv', undefined, { contract, dataset });
  expect(again.datasetVersion).toBe(version.name);
  expect(countsOf(again)).toMatchObject({ read: 3, kept: 0, duplicates: 3 });
  const replaced = await ingestion.version(await ingestion.ingest('grain.csv', 'id,s\n1,a\n2,b\n', { contract, dataset, mode: IngestionRun_Mode.REPLACE }));
  expect(replaced).toMatchObject({ name: 'datasets/grain/versions/3', parent: '', rows: 2n });
  // Equal content has an equal digest, whichever version it is.
  expect(replaced.digest).toBe((await ingestion.version(first)).digest);
});

it('reads what is appended as the version is, where the contract leaves it open, and refuses another schema', async () => {
  const dataset = 'datasets/flour';
  await ingestion.ingest('flour.csv', 'kg,s\n1.5,a\n', { dataset });
  const second = await ingestion.version(await ingestion.ingest('flour.csv', 'kg,s\n7,b\n', { dataset }));
  expect(second.schema?.columns[0]).toMatchObject({ name: 'kg', type: ColumnType.FLOAT64 });
  expect((await ingestion.rows(second)).map(({ kg }) => kg)).toEqual([1.5, 7]);
  expect(faultOf(await ingestion.ingest('flour.csv', 'kg\n7\n', { dataset }))).toMatchObject({ reason: 'COLUMN_MISSING', message: expect.stringContaining('"s"') });
  const other = await ingestion.ingest('flour.csv', 'kg,s\n7,b\n', { dataset, contract: contractOf({ kg: 'INT64', s: 'STRING' }) });
  expect(faultOf(other)).toMatchObject({ reason: 'SCHEMA_DIFFERS', message: expect.stringMatching(/Column 1 of datasets\/flour\/versions\/2 is kg FLOAT64, in the contract it is kg INT64/) });
});

it('reads a range of time only, and judges rows whose time cannot be read like all others', async () => {
  const timeFilter = { column: 'at', from: new Date('2001-01-02'), to: new Date('2001-01-03') };
  const contract = contractOf({ id: 'INT64', at: 'TIMESTAMP' });
  const content = 'id,at\n1,2001-01-01 23:59:59\n2,2001-01-02\n3,2001-01-02T23:59:59.999999\n4,2001-01-03\n5,soon\n';
  const run = await ingestion.ingest('times.csv', content, { contract, source: { timeFilter } });
  expect(countsOf(run)).toMatchObject({ read: 3, kept: 2, quarantined: 1 });
  const none = await ingestion.ingest('times.csv', 'id,at\n1,2001-01-01\n', { contract, source: { timeFilter } });
  expect(faultOf(none)).toMatchObject({ reason: 'SOURCE_EMPTY', message: expect.stringContaining('range of time') });
});

it('gives the same digests on one thread as on two', async () => {
  const lines = Array.from({ length: 150_000 }, (_, i) => `${(i * 7919) % 120_000},${i % 97 === 0 ? 'n/a' : (i * 31) % 1000},"text ${i % 1013}"\n`);
  ingestion.file('many.csv', `id,n,s\n${lines.join('')}`);
  const contract = contractOf({ id: 'INT64', n: { type: 'INT64', badCell: ColumnContract_BadCell.MISSING }, s: 'STRING' }, { key: ['id'], keep: Contract_KeepPolicy.LAST });
  const digests: unknown[] = [];
  for (const threads of ['1', '2']) {
    await ingestion.restart({ MILLRACE_INGESTION_THREADS: threads });
    const run = await ingestion.ingest('many.csv', undefined, { contract });
    expect(countsOf(run)).toMatchObject({ read: 150_000, kept: 120_000, duplicates: 30_000 });
    const { digest, objects, ledger } = await ingestion.version(run);
    digests.push({ digest, objects, ledger });
  }
  expect(digests[0]).toEqual(digests[1]);
});
