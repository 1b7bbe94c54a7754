import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FeatureStoreServiceDefinition } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import { DerivedColumn_Comparison, Feature_Aggregation } from '@millrace/contracts/millrace/features/v1/feature_view';
import { ColumnOrigin_Known } from '@millrace/contracts/millrace/features/v1/training_set';
import { Endpoint } from '@millrace/contracts/millrace/inference/v1/endpoint';
import { JobState } from '@millrace/contracts/millrace/type/v1/job';
import { ColumnType } from '@millrace/contracts/millrace/type/v1/schema';
import { catalogue, decodeEvent, toRecord } from '@millrace/events';
import { openLocalObjects } from '@millrace/objects';
import { connect, type PartialRequestOf } from '@millrace/rpc';
import { type Running, runServices } from '@millrace/service';
import { openTables } from '@millrace/tables';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { featureStoreService } from './index.js';
import { addVersion, ingestionStandIn, type Versions } from './ingestion.fixture.js';

const HOUR = 3_600;
const SCHEMA = [
  { name: 'date', type: 'TIMESTAMP', nullable: false },
  { name: 'delay', type: 'INT64', nullable: false },
  { name: 'distance', type: 'INT64', nullable: false },
  { name: 'origin', type: 'STRING', nullable: false },
] as const;
const at = (hour: number): Date => new Date(Date.UTC(2001, 0, 1, hour));

let dir: string;
let running: Running;
let client: ReturnType<typeof connect<typeof FeatureStoreServiceDefinition>>;
const versions: Versions = new Map();

async function start(): Promise<void> {
  running = await runServices([featureStoreService, ingestionStandIn(versions)], { env: { MILLRACE_DATA_DIR: dir, MILLRACE_GRPC_PORT: '0', MILLRACE_HTTP_PORT: '0', MILLRACE_FEATURES_MEMORY: '300MB', LOG_LEVEL: 'silent' } });
  client = connect(FeatureStoreServiceDefinition, running.grpcAddress);
}
async function stop(): Promise<void> {
  client.close();
  await running.close();
}

beforeAll(() => (dir = mkdtempSync(join(tmpdir(), 'millrace-feature-store-'))));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
beforeEach(start);
afterEach(stop);

type ViewMessage = NonNullable<PartialRequestOf<typeof FeatureStoreServiceDefinition.methods.applyFeatureView>['featureView']>;
const VIEW: ViewMessage = {
  name: 'featureViews/departures',
  entity: 'entities/airport',
  dataset: 'datasets/flights',
  joinKeyColumns: { airport: 'origin' },
  eventTimeColumn: 'date',
  knowledgeTime: { delay: { seconds: 1_800n, nanos: 0 }, terms: [{ column: 'distance', microsecondsPerUnit: 7_500_000 }, { column: 'delay', microsecondsPerUnit: 60_000_000 }] },
  ttl: { seconds: BigInt(12 * HOUR), nanos: 0 },
  derivedColumns: [{ name: 'late', source: 'delay', comparison: DerivedColumn_Comparison.GREATER, threshold: 15 }],
  features: [
    { name: 'late_share', column: 'late', aggregation: Feature_Aggregation.MEAN, window: { seconds: BigInt(6 * HOUR), nanos: 0 } },
    { name: 'flights', aggregation: Feature_Aggregation.COUNT, window: { seconds: BigInt(6 * HOUR), nanos: 0 } },
    { name: 'last_delay', column: 'delay', aggregation: Feature_Aggregation.LATEST },
  ],
};

async function define(): Promise<void> {
  await client.applyEntity({ entity: { name: 'entities/airport', joinKeys: [{ name: 'airport', type: ColumnType.STRING }] } });
  await client.applyFeatureView({ featureView: VIEW });
  await client.applyFeatureService({ featureService: { name: 'featureServices/late', features: [{ featureView: 'featureViews/departures', prefix: 'origin_', keyColumns: { airport: 'origin' } }] } });
}

/** A real Parquet object as the next version of the flights: one flight an hour, each landing an hour and a half later. */
async function ingest(hours: number): Promise<string> {
  const objects = await openLocalObjects(join(dir, 'objects'));
  const tables = await openTables({ objects, tempDir: dir, threads: 1, memoryLimit: '200MB' });
  try {
    const { ref } = await tables.writeParquet(`SELECT TIMESTAMP '2001-01-01' + INTERVAL (h) HOUR AS date, CASE WHEN h % 2 = 0 THEN 20 ELSE 0 END::BIGINT AS delay, CASE WHEN h % 2 = 0 THEN 320 ELSE 480 END::BIGINT AS distance, 'ATL' AS origin FROM range(${hours}) t(h) ORDER BY h`);
    return addVersion(versions, 'flights', { object: ref, schema: SCHEMA, eventTime: 'date' });
  } finally {
    await tables.close();
  }
}

const keys = (...airports: readonly string[]) => airports.map((origin) => ({ values: { origin: { kind: { $case: 'stringValue', value: origin } } as const } }));

/** The features of one airport at an hour, as [value, status] by name. */
async function featuresOf(airport: string, hour: number): Promise<Record<string, readonly [unknown, string | undefined]>> {
  const { features, vectors } = await client.getOnlineFeatures({ featureService: 'featureServices/late', keys: keys(airport), time: at(hour) });
  return Object.fromEntries(features.map((name, i) => [name, [vectors[0]?.values[i]?.kind?.value, vectors[0]?.statuses[i]] as const]));
}

const flights = (...hours: readonly number[]) => ({
  rows: hours.length,
  columns: [
    { name: 'date', cells: { kind: { $case: 'timestamps', value: { values: hours.map((hour) => BigInt(at(hour).getTime()) * 1000n) } } as const } },
    { name: 'delay', cells: { kind: { $case: 'int64s', value: { values: hours.map(() => 20n) } } as const } },
    { name: 'distance', cells: { kind: { $case: 'int64s', value: { values: hours.map(() => 320n) } } as const } },
    { name: 'origin', cells: { kind: { $case: 'strings', value: { values: hours.map(() => 'ATL') } } as const } },
  ],
});

it('tells of a dataset that is not there yet, takes no harm from it, and goes on once it is', async () => {
  await define();
  for (let attempt = 0; attempt < 2; attempt++) {
    await expect(client.pushRows([{ featureViews: ['featureViews/departures'], table: flights(1) }])).rejects.toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'DATASET_UNKNOWN', message: 'datasets/flights has no version yet, which featureViews/departures reads; ingest it first.' });
    await expect(featuresOf('ATL', 1)).rejects.toMatchObject({ reason: 'DATASET_UNKNOWN' });
  }
  await expect(client.createMaterialization({ materialization: { featureView: 'featureViews/departures' } })).rejects.toMatchObject({ reason: 'DATASET_UNKNOWN' });
  await expect(client.createTrainingSet({ trainingSet: { featureService: 'featureServices/late', spine: { datasetVersion: 'datasets/flights/versions/latest' } } })).rejects.toMatchObject({ reason: 'DATASET_UNKNOWN' });
  await ingest(24);
  expect(await client.pushRows([{ featureViews: ['featureViews/departures'], table: flights(1) }])).toEqual({ rows: 1n, repeatedMessages: 0n });
});

it('keeps definitions: applied again they stay, changed they count up, and lists have pages', async () => {
  await define();
  const first = await client.getFeatureView({ name: 'featureViews/departures' });
  expect(await client.applyFeatureView({ featureView: VIEW })).toEqual(first);
  expect(first).toMatchObject({ etag: '1', joinKeyColumns: { airport: 'origin' }, tile: { seconds: 3_600n }, ttl: { seconds: 43_200n } });
  expect((await client.applyFeatureView({ featureView: { ...VIEW, description: 'x' } })).etag).toBe('2');
  for (const name of ['b', 'a', 'c']) await client.applyEntity({ entity: { name: `entities/${name}`, joinKeys: [{ name: 'id', type: ColumnType.INT64 }] } });
  const page = await client.listEntities({ pageSize: 2 });
  expect(page.entities.map(({ name }) => name)).toEqual(['entities/a', 'entities/airport']);
  expect((await client.listEntities({ pageSize: 2, pageToken: page.nextPageToken })).entities.map(({ name }) => name)).toEqual(['entities/b', 'entities/c']);
  await expect(client.getEntity({ name: 'entities/nobody' })).rejects.toMatchObject({ code: 'NOT_FOUND', reason: 'DEFINITION_NOT_FOUND' });
  await expect(client.applyFeatureView({ featureView: { ...VIEW, joinKeyColumns: { port: 'origin' } } })).rejects.toMatchObject({ reason: 'INVALID_DEFINITION', metadata: { place: 'join_key_columns.port' } });
  await expect(client.applyFeatureView({ featureView: { ...VIEW, derivedColumns: [{ name: 'late', source: 'delay', threshold: 1 }] } })).rejects.toMatchObject({ metadata: { place: 'derived_columns.late' } });
});

it('fills forward and looks events back, over the wire as in the join', async () => {
  await define();
  await ingest(1);
  const back = { column: 'delay', window: undefined };
  const features = [{ name: 'filled', ...back, aggregation: Feature_Aggregation.LATEST_PRESENT }, { name: 'before', ...back, aggregation: Feature_Aggregation.PREVIOUS, stepsBack: 2 }, { name: 'change', ...back, aggregation: Feature_Aggregation.DIFFERENCE, stepsBack: 1 }];
  const view = { ...VIEW, name: 'featureViews/back', knowledgeTime: { delay: { seconds: 1_800n, nanos: 0 } }, ttl: { seconds: BigInt(3 * HOUR), nanos: 0 }, derivedColumns: [], features };
  expect((await client.applyFeatureView({ featureView: view })).features.map(({ stepsBack }) => stepsBack)).toEqual([0, 2, 1]);
  await expect(client.applyFeatureView({ featureView: { ...view, features: features.map((each) => ({ ...each, stepsBack: 1 })) } })).rejects.toMatchObject({ reason: 'INVALID_DEFINITION', message: expect.stringContaining('features.filled: LATEST_PRESENT does not look steps back') });
  await client.applyFeatureService({ featureService: { name: 'featureServices/back', features: [{ featureView: view.name, keyColumns: { airport: 'origin' } }] } });
  const table = flights(1, 2, 3, 4);
  const columns = table.columns.map((column) => (column.name === 'delay' ? { ...column, cells: { kind: { $case: 'int64s' as const, value: { values: [5n, 9n, 30n, 0n] } } }, missing: [false, false, false, true] } : column));
  await client.pushRows([{ featureViews: [view.name], table: { ...table, columns } }]);
  const read = async (hour: number) => {
    const { vectors } = await client.getOnlineFeatures({ featureService: 'featureServices/back', keys: keys('ATL'), time: at(hour) });
    return vectors[0]?.values.map((cell, i) => [cell.kind?.value, vectors[0]?.statuses[i]]);
  };
  const [present, missing, expired] = ['STATUS_PRESENT', 'STATUS_NOT_FOUND', 'STATUS_EXPIRED'];
  expect(await read(4), 'the row of hour 4 is not known yet').toEqual([[30n, present], [5n, present], [21, present]]);
  expect(await read(5)).toEqual([[30n, present], [9n, present], [undefined, missing]]);
  expect(await read(7), 'each by the event that it is from').toEqual([[undefined, expired], [undefined, expired], [undefined, expired]]);
});

it('finds definitions by owner, tag, entity, dataset and text, page by page', async () => {
  for (const [name, owner, domain] of [['a', 'ann', 'air'], ['b', 'bob', 'sea'], ['c', 'ann', 'sea'], ['d', 'ann', 'air']] as const) await client.applyFeatureView({ featureView: { ...VIEW, name: `featureViews/${name}`, description: `View ${name}`, owner, tags: { domain } } });
  const ask = async (filter: string, pageToken = '') => {
    const { featureViews, nextPageToken } = await client.listFeatureViews({ filter, pageSize: 1, pageToken });
    return { names: featureViews.map(({ name }) => name.slice(-1)), nextPageToken };
  };
  const all = async (filter: string): Promise<string> => {
    let names = '';
    for (let token = '', more = true; more; more = token !== '') {
      const page = await ask(filter, token);
      names += page.names.join('');
      token = page.nextPageToken;
    }
    return names;
  };
  expect(await Promise.all(['owner=ann', 'tag=domain:sea', 'owner=ann AND tag=domain:air', 'text="view"', 'text=w AND owner=bob', 'tag=domain AND entity=entities/airport AND dataset=datasets/flights', 'dataset=datasets/trains'].map(all))).toEqual(['acd', 'bc', 'ad', 'abcd', 'b', 'abcd', '']);
  await expect(client.listFeatureViews({ filter: 'colour=red' })).rejects.toMatchObject({ reason: 'INVALID_FILTER' });
  await client.applyFeatureService({ featureService: { name: 'featureServices/of-b', owner: 'bob', features: [{ featureView: 'featureViews/b' }] } });
  expect((await client.listFeatureServices({ filter: 'feature_view=featureViews/b AND owner=bob' })).featureServices.map(({ name, owner }) => [name, owner])).toEqual([['featureServices/of-b', 'bob']]);
});

it('counts a version up when a view may give other values, and says what it was', async () => {
  const name = 'featureViews/versioned';
  const apply = async (change: Partial<ViewMessage>): Promise<number> => (await client.applyFeatureView({ featureView: { ...VIEW, name, ...change } })).version;
  const ttl = { seconds: BigInt(HOUR), nanos: 0 };
  expect([await apply({}), await apply({}), await apply({ description: 'x', owner: 'ann', tags: { a: '' } }), await apply({ ttl }), await apply({ ttl, owner: 'bob' }), await apply({})]).toEqual([1, 1, 1, 2, 2, 3]);
  expect((await client.listFeatureViews({ filter: 'text=versioned' })).featureViews.map(({ version, owner }) => [version, owner])).toEqual([[3, '']]);
  const first = await client.listFeatureViewVersions({ parent: name, pageSize: 2 });
  const rest = await client.listFeatureViewVersions({ parent: name, pageSize: 2, pageToken: first.nextPageToken });
  expect([...first.featureViewVersions, ...rest.featureViewVersions].map((version) => [version.name, version.featureView?.ttl?.seconds])).toEqual([[`${name}/versions/3`, 43_200n], [`${name}/versions/2`, 3_600n], [`${name}/versions/1`, 43_200n]]);
  await expect(client.listFeatureViewVersions({ parent: 'featureViews/nobody' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

it('makes a training set in a job of its own: what was known, where it comes from, once for each request', async () => {
  const version = await ingest(24);
  const order = { requestId: 'set-1', trainingSet: { featureService: 'featureServices/late', spine: { datasetVersion: 'datasets/flights/versions/latest', from: at(5), to: at(15), labels: [{ name: 'is_late', column: 'delay', greaterThan: 15 }] } } };
  const created = await client.createTrainingSet(order);
  expect(created.spine).toMatchObject({ datasetVersion: version, eventTimeColumn: 'date' });
  let last = created;
  for await (const set of client.watchTrainingSet({ name: created.name })) last = set;
  expect(last.status?.error).toBeUndefined();
  expect(last).toMatchObject({ status: { state: JobState.SUCCEEDED }, rows: 10n });
  expect(last.origins.map(({ column, known }) => [column, known === ColumnOrigin_Known.AT_EVENT])).toEqual([['date', true], ['delay', false], ['distance', true], ['origin', true], ['is_late', false], ['origin_late_share', true], ['origin_flights', true], ['origin_last_delay', true]]);
  expect((await client.createTrainingSet(order)).name).toBe(created.name);

  const tables = await openTables({ objects: await openLocalObjects(join(dir, 'objects')), tempDir: dir });
  const rows = await tables.rows(`SELECT epoch_us(date) // 3600000000 % 24 AS hour, is_late, origin_late_share, origin_flights, origin_last_delay FROM ${await tables.scan(last.objects[0]?.digest ?? '')}`);
  await tables.close();
  // At 5:00 the flights of 0:00 to 3:00 have landed, of which those of 0:00 and 2:00 were late. Only whole hours count: that of 3:00 landed at 4:30.
  expect(rows[0]).toEqual({ hour: 5n, is_late: 0n, origin_late_share: 0.5, origin_flights: 4n, origin_last_delay: 0n });
  expect(rows).toHaveLength(10);

  const events = [];
  for await (const record of running.bus.replay(catalogue.features.trainingSetCreated.topic, { from: 0n })) events.push(decodeEvent(catalogue.features.trainingSetCreated, record));
  expect(events.map(({ trainingSet }) => trainingSet?.name)).toEqual([created.name]);
  const again = await client.createTrainingSet({ ...order, requestId: 'set-2' });
  for await (const set of client.watchTrainingSet({ name: again.name })) last = set;
  expect(last.digest).toBe((await client.getTrainingSet({ name: created.name })).digest);
  const { trainingSets } = await client.listTrainingSets({ filter: 'feature_service=featureServices/late' });
  expect(trainingSets.map(({ name }) => name)).toEqual([again.name, created.name]);
});

it('refuses, before any job, a set that its spine cannot give', async () => {
  const spine = { datasetVersion: 'datasets/flights/versions/1' };
  const refused = (trainingSet: object) => client.createTrainingSet({ trainingSet: { featureService: 'featureServices/late', ...trainingSet } }).then(() => 'taken', ({ reason, metadata }) => `${reason} ${metadata.column ?? ''}`);
  expect(await refused({})).toBe('SPINE_MISSING ');
  expect(await refused({ spine: { ...spine, eventTimeColumn: 'day' } })).toBe('COLUMN_UNKNOWN day');
  expect(await refused({ spine: { ...spine, eventTimeColumn: 'delay' } })).toBe('COLUMN_TYPE delay');
  expect(await refused({ spine: { ...spine, columns: ['date', 'gate'] } })).toBe('COLUMN_UNKNOWN gate');
  expect(await refused({ spine: { ...spine, labels: [{ name: 'l', column: 'origin', greaterThan: 1 }] } })).toBe('COLUMN_TYPE origin');
  expect(await refused({ spine: { ...spine, labels: [{ name: 'Delay', column: 'delay', greaterThan: 1 }] } })).toBe('COLUMN_TWICE Delay');
  expect(await refused({ spine: { ...spine, labels: [{ name: 'origin_flights', column: 'delay', greaterThan: 1 }] } })).toBe('COLUMN_TWICE origin_flights');
  const empty = await client.createTrainingSet({ trainingSet: { featureService: '', spine: { ...spine, from: at(1_000) } } });
  let last = empty;
  for await (const set of client.watchTrainingSet({ name: empty.name })) last = set;
  expect(last.status).toMatchObject({ state: JobState.FAILED, error: { message: 'The spine datasets/flights/versions/1 has no row between 2001-02-11T16:00:00.000Z and ever; ask for another range of time.' } });
});

it('fills a view in a job of its own, adds what is pushed, and says what each value is worth, also after a restart', async () => {
  const job = await client.createMaterialization({ requestId: 'm-1', materialization: { featureView: 'featureViews/departures', datasetVersion: 'datasets/flights/versions/1', knownBefore: at(10) } });
  let last = job;
  for await (const state of client.watchMaterialization({ name: job.name })) last = state;
  expect(last.status?.error).toBeUndefined();
  expect(last).toMatchObject({ status: { state: JobState.SUCCEEDED }, rows: 9n, entities: 1n, datasetVersion: 'datasets/flights/versions/1' });
  // What the first story pushed was known before 10:00 and gave way; these two flights of 9:00 land at 10:30.
  expect(await client.pushRows([9, 9, 8].map((hour, i) => ({ featureViews: ['featureViews/departures', 'featureViews/departures'], table: flights(hour), requestId: `push ${Math.min(i, 1)}` })))).toEqual({ rows: 2n, repeatedMessages: 1n });
  expect((await client.getFeatureView({ name: 'featureViews/departures' })).freshness).toEqual({ materializeTime: last.status?.endTime, datasetVersion: 'datasets/flights/versions/1', knownBefore: at(10), pushedThrough: new Date(at(10).getTime() + HOUR * 500), outdated: false });
  for (let round = 0; round < 2; round++) {
    expect(await featuresOf('ATL', 11)).toEqual({ origin_late_share: [5 / 7, 'STATUS_PRESENT'], origin_flights: [7n, 'STATUS_PRESENT'], origin_last_delay: [20n, 'STATUS_PRESENT'] });
    expect(Object.values(await featuresOf('ATL', 22))).toEqual([[undefined, 'STATUS_EXPIRED'], [undefined, 'STATUS_EXPIRED'], [undefined, 'STATUS_EXPIRED']]);
    expect(Object.values(await featuresOf('JFK', 11))).toEqual([[undefined, 'STATUS_NOT_FOUND'], [undefined, 'STATUS_NOT_FOUND'], [undefined, 'STATUS_NOT_FOUND']]);
    await stop();
    await start();
  }
  const inside = await running.client(FeatureStoreServiceDefinition).getOnlineFeatures({ featureService: 'featureServices/late', keys: keys('ATL', 'JFK'), times: [at(11), at(11)] });
  expect(await client.getOnlineFeatures({ featureService: 'featureServices/late', keys: keys('ATL', 'JFK'), times: [at(11), at(11)] })).toEqual(inside);
});

it('says of a view that means something else since it was filled that its values are gone', async () => {
  const name = 'featureViews/outdated';
  const apply = async (change: Partial<ViewMessage>) => (await client.applyFeatureView({ featureView: { ...VIEW, name, ...change } })).freshness;
  const fill = async () => {
    const { name: job } = await client.createMaterialization({ materialization: { featureView: name } });
    for await (const { status } of client.watchMaterialization({ name: job })) expect(status?.error).toBeUndefined();
  };
  expect(await apply({})).toMatchObject({ materializeTime: undefined, outdated: false });
  await fill();
  const tile = { seconds: BigInt(HOUR / 2), nanos: 0 };
  expect([await apply({}), await apply({ ttl: { seconds: 60n, nanos: 0 } }), await apply({ tile }), await apply({ tile, owner: 'ann' }), await apply({})].map((freshness) => freshness?.outdated)).toEqual([false, false, true, true, false]);
  await apply({ tile });
  await fill();
  expect((await client.listFeatureViews({ filter: 'text=outdated' })).featureViews.map(({ freshness }) => freshness?.outdated)).toEqual([false]);
  await client.deleteFeatureView({ name });
});

it('refuses questions and pushes that are incomplete, and jobs over other datasets', async () => {
  const ask = (more: object) => client.getOnlineFeatures({ featureService: 'featureServices/late', keys: [...keys('ATL'), { values: {} }], ...more });
  await expect(ask({})).rejects.toThrow('Key 1 lacks column "origin", which holds the join key "airport" of featureViews/departures.');
  await expect(ask({ keys: keys('ATL'), times: [at(1), at(2)] })).rejects.toThrow('The request has 1 keys and 2 times; give none, or one a key.');
  await expect(ask({ featureService: 'featureServices/early' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(client.pushRows([{ featureViews: [], table: flights(1) }])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'PUSH_WITHOUT_VIEW' });
  await expect(client.pushRows([{ featureViews: ['featureViews/departures'], table: { rows: 1, columns: [] } }])).rejects.toMatchObject({ reason: 'PUSH_COLUMN_MISSING' });
  await expect(client.createMaterialization({ materialization: { featureView: 'featureViews/departures', datasetVersion: 'datasets/trains/versions/1' } })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'OTHER_DATASET' });
  await expect(client.getMaterialization({ name: 'materializations/none' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

/** An endpoint as inference tells of it. */
async function tell(name: string, featureService: string, etag: number): Promise<void> {
  const endpoint = Endpoint.fromPartial({ name: `endpoints/${name}`, featureService, etag: String(etag) });
  await running.bus.publish([toRecord(catalogue.inference.endpointChanged, '/spec', { endpoint, formerVersion: '' }, {})]);
}

it('finds no difference between 10,000 served vectors and history, and names the feature of which 0.5 % were planted', async () => {
  const [view, service] = ['featureViews/replayed', 'featureServices/replayed'];
  await client.applyFeatureView({ featureView: { ...VIEW, name: view } });
  await client.applyFeatureService({ featureService: { name: service, features: [{ featureView: view, prefix: 'origin_', keyColumns: { airport: 'origin' } }] } });
  const { name } = await client.createMaterialization({ materialization: { featureView: view, knownBefore: at(10) } });
  for await (const { status } of client.watchMaterialization({ name })) expect(status?.error).toBeUndefined();
  // The rest comes by push, as it is in the history.
  const hours = Array.from({ length: 15 }, (_, i) => i + 9);
  const table = flights(...hours);
  const int64s = (column: string, value: (hour: number) => bigint) => ({ name: column, cells: { kind: { $case: 'int64s', value: { values: hours.map(value) } } as const } });
  const rows = { ...table, columns: [...table.columns.filter((column) => !['delay', 'distance'].includes(column.name)), int64s('delay', (hour) => (hour % 2 === 0 ? 20n : 0n)), int64s('distance', (hour) => (hour % 2 === 0 ? 320n : 480n))] };
  await client.pushRows([{ featureViews: [view], table: rows, requestId: 'replayed' }]);

  const asked = Array.from({ length: 10_000 }, (_, i) => ({ key: i % 10 === 0 ? 'JFK' : 'ATL', time: new Date(at(0).getTime() + i * 12_000) }));
  const { features, vectors } = await client.getOnlineFeatures({ featureService: service, keys: keys(...asked.map(({ key }) => key)), times: asked.map(({ time }) => time) });
  const served = asked.map(({ key, time }, i) => ({ id: `p${i}`, time, keys: keys(key)[0], values: { values: Object.fromEntries(features.map((feature, at) => [feature, vectors[i]?.values[at] ?? {}])) } }));
  const check = (part: typeof served) => client.checkFeatures(Array.from({ length: Math.ceil(part.length / 1_000) }, (_, i) => ({ featureService: service, vectors: part.slice(i * 1_000, i * 1_000 + 1_000) })));
  expect(await check(served)).toEqual({ vectors: 10_000n, values: 30_000n, mismatches: 0n, datasetVersions: [(await client.getFeatureView({ name: view })).freshness?.datasetVersion], features: features.map((feature) => ({ feature, values: 10_000n, mismatches: 0n, example: '' })).sort((a, b) => (a.feature < b.feature ? -1 : 1)) });
  expect(new Set(vectors.flatMap(({ statuses }) => statuses)).size).toBeGreaterThan(1);

  const planted = served.map((vector, i) => (i % 200 === 7 ? { ...vector, values: { values: { ...vector.values.values, origin_flights: { kind: { $case: 'int64Value', value: 77n } as const } } } } : vector));
  const found = await check(planted);
  expect(found).toMatchObject({ vectors: 10_000n, values: 30_000n, mismatches: 50n, features: [{ feature: 'origin_flights', values: 10_000n, mismatches: 50n, example: expect.stringMatching(/^p7 was served 77, history says (nothing|\d)$/) }, { mismatches: 0n }, { mismatches: 0n }] });

  const emptied = served.map((vector, i) => (i % 200 === 199 ? { ...vector, values: { values: { ...vector.values.values, origin_last_delay: {} } } } : vector));
  expect(await check(emptied)).toMatchObject({ mismatches: BigInt(vectors.filter(({ values }, i) => i % 200 === 199 && values[features.indexOf('origin_last_delay')]?.kind !== undefined).length), features: [{ feature: 'origin_last_delay', example: expect.stringContaining('was served nothing, history says') }, {}, {}] });

  await expect(client.checkFeatures([{ featureService: service, vectors: [{ id: 'x', time: at(1), keys: { values: {} } }] }])).rejects.toThrow('Key 0 lacks column "origin", which holds the join key "airport" of featureViews/replayed.');
  await expect(client.checkFeatures([{ featureService: service }, { featureService: 'featureServices/late' }])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'CHECK_OF_TWO' });
  expect(await client.checkFeatures([{ featureService: service }])).toMatchObject({ vectors: 0n, features: [] });
  await client.deleteFeatureService({ name: service });
  await client.deleteFeatureView({ name: view });
});

const REPLAYED = { view: 'featureViews/asked-of', onDemand: 'featureViews/pace', service: 'featureServices/pace' };
const PACE: ViewMessage = {
  name: REPLAYED.onDemand,
  owner: 'ann',
  tags: { kind: 'ratio' },
  onDemand: { requestColumns: [{ name: 'distance', type: ColumnType.INT64 }, { name: 'delay', type: ColumnType.INT64 }], features: [{ featureView: REPLAYED.view, prefix: 'from_', keyColumns: { airport: 'origin' } }] },
  features: [{ name: 'flights_a_mile', formula: 'from_flights / distance' }, { name: 'known_delay', formula: 'coalesce(from_last_delay, -1) + distance' }, { name: 'outcome', formula: 'delay + from_flights' }],
};

it('computes features on demand: typed when they are applied, the same in a training set and online, and checked against history', async () => {
  await client.applyFeatureView({ featureView: { ...VIEW, name: REPLAYED.view } });
  const pace = await client.applyFeatureView({ featureView: PACE });
  expect(pace).toMatchObject({ version: 1, owner: 'ann', entity: '', dataset: '', freshness: undefined, onDemand: { requestColumns: [{ name: 'distance', type: ColumnType.INT64 }, { name: 'delay' }] } });
  expect(pace.features.map(({ name, type, formula }) => [name, type, formula])).toEqual((PACE.features ?? []).map(({ name, formula }) => [name, ColumnType.FLOAT64, formula]));
  expect(await client.applyFeatureView({ featureView: pace })).toEqual(pace);
  expect((await client.listFeatureViews({ filter: 'tag=kind:ratio' })).featureViews).toEqual([pace]);
  expect((await client.listFeatureViews({ filter: 'entity=entities/airport' })).featureViews.map(({ name }) => name)).not.toContain(pace.name);
  const reading = (features: readonly string[]) => client.applyFeatureService({ featureService: { name: REPLAYED.service, features: [{ featureView: REPLAYED.onDemand, features: [...features] }, { featureView: REPLAYED.view, features: ['flights'], prefix: 'from_', keyColumns: { airport: 'origin' } }] } });
  await reading(['flights_a_mile', 'known_delay', 'outcome']);

  const order = { trainingSet: { featureService: REPLAYED.service, spine: { datasetVersion: 'datasets/flights/versions/latest', columns: ['date'], labels: [{ name: 'late', column: 'delay', greaterThan: 15 }] } } };
  let set = await client.createTrainingSet(order);
  for await (const state of client.watchTrainingSet({ name: set.name })) set = state;
  expect(set.status?.error).toBeUndefined();
  expect(set.schema?.columns.map(({ name, type }) => [name, type])).toEqual([['date', ColumnType.TIMESTAMP], ['late', ColumnType.INT64], ['flights_a_mile', ColumnType.FLOAT64], ['known_delay', ColumnType.FLOAT64], ['outcome', ColumnType.FLOAT64], ['from_flights', ColumnType.INT64]]);
  // Of what a formula reads of the very row the checker of plans must know whether anybody can ask with it.
  expect(set.origins.map(({ column, known, source }) => [column, known, source]).slice(1)).toEqual([
    ['late', ColumnOrigin_Known.AFTER_EVENT, 'delay > 15'],
    ['flights_a_mile', ColumnOrigin_Known.AT_EVENT, 'featureViews/pace.flights_a_mile'],
    ['known_delay', ColumnOrigin_Known.AT_EVENT, 'featureViews/pace.known_delay'],
    ['outcome', ColumnOrigin_Known.AFTER_EVENT, 'featureViews/pace.outcome'],
    ['from_flights', ColumnOrigin_Known.AT_EVENT, 'featureViews/asked-of.flights'],
  ]);

  const { name } = await client.createMaterialization({ materialization: { featureView: REPLAYED.view } });
  for await (const { status } of client.watchMaterialization({ name })) expect(status?.error).toBeUndefined();
  await reading(['flights_a_mile', 'known_delay']);
  const int64 = (value: bigint) => ({ kind: { $case: 'int64Value', value } as const });
  const asked = Array.from({ length: 3_000 }, (_, i) => ({ time: new Date(at(0).getTime() + i * 60_000), keys: { values: { ...keys(i % 7 === 0 ? 'JFK' : 'ATL')[0]?.values, distance: i % 5 === 3 ? {} : int64(BigInt(i % 11)) } } }));
  const { features, vectors } = await client.getOnlineFeatures({ featureService: REPLAYED.service, keys: asked.map((each) => each.keys), times: asked.map(({ time }) => time) });
  expect(features).toEqual(['flights_a_mile', 'known_delay', 'from_flights']);
  const told = (i: number) => features.map((feature, at) => [feature, vectors[i]?.values[at]?.kind?.value, vectors[i]?.statuses[at], vectors[i]?.eventTimes[(vectors[i]?.eventTimePlaces[at] ?? 0) - 1]?.toISOString()]);
  expect(told(12 * 60)).toEqual([['flights_a_mile', 6 / 5, 'STATUS_PRESENT', at(10).toISOString()], ['known_delay', 25, 'STATUS_PRESENT', at(10).toISOString()], ['from_flights', 6n, 'STATUS_PRESENT', at(10).toISOString()]]);
  const statuses = new Map(features.map((feature, at) => [feature, new Set(vectors.map((vector) => vector.statuses[at]))]));
  expect(statuses.get('flights_a_mile')).toEqual(new Set(['STATUS_PRESENT', 'STATUS_NOT_FOUND', 'STATUS_EXPIRED']));
  // A formula that makes something of what has expired has a value; it is not that of the row that has expired.
  const afterExpiry = asked.flatMap(({ time }, i) => (time.getTime() > at(36).getTime() && i % 7 !== 0 ? [[i, vectors[i]?.statuses[1], vectors[i]?.values[1]?.kind?.value] as const] : []));
  expect(afterExpiry.filter(([i, status, value]) => (i % 5 === 3 ? status !== 'STATUS_EXPIRED' : status !== 'STATUS_PRESENT' || value !== (i % 11) - 1))).toEqual([]);
  expect(afterExpiry.length).toBeGreaterThan(500);

  const served = asked.map(({ time, keys: own }, i) => ({ id: `p${i}`, time, keys: own, values: { values: Object.fromEntries(features.map((feature, at) => [feature, vectors[i]?.values[at] ?? {}])) } }));
  expect(await client.checkFeatures([{ featureService: REPLAYED.service, vectors: served }])).toMatchObject({ vectors: 3_000n, values: 9_000n, mismatches: 0n });
  await expect(client.checkFeatures([{ featureService: REPLAYED.service, vectors: served.slice(0, 4) }, { featureService: REPLAYED.service, vectors: [{ ...(served[4] ?? {}), keys: keys('ATL')[0] }] }])).rejects.toThrow('Key 4 lacks column "distance", which featureViews/pace reads of the request; give it, without a value where it was missing, or leave out the features that read it.');
  const planted = served.map((vector, i) => (i % 200 === 6 ? { ...vector, values: { values: { ...vector.values.values, known_delay: { kind: { $case: 'float64Value', value: 0.5 } as const } } } } : vector));
  expect(await client.checkFeatures([{ featureService: REPLAYED.service, vectors: planted }])).toMatchObject({ mismatches: 15n, features: [{ feature: 'known_delay', mismatches: 15n, example: expect.stringMatching(/^p6 was served 0\.5, history says /) }, {}, {}] });
});

it('refuses of features on demand what they cannot be, and says what they read', async () => {
  await expect(client.applyFeatureView({ featureView: { ...PACE, entity: 'entities/airport' } })).rejects.toThrow('featureViews/pace is wrong at entity: a view on demand does not have it, because the views that it reads do; leave it out.');
  await expect(client.applyFeatureView({ featureView: { ...PACE, features: [{ name: 'x', formula: 'miles' }] } })).rejects.toThrow('featureViews/pace is wrong at features.x.formula: it reads "miles", which is neither a column of the request nor a feature that the view reads; there are: distance, delay, from_late_share, from_flights, from_last_delay.');
  await expect(client.applyFeatureView({ featureView: { ...PACE, name: REPLAYED.view } })).rejects.toThrow('featureViews/asked-of is wrong at on_demand: the view holds values and cannot come to be computed on demand; delete it first, or take another name.');
  await expect(client.applyFeatureView({ featureView: { ...VIEW, name: REPLAYED.onDemand } })).rejects.toThrow('the view is computed on demand and cannot come to hold values');
  await expect(client.createMaterialization({ materialization: { featureView: REPLAYED.onDemand } })).rejects.toThrow('featureViews/pace is computed when it is asked for and holds no values, so that it cannot be materialised; the views that it reads can.');
  await expect(client.pushRows([{ featureViews: [REPLAYED.onDemand], table: flights(1) }])).rejects.toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'VIEW_ON_DEMAND', metadata: { what: 'pushed into' } });
  const wrong = [...keys('ATL'), { values: { ...keys('ATL')[0]?.values, distance: { kind: { $case: 'stringValue', value: 'far' } as const } } }];
  await expect(client.getOnlineFeatures({ featureService: REPLAYED.service, keys: wrong, time: at(11) })).rejects.toThrow('Key 1 has "far" in column "distance", which featureViews/pace reads as INT64; give a bigint, or a whole number up to 2^53 - 1.');
  await expect(client.createTrainingSet({ trainingSet: { featureService: REPLAYED.service, spine: { datasetVersion: 'datasets/flights/versions/1' } } })).resolves.toMatchObject({ featureService: REPLAYED.service });
  await client.applyFeatureView({ featureView: { ...PACE, name: 'featureViews/typed', onDemand: { ...PACE.onDemand, requestColumns: [{ name: 'distance', type: ColumnType.STRING }, { name: 'gone', type: ColumnType.INT64 }] }, features: [{ name: 'x', formula: "distance || ' mi'" }, { name: 'y', formula: 'gone' }] } });
  const typed = async (feature: string) => {
    await client.applyFeatureService({ featureService: { name: 'featureServices/typed', features: [{ featureView: 'featureViews/typed', features: [feature] }] } });
    return client.createTrainingSet({ trainingSet: { featureService: 'featureServices/typed', spine: { datasetVersion: 'datasets/flights/versions/1' } } });
  };
  await expect(typed('x')).rejects.toThrow('Column "distance" of datasets/flights/versions/1 is of type INT64, and the training set needs STRING there');
  await expect(typed('y')).rejects.toMatchObject({ reason: 'COLUMN_UNKNOWN', metadata: { column: 'gone' } });
  // Of a view that reads nothing but the request there is nothing to look up.
  await client.applyFeatureService({ featureService: { name: 'featureServices/typed', features: [{ featureView: 'featureViews/typed', features: ['x'] }] } });
  expect(await client.getOnlineFeatures({ featureService: 'featureServices/typed', keys: [{ values: { distance: { kind: { $case: 'stringValue', value: '5' } } } }], time: at(1) })).toEqual({
    features: ['x'],
    vectors: [{ values: [{ kind: { $case: 'stringValue', value: '5 mi' } }], statuses: ['STATUS_PRESENT'], eventTimes: [at(1)], eventTimePlaces: [1] }],
  });
  await client.deleteFeatureService({ name: 'featureServices/typed' });
  await client.deleteFeatureView({ name: 'featureViews/typed' });
  await client.deleteFeatureService({ name: REPLAYED.service });
  await expect(client.deleteFeatureView({ name: REPLAYED.view })).rejects.toThrow('featureViews/asked-of is used by featureViews/pace and cannot be deleted');
  await client.deleteFeatureView({ name: REPLAYED.onDemand });
  await client.deleteFeatureView({ name: REPLAYED.view });
});

it('refuses to delete what is used, names who uses it, and deletes what nobody uses any more with all its values', async () => {
  const service = 'featureServices/late';
  await expect(client.deleteEntity({ name: 'entities/airport' })).rejects.toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'DEFINITION_IN_USE', metadata: { users: expect.stringContaining('featureViews/departures') } });
  await expect(client.deleteFeatureView({ name: 'featureViews/departures' })).rejects.toThrow('featureViews/departures is used by featureServices/late and cannot be deleted; delete those first, or let them do without.');
  const endpoints = async () => (await client.getFeatureService({ name: service })).endpoints;
  await tell('a', service, 1);
  await tell('b', service, 1);
  await expect.poll(endpoints).toEqual(['endpoints/a', 'endpoints/b']);
  expect((await client.listFeatureServices({ filter: 'text=late' })).featureServices.map(({ endpoints: all }) => all)).toEqual([['endpoints/a', 'endpoints/b']]);
  await expect(client.deleteFeatureService({ name: service })).rejects.toThrow('featureServices/late is used by endpoints/a, endpoints/b and cannot be deleted');
  // What comes late and is old says nothing.
  await tell('b', '', 3);
  await tell('b', service, 2);
  await tell('a', 'featureServices/of-b', 2);
  await expect.poll(endpoints).toEqual([]);
  await tell('c', service, 1);
  await expect.poll(endpoints).toEqual(['endpoints/c']);
  await tell('c', '', 2);
  await expect.poll(endpoints).toEqual([]);

  const { etag } = await client.getFeatureService({ name: service });
  await expect(client.deleteFeatureService({ name: service, etag: '77' })).rejects.toMatchObject({ code: 'ABORTED', reason: 'DEFINITION_CHANGED' });
  const set = (await client.listTrainingSets({ filter: 'state=SUCCEEDED' })).trainingSets[0];
  await client.deleteFeatureService({ name: service, etag });
  await expect(client.getFeatureService({ name: service })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(client.deleteFeatureService({ name: service })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  // A set goes on saying where its columns come from.
  expect(await client.getTrainingSet({ name: set?.name ?? '' })).toEqual(set);

  await client.deleteFeatureView({ name: 'featureViews/departures' });
  await expect(client.pushRows([{ featureViews: ['featureViews/departures'], table: flights(1) }])).rejects.toMatchObject({ reason: 'DEFINITION_NOT_FOUND' });
  await define();
  expect((await client.getFeatureView({ name: 'featureViews/departures' })).version).toBe(1);
  expect(Object.values(await featuresOf('ATL', 11)).map(([, status]) => status)).toEqual(['STATUS_NOT_FOUND', 'STATUS_NOT_FOUND', 'STATUS_NOT_FOUND']);
  await client.applyEntity({ entity: { name: 'entities/alone', joinKeys: [{ name: 'id', type: ColumnType.INT64 }] } });
  await client.deleteEntity({ name: 'entities/alone' });
  await expect(client.getEntity({ name: 'entities/alone' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
