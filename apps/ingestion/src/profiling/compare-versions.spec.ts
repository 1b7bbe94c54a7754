import { IngestionRun_Mode } from '@millrace/contracts/millrace/ingestion/v1/ingestion_run';
import { ColumnProfile_DistinctKind } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import { SchemaChange_Kind } from '@millrace/contracts/millrace/ingestion/v1/dataset_comparison';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { contractOf, type Ingestion, startIngestion } from '../ingestion.fixture.js';

let ingestion: Ingestion;
beforeAll(async () => void (ingestion = await startIngestion()));
afterAll(() => ingestion.close());

const lines = (count: number, line: (i: number) => string): string => Array.from({ length: count }, (_, i) => `${line(i)}\n`).join('');

it('has the profile of a whole version, also where a run only added to it', async () => {
  const dataset = 'datasets/whole';
  const read = (file: string, from: number, to: number) => ingestion.ingest(file, `id,x,s\n${lines(to - from, (i) => `${from + i},${(from + i) / 2},${(from + i) % 3 === 0 ? '' : 'ab'[(from + i) % 2]}`)}`, { dataset, contract: contractOf({ id: 'INT64', x: 'FLOAT64', s: 'STRING' }) });
  await read('whole-1.csv', 0, 600);
  const appended = await ingestion.version(await read('whole-2.csv', 600, 1000));
  expect(appended.profile).toMatchObject([
    { column: 'id', missing: 0n, distinct: 600n, distinctKind: ColumnProfile_DistinctKind.AT_LEAST, min: 0, max: 999, minInt64: 0n, maxInt64: 999n, mean: 499.5, quantilesExact: false },
    { column: 'x', min: 0, max: 499.5, mean: 249.75 },
    { column: 's', missing: 334n, distinct: 2n, distinctKind: ColumnProfile_DistinctKind.EXACT, topComplete: true, top: [{ value: 'a', count: 333n }, { value: 'b', count: 333n }] },
  ]);
  expect(appended.profile[0]?.histogram?.counts.reduce((sum, count) => sum + count, 0n)).toBe(1000n);
  expect(Math.abs((appended.profile[0]?.quantiles[3] ?? 0) - 500)).toBeLessThanOrEqual(appended.profile[0]?.histogram?.width ?? 0);
  expect(appended.correlations).toMatchObject([{ left: 'id', right: 'x', rows: 1000n }]);
  expect(appended.correlations[0]?.r).toBeCloseTo(1, 9);
});

it('says which columns moved, by how much, and which did not', async () => {
  const dataset = 'datasets/moving';
  const read = (file: string, shift: number, airports: string) => ingestion.ingest(file, `delay,calm,from\n${lines(2_000, (i) => `${((i * 7919) % 100) + shift},${(i * 31) % 50},${airports[i % airports.length]}`)}`, { dataset, mode: IngestionRun_Mode.REPLACE, contract: contractOf({ delay: 'INT64', calm: 'INT64', from: 'STRING' }, { key: ['delay', 'calm', 'from'] }) });
  const [first, second] = [await read('moving-1.csv', 0, 'ABCD'), await read('moving-2.csv', 40, 'ABBB')];
  const { columns, schemaChanges } = await ingestion.client.compareDatasetVersions({ name: first.datasetVersion, other: second.datasetVersion });
  expect(schemaChanges).toEqual([]);
  expect(columns.map(({ column, psi = 0, js = 0 }) => [column, psi > 0.25, js > 0.1])).toEqual([['delay', true, true], ['from', true, true], ['calm', false, false]]);
  expect(columns[0]?.quantiles.find(({ share }) => share === 0.5)).toMatchObject({ is: (columns[0]?.quantiles.find(({ share }) => share === 0.5)?.was ?? 0) + 40 });
  expect(columns[2]?.quantiles.every(({ was, is }) => was === is)).toBe(true);
});

it('says which columns came, went, or are of another type', async () => {
  const one = await ingestion.ingest('one.csv', 'a,b,c\n1,2,x\n', { contract: contractOf({ a: 'INT64', b: { type: 'INT64', required: true }, c: 'STRING' }) });
  const two = await ingestion.ingest('two.csv', 'a,b,d\n1.5,2,x\n', { contract: contractOf({ a: 'FLOAT64', b: 'INT64', d: 'STRING' }) });
  const { schemaChanges } = await ingestion.client.compareDatasetVersions({ name: one.datasetVersion, other: two.datasetVersion });
  expect(schemaChanges).toEqual([
    { column: 'a', kind: SchemaChange_Kind.TYPE_CHANGED, was: 'INT64, may be missing', is: 'FLOAT64, may be missing' },
    { column: 'b', kind: SchemaChange_Kind.NULLABLE_CHANGED, was: 'INT64', is: 'INT64, may be missing' },
    { column: 'c', kind: SchemaChange_Kind.REMOVED, was: 'STRING, may be missing', is: '' },
    { column: 'd', kind: SchemaChange_Kind.ADDED, was: '', is: 'STRING, may be missing' },
  ]);
  await expect(ingestion.client.compareDatasetVersions({ name: one.datasetVersion, other: 'datasets/nobody/versions/1' })).rejects.toMatchObject({ reason: 'DATASET_VERSION_NOT_FOUND' });
});
