import { Contract_ExtraColumns, Expectation_Severity } from '@millrace/contracts/millrace/ingestion/v1/contract';
import { IngestionRun_Mode, RollupColumn_Fold as Fold } from '@millrace/contracts/millrace/ingestion/v1/ingestion_run';
import { ColumnType } from '@millrace/contracts/millrace/type/v1/schema';
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
const order = ({ of = 'datasets/flights/versions/latest', dataset = 'datasets/hourly', by = ['origin'], columns = COLUMNS, seconds = 3_600n, mode = IngestionRun_Mode.REPLACE, contract = {} }: { of?: string; dataset?: string; by?: readonly string[]; columns?: Columns; seconds?: bigint; mode?: IngestionRun_Mode; contract?: NonNullable<Parameters<Ingestion['create']>[1]>['contract'] } = {}) =>
  ingestion.client.createIngestionRun({ ingestionRun: { dataset, mode, source: { rollup: { datasetVersion: of, by: [...by], every: { seconds, nanos: 0 }, columns: columns.map((column) => ({ ...column })) } }, contract: { eventTime: 'until', ...contract } } });

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

it.each([
  ['appending', () => order({ mode: IngestionRun_Mode.APPEND }), 'a rollup replaces the version before: windows grow when rows come late; give mode REPLACE'],
  ['itself', () => order({ dataset: 'datasets/flights' }), 'source.rollup rolls datasets/flights up into itself; give the finer dataset'],
  ['a column that is not there', () => order({ by: ['town'] }), 'source.rollup.by "town" is no column of datasets/flights/versions/latest'],
  ['a fold that is not said', () => order({ columns: [{ name: 'x', fold: Fold.UNSPECIFIED }] }), 'source.rollup.columns.x does not say how it folds'],
  ['windows of nothing', () => order({ seconds: 0n }), 'source.rollup.every must be from one second to 366 days'],
])('refuses %s at once', async (_, ask, why) => {
  await expect(ask()).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'INVALID_SOURCE', message: `The source is wrong: ${why}.` });
});

it('fails where a version is not there, has no time, or cannot be folded', async () => {
  await expect(order({ of: 'datasets/nobody/versions/1' })).rejects.toMatchObject({ reason: 'DATASET_VERSION_NOT_FOUND' });
  await ingestion.ingest('timeless.csv', 'a,b\n1,2\n', { dataset: 'datasets/timeless' });
  await expect(order({ of: 'datasets/timeless/versions/1', by: ['a'] })).rejects.toMatchObject({ message: expect.stringContaining('has no event time to cut windows by') });
  await ingestion.ingest('huge.csv', 'date,x\n2001-01-01T00:00:00Z,1e200\n2001-01-01T00:00:00Z,-1e200\n', { dataset: 'datasets/huge', contract: contractOf({ date: { type: 'TIMESTAMP' }, x: 'FLOAT64' }, { eventTime: 'date' }) });
  const run = await ingestion.ended(await order({ of: 'datasets/huge/versions/1', by: [], columns: [{ name: 'v', fold: Fold.VARIANCE, column: 'x' }] }));
  expect(faultOf(run)).toMatchObject({ state: 'FAILED', reason: 'ROLLUP_OVERFLOW', message: expect.stringContaining('The column "v" of the rollup cannot be made: 2 values of "x" are beyond 1e150') });
});
