import { ExplainedFeature_Status as Status } from '@millrace/contracts/millrace/features/v1/explanation';
import { JobState } from '@millrace/contracts/millrace/type/v1/job';
import { expect, it } from 'vitest';
import { at, flights, keys, useFeatureStore, VIEW } from './feature-store.fixture.js';

const store = useFeatureStore();
const featureService = 'featureServices/late';
const [ATL] = keys('ATL');

it('says what features were made of, page by page, and reads what was pushed behind what a version holds', async () => {
  await store.define();
  const version = await store.ingest(24);
  // Flights land an hour and a half after they began, so that at twelve those that began at four to nine are known and count.
  const { features } = await store.client.explainFeatures({ featureService, keys: ATL, time: at(12) });
  expect(features.map(({ feature, value, status, rows, pushedRows }) => [feature, value?.kind?.value, status, rows, pushedRows])).toEqual([
    ['origin_late_share', 0.5, Status.PRESENT, 6n, 0n],
    ['origin_flights', 6n, Status.PRESENT, 6n, 0n],
    ['origin_last_delay', 20n, Status.PRESENT, 1n, 0n],
  ]);
  expect(features[0]).toMatchObject({ featureView: 'featureViews/departures', datasetVersion: version, knownFrom: at(6), knownTo: at(12), newestEventTime: at(10), historyThrough: at(23), incomplete: false });
  expect(features[2]).toMatchObject({ knownFrom: undefined, knownTo: undefined });
  const first = await store.client.listSourceRows({ featureService, feature: 'origin_late_share', keys: ATL, time: at(12), pageSize: 4 });
  expect(first).toMatchObject({ datasetVersion: version, totalSize: 6n });
  await store.ingest(25);
  const second = await store.client.listSourceRows({ featureService, feature: 'origin_late_share', keys: ATL, time: at(12), pageSize: 4, pageToken: first.nextPageToken });
  expect(second, 'a later page is of the version of the first one').toMatchObject({ datasetVersion: version, nextPageToken: '' });
  const shown = [...first.sourceRows, ...second.sourceRows];
  expect(shown.map(({ row, push, eventTime, value }) => [row, push, eventTime, value?.kind?.value])).toEqual([10, 9, 8, 7, 6, 5].map((hour) => [BigInt(hour + 1), 0n, at(hour), hour % 2 === 0 ? 1n : 0n]));
  expect(shown[0]?.cells?.values['delay']?.kind?.value).toBe(20n);
  await store.client.pushRows([{ featureViews: [VIEW.name ?? ''], table: flights(25, 26) }]);
  const later = await store.client.explainFeatures({ featureService, keys: ATL, time: at(29) });
  expect(later.features.map(({ value, rows, pushedRows }) => [value?.kind?.value, rows, pushedRows])).toEqual([[4 / 5, 5n, 2n], [5n, 5n, 2n], [20n, 1n, 1n]]);
  const { sourceRows } = await store.client.listSourceRows({ featureService, feature: 'origin_flights', keys: ATL, time: at(29), pageSize: 2 });
  expect(sourceRows.map(({ row, push, eventTime }) => [row, push > 0n, eventTime])).toEqual([[2n, true, at(26)], [1n, true, at(25)]]);
  const served = await store.featuresOf('ATL', 29);
  expect(served['origin_last_delay'], 'the view was never filled, so that only what was pushed is served').toEqual([20n, 'STATUS_PRESENT']);
});

it('says why there is no value', async () => {
  await store.define();
  await store.ingest(24);
  const statusOf = async (origin: string, hour: number) => (await store.client.explainFeatures({ featureService, keys: keys(origin)[0], time: at(hour) })).features.map(({ value, status, rows }) => [value?.kind, status, rows]);
  expect(await statusOf('JFK', 12)).toEqual([[undefined, Status.NOT_FOUND, 0n], [undefined, Status.NOT_FOUND, 0n], [undefined, Status.NOT_FOUND, 0n]]);
  expect(await statusOf('ATL', 24 * 3)).toEqual([[undefined, Status.EXPIRED, 0n], [undefined, Status.EXPIRED, 0n], [undefined, Status.EXPIRED, 1n]]);
});

it('refuses what it cannot explain, and says what it could', async () => {
  await store.define();
  await store.ingest(1);
  await expect(store.client.explainFeatures({ featureService })).rejects.toMatchObject({ reason: 'KEY_MISSING', metadata: { column: 'origin' } });
  const rows = (change: object) => store.client.listSourceRows({ featureService, feature: 'origin_flights', keys: ATL, ...change });
  await expect(rows({ feature: 'gate' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'FEATURE_WITHOUT_ROWS', message: 'featureServices/late reads no feature "gate" of source rows; it reads: origin_late_share, origin_flights, origin_last_delay.' });
  await expect(rows({ keys: undefined })).rejects.toMatchObject({ reason: 'KEY_MISSING' });
  await expect(rows({ datasetVersion: 'datasets/trains/versions/1' })).rejects.toMatchObject({ reason: 'OTHER_DATASET' });
  await expect(rows({ pageToken: 'x' })).rejects.toMatchObject({ reason: 'INVALID_PAGE_TOKEN' });
});

it('explains formulas by what they read, also where only they read it', async () => {
  await store.define();
  await store.ingest(24);
  const [view, service] = ['featureViews/sum', 'featureServices/sum'];
  await store.client.applyFeatureView({ featureView: { name: view, onDemand: { features: [{ featureView: 'featureViews/departures', features: ['flights', 'last_delay'] }] }, features: [{ name: 'load', formula: 'flights * last_delay' }] } });
  await store.client.applyFeatureService({ featureService: { name: service, features: [{ featureView: view, keyColumns: { airport: 'origin' } }] } });
  const { features } = await store.client.explainFeatures({ featureService: service, keys: ATL, time: at(12) });
  expect(features.map(({ feature, value, rows, reads, datasetVersion }) => [feature, value?.kind?.value, rows, reads, datasetVersion !== ''])).toEqual([
    ['load', 120, 0n, ['departures.flights (origin)', 'departures.last_delay (origin)'], false],
    ['departures.flights (origin)', 6n, 6n, [], true],
    ['departures.last_delay (origin)', 20n, 1n, [], true],
  ]);
  expect((await store.client.listSourceRows({ featureService: service, feature: 'departures.flights (origin)', keys: ATL, time: at(12) })).totalSize).toBe(6n);
  await expect(store.client.listSourceRows({ featureService: service, feature: 'load', keys: ATL })).rejects.toMatchObject({ reason: 'FEATURE_WITHOUT_ROWS' });
});

it('keeps with a filling what each feature held then, as the online side would have answered', async () => {
  expect.assertions(3);
  await store.define();
  await store.ingest(24);
  const { name } = await store.client.createMaterialization({ materialization: { featureView: VIEW.name ?? '', knownBefore: at(12) } });
  for await (const { status, profile, standsBefore } of store.client.watchMaterialization({ name })) {
    if (status?.state !== JobState.SUCCEEDED) continue;
    expect(standsBefore).toEqual(at(12));
    const served = await store.featuresOf('ATL', 12);
    expect(profile).toEqual([
      { feature: 'late_share', present: 1n, missing: 0n, distinct: 1n, min: 0.5, max: 0.5, mean: 0.5, stddev: 0 },
      { feature: 'flights', present: 1n, missing: 0n, distinct: 1n, min: 6, max: 6, mean: 6, stddev: 0 },
      { feature: 'last_delay', present: 1n, missing: 0n, distinct: 1n, min: 20, max: 20, mean: 20, stddev: 0 },
    ]);
    expect(profile.map(({ mean }) => mean)).toEqual(Object.values(served).map(([value]) => Number(value)));
  }
});
