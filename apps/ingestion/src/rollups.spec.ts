import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Contract_ExtraColumns, Expectation_Severity, Partitioning_By } from '@millrace/contracts/millrace/ingestion/v1/contract';
import type { DatasetVersion } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import { IngestionRun_Mode, RollupColumn_Fold as Fold, type Source } from '@millrace/contracts/millrace/ingestion/v1/ingestion_run';
import { ColumnType } from '@millrace/contracts/millrace/type/v1/schema';
import { openLocalObjects } from '@millrace/objects';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { contractOf, faultOf, type Ingestion, startIngestion } from './ingestion.fixture.js';

let ingestion: Ingestion;
beforeAll(async () => void (ingestion = await startIngestion()));
afterAll(() => ingestion.close());

const FLIGHTS = contractOf({ date: { type: 'TIMESTAMP' }, origin: 'STRING', delay: 'INT64', weight: 'FLOAT64' }, { eventTime: 'date' });
/** Flights every ten minutes from an hour of the first of January on, of two airports in turn. */
const csv = (from: number, to: number): string => `date,origin,delay,weight\n${Array.from({ length: to - from }, (_, i) => from + i).map((i) => `${new Date(Date.UTC(2001, 0, 1) + i * 600_000).toISOString()},${i % 2 === 0 ? 'ORD' : 'LGA'},${i % 7},${i / 10}\n`).join('')}`;
const flights = async (file: string, from: number, to: number): Promise<string> => {
  const run = await ingestion.ingest(file, csv(from, to), { dataset: 'datasets/flights', contract: FLIGHTS });
  expect(faultOf(run).reason).toBe('');
  return run.datasetVersion;
};

type Columns = readonly { readonly name: string; readonly fold: Fold; readonly column?: string; readonly share?: number }[];
const COLUMNS: Columns = [
  { name: 'flights', fold: Fold.COUNT },
  { name: 'mean_delay', fold: Fold.MEAN, column: 'delay' },
  { name: 'weight', fold: Fold.SUM, column: 'weight' },
  { name: 'p90', fold: Fold.QUANTILE, column: 'delay', share: 0.9 },
  { name: 'delays', fold: Fold.DISTINCT, column: 'delay' },
];
const order = ({ of = 'datasets/flights/versions/latest', dataset = 'datasets/hourly', by = ['origin'], columns = COLUMNS, seconds = 3_600n, mode = IngestionRun_Mode.REPLACE, contract = {}, source = {} }: { of?: string; dataset?: string; by?: readonly string[]; columns?: Columns; seconds?: bigint; mode?: IngestionRun_Mode; contract?: NonNullable<Parameters<Ingestion['create']>[1]>['contract']; source?: Partial<Source> } = {}) =>
  ingestion.client.createIngestionRun({ ingestionRun: { dataset, mode, source: { ...source, rollup: { datasetVersion: of, by: [...by], every: { seconds, nanos: 0 }, columns: columns.map((column) => ({ ...column })) } }, contract: { eventTime: 'until', ...contract } } });

it('makes a dataset of hours and airports, and of more flights reads only what is new', async () => {
  const first = await flights('flights-1.csv', 0, 13);
  const run = await ingestion.ended(await order());
  expect(faultOf(run).message).toBe('');
  // The run keeps which version it was.
  expect(run.source?.rollup).toMatchObject({ datasetVersion: first, by: ['origin'], every: { seconds: 3_600n } });
  const version = await ingestion.version(run);
  expect(version).toMatchObject({ rows: 5n, eventTimeColumn: 'until', eventTimeMin: new Date('2001-01-01T01:00:00Z'), rollup: { datasetVersion: first, objects: 1n, objectsRead: 1n, rowsWithoutTime: 0n } });
  expect(version.schema?.columns.map(({ name, type }) => [name, type])).toEqual([['origin', ColumnType.STRING], ['since', ColumnType.TIMESTAMP], ['until', ColumnType.TIMESTAMP], ['flights', ColumnType.INT64], ['mean_delay', ColumnType.FLOAT64], ['weight', ColumnType.FLOAT64], ['p90', ColumnType.FLOAT64], ['delays', ColumnType.INT64]]);
  const rows = await ingestion.rows(version);
  expect(rows).toHaveLength(5);
  expect(rows[0]).toEqual({ origin: 'LGA', since: new Date('2001-01-01T00:00:00Z'), until: new Date('2001-01-01T01:00:00Z'), flights: 3n, mean_delay: 3, weight: 0.9, p90: expect.closeTo(3, 1), delays: 3n });
  // The hour under way: one flight at two o'clock.
  expect(rows[4]).toMatchObject({ origin: 'ORD', flights: 1n, weight: 1.2, delays: 1n });

  const second = await flights('flights-2.csv', 13, 40);
  const grown = await ingestion.version(await ingestion.ended(await order({ of: second })));
  expect(grown).toMatchObject({ name: 'datasets/hourly/versions/2', rollup: { datasetVersion: second, objects: 2n, objectsRead: 1n } });
  expect((await ingestion.rows(grown)).find(({ origin, since }) => origin === 'ORD' && (since as Date).getUTCHours() === 2)).toMatchObject({ flights: 3n, weight: 4.2 });
  // From nothing it is the very same, to the byte.
  const anew = await ingestion.version(await ingestion.ended(await order({ of: second, dataset: 'datasets/anew' })));
  expect(anew.rollup).toMatchObject({ objects: 2n, objectsRead: 2n });
  expect([anew.objects[0]?.digest, anew.rollup?.partials?.digest]).toEqual([grown.objects[0]?.digest, grown.rollup?.partials?.digest]);
  // No collection of garbage takes what the next rollup reads.
  const kept = await (await openLocalObjects(join(ingestion.dataDir, 'objects'))).readManifest(`ingestion/${grown.name}`);
  expect(kept?.objects).toContain(grown.rollup?.partials?.digest);
  // The same question again makes no version more.
  expect((await ingestion.ended(await order({ of: second }))).datasetVersion).toBe(grown.name);
  // Others ask for other partials, which are read anew.
  const other = await ingestion.version(await ingestion.ended(await order({ of: second, seconds: 86_400n, by: [] })));
  expect(other).toMatchObject({ rows: 1n, rollup: { objects: 2n, objectsRead: 2n } });
});

it('holds a rollup to its contract as any source', async () => {
  await flights('flights-3.csv', 40, 41);
  const run = await ingestion.ended(await order({ dataset: 'datasets/checked', contract: { ...contractOf({ origin: 'STRING', until: { type: 'TIMESTAMP', required: true }, flights: 'INT64' }), extraColumns: Contract_ExtraColumns.DROP, expectations: [{ name: 'busy', column: 'flights', severity: Expectation_Severity.QUARANTINE, rule: { $case: 'range', value: { min: 3 } } }] } }));
  expect(faultOf(run).message).toBe('');
  const version = await ingestion.version(run);
  expect(version.schema?.columns.map(({ name }) => name)).toEqual(['origin', 'until', 'flights']);
  // Hours under way have fewer than three flights of an airport.
  expect(version.counts).toMatchObject({ read: 14n, kept: 13n, quarantined: 1n });
});

/** The hours of a rollup by their flights, whichever way it is cut. */
const hours = async (version: DatasetVersion): Promise<readonly string[]> => (await ingestion.rows(version)).map((row) => JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value))).sort();
const BY_DAY = { partition: { by: Partitioning_By.DAY, column: 'until' } };
const partsOf = ({ partitions }: DatasetVersion): readonly (readonly [string, string])[] => partitions.map(({ key, object }) => [key, object?.digest ?? '']);

it('is cut by time itself where its contract says so, into the same rows, and parts of days that are over stay what they are', async () => {
  const [few, all] = [{ dataset: 'datasets/cut-flights', file: 'cut-1.csv', from: 0, to: 200 }, { dataset: 'datasets/cut-flights', file: 'cut-2.csv', from: 200, to: 400 }];
  const fly = async ({ dataset, file, from, to }: typeof few): Promise<string> => (await ingestion.ingest(file, csv(from, to), { dataset, contract: FLIGHTS })).datasetVersion;
  const asked = { of: await fly(few), dataset: 'datasets/cut', contract: BY_DAY };
  const first = await ingestion.version(await ingestion.ended(await order(asked)));
  expect(first.partitions.map(({ key }) => key)).toEqual(['2001-01-01', '2001-01-02']);
  const grown = await ingestion.version(await ingestion.ended(await order({ ...asked, of: await fly(all) })));
  expect(grown).toMatchObject({ name: 'datasets/cut/versions/2', rollup: { objects: 2n, objectsRead: 1n } });
  expect(grown.partitions.map(({ key }) => key)).toEqual(['2001-01-01', '2001-01-02', '2001-01-03']);
  expect(partsOf(grown)[0]).toEqual(partsOf(first)[0]);
  const whole = await ingestion.version(await ingestion.ended(await order({ of: 'datasets/cut-flights/versions/latest', dataset: 'datasets/uncut' })));
  expect([await hours(grown), grown.rollup?.partials?.digest]).toEqual([await hours(whole), whole.rollup?.partials?.digest]);
});

it('follows a finer dataset that is cut by time: reads new days alone, and all anew once a day is another object', async () => {
  const dataset = 'datasets/daily-flights';
  const contract = { ...FLIGHTS, partition: { by: Partitioning_By.DAY, column: 'date' } };
  const fly = (file: string, from: number, to: number, more = {}) => ingestion.ingest(file, csv(from, to), { dataset, contract, ...more });
  const rolled = async (name = 'rolled') => ingestion.version(await ingestion.ended(await order({ of: `${dataset}/versions/latest`, dataset: `datasets/${name}` })));
  await fly('day-1.csv', 0, 144);
  expect(await rolled()).toMatchObject({ rollup: { objects: 1n, objectsRead: 1n } });
  await fly('day-2.csv', 144, 200);
  expect(await rolled()).toMatchObject({ rollup: { objects: 2n, objectsRead: 1n } });
  await fly('late.csv', 200, 210);
  expect(await rolled()).toMatchObject({ rollup: { objects: 2n, objectsRead: 2n } });
  // The first day had fewer flights than was thought.
  const mended = await fly('fix.csv', 0, 60, { mode: IngestionRun_Mode.BACKFILL, source: { timeFilter: { column: 'date', from: new Date('2001-01-01'), to: new Date('2001-01-02') } } });
  expect(faultOf(mended).message).toBe('');
  const after = await rolled();
  expect(after).toMatchObject({ rollup: { datasetVersion: mended.datasetVersion, objects: 2n, objectsRead: 2n } });
  const flown = (await ingestion.rows(after)).reduce((sum, { flights: n }) => sum + Number(n), 0);
  expect(flown).toBe(60 + 66);
  expect(await hours(after)).toEqual(await hours(await rolled('rolled-anew')));
});

it('goes on after kill -9 with the parts that are left, and keeps the same partials', async () => {
  const { datasetVersion: of } = await ingestion.ingest('long.csv', csv(0, 60 * 144), { dataset: 'datasets/long', contract: FLIGHTS });
  const whole = await ingestion.version(await ingestion.ended(await order({ of, dataset: 'datasets/undisturbed', contract: BY_DAY })));
  const run = await order({ of, dataset: 'datasets/disturbed', contract: BY_DAY });
  const kept = join(ingestion.dataDir, 'objects/manifests/ingestion-runs', run.name.split('/')[1] ?? '', 'parts');
  const finished = (): number => {
    try {
      return readdirSync(kept).length;
    } catch {
      return 0;
    }
  };
  await expect.poll(finished, { timeout: 60_000, interval: 20 }).toBeGreaterThan(8);
  const jobs = join(ingestion.dataDir, 'ingestion/jobs');
  const [job = ''] = readdirSync(jobs);
  process.kill((JSON.parse(readFileSync(join(jobs, job, 'claim.1.json'), 'utf8')) as { pid: number }).pid, 'SIGKILL');
  const ended = await ingestion.ended(run);
  expect(faultOf(ended)).toMatchObject({ state: 'SUCCEEDED', message: '' });
  expect(ended.partitionsResumed).toBeGreaterThan(8);
  const version = await ingestion.version(ended);
  expect(version.partitions).toHaveLength(61);
  expect([version.digest, version.rollup, version.counts]).toEqual([whole.digest, whole.rollup, whole.counts]);
});

const REPLACES = 'a rollup replaces the version before: windows grow when rows come late; give mode REPLACE';

it.each([
  ['appending', () => order({ mode: IngestionRun_Mode.APPEND }), REPLACES],
  ['filling parts anew', () => order({ mode: IngestionRun_Mode.BACKFILL, contract: BY_DAY }), REPLACES],
  ['a rollup beside a path', () => order({ source: { path: 'flights.csv' } }), 'it has several of path, postgres, kafka, push and rollup; give one of them'],
  ['a rollup beside pushed rows', () => order({ source: { push: {} } }), 'it has several of path, postgres, kafka, push and rollup; give one of them'],
  ['a rollup of new files', () => order({ source: { newFilesOnly: true } }), 'source.new_files_only is about files; a table is read by source.postgres.incremental_column, a topic from where the last run stopped, and a rollup reads by itself only what is new'],
  ['a rollup of a range', () => order({ source: { timeFilter: { column: 'date', from: new Date('2001-01-01'), to: undefined } } }), 'a rollup takes no time_filter; roll up a dataset that holds the range'],
  ['itself', () => order({ dataset: 'datasets/flights' }), 'source.rollup rolls datasets/flights up into itself; give the finer dataset'],
  ['a column that is not there', () => order({ by: ['town'] }), 'source.rollup.by "town" is no column of datasets/flights/versions/latest'],
  ['a fold that is not said', () => order({ columns: [{ name: 'x', fold: Fold.UNSPECIFIED }] }), 'source.rollup.columns.x does not say how it folds'],
  ['windows of nothing', () => order({ seconds: 0n }), 'source.rollup.every must be from one second to 366 days'],
])('refuses %s at once', async (_, ask, why) => {
  await expect(ask()).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'INVALID_SOURCE', message: `The source is wrong: ${why}.` });
});

it('says that a rollup is not inspected', async () => {
  const source = { rollup: { datasetVersion: 'datasets/flights/versions/1', by: [], every: { seconds: 60n, nanos: 0 }, columns: [{ name: 'n', fold: Fold.COUNT }] } };
  await expect(ingestion.client.inspectSource({ source })).rejects.toMatchObject({ reason: 'INVALID_SOURCE', message: expect.stringContaining('a rollup is made by a run and cannot be inspected') });
});

it('fails where a version is not there, has no time, or cannot be folded', async () => {
  await expect(order({ of: 'datasets/nobody/versions/1' })).rejects.toMatchObject({ reason: 'DATASET_VERSION_NOT_FOUND' });
  await ingestion.ingest('timeless.csv', 'a,b\n1,2\n', { dataset: 'datasets/timeless' });
  await expect(order({ of: 'datasets/timeless/versions/1', by: ['a'] })).rejects.toMatchObject({ message: expect.stringContaining('has no event time to cut windows by') });
  await ingestion.ingest('huge.csv', 'date,x\n2001-01-01T00:00:00Z,1e200\n2001-01-01T00:00:00Z,-1e200\n', { dataset: 'datasets/huge', contract: contractOf({ date: { type: 'TIMESTAMP' }, x: 'FLOAT64' }, { eventTime: 'date' }) });
  const run = await ingestion.ended(await order({ of: 'datasets/huge/versions/1', by: [], columns: [{ name: 'v', fold: Fold.VARIANCE, column: 'x' }] }));
  expect(faultOf(run)).toMatchObject({ state: 'FAILED', reason: 'ROLLUP_OVERFLOW', message: expect.stringContaining('The column "v" of the rollup cannot be made: 2 values of "x" are beyond 1e150') });
});
