import { join } from 'node:path';
import { FeatureStoreServiceDefinition } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import { Feature_Aggregation } from '@millrace/contracts/millrace/features/v1/feature_view';
import { ColumnOrigin_Known } from '@millrace/contracts/millrace/features/v1/training_set';
import { Endpoint } from '@millrace/contracts/millrace/inference/v1/endpoint';
import { JobState } from '@millrace/contracts/millrace/type/v1/job';
import { ColumnType } from '@millrace/contracts/millrace/type/v1/schema';
import { catalogue, decodeEvent, toRecord } from '@millrace/events';
import { openLocalObjects } from '@millrace/objects';
import { openTables } from '@millrace/tables';
import { expect, it } from 'vitest';
import { at, flights, HOUR, keys, useFeatureStore, VIEW, type ViewMessage } from './feature-store.fixture.js';

const store = useFeatureStore();

it('tells of a dataset that is not there yet, takes no harm from it, and goes on once it is', async () => {
  await store.define();
  for (let attempt = 0; attempt < 2; attempt++) {
    await expect(store.client.pushRows([{ featureViews: ['featureViews/departures'], table: flights(1) }])).rejects.toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'DATASET_UNKNOWN', message: 'datasets/flights has no version yet, which featureViews/departures reads; ingest it first.' });
    await expect(store.featuresOf('ATL', 1)).rejects.toMatchObject({ reason: 'DATASET_UNKNOWN' });
  }
  await expect(store.client.createMaterialization({ materialization: { featureView: 'featureViews/departures' } })).rejects.toMatchObject({ reason: 'DATASET_UNKNOWN' });
  await expect(store.client.createTrainingSet({ trainingSet: { featureService: 'featureServices/late', spine: { datasetVersion: 'datasets/flights/versions/latest' } } })).rejects.toMatchObject({ reason: 'DATASET_UNKNOWN' });
  await store.ingest(24);
  expect(await store.client.pushRows([{ featureViews: ['featureViews/departures'], table: flights(1) }])).toEqual({ rows: 1n, repeatedMessages: 0n });
});

it('keeps definitions: applied again they stay, changed they count up, and lists have pages', async () => {
  await store.define();
  const first = await store.client.getFeatureView({ name: 'featureViews/departures' });
  expect(await store.client.applyFeatureView({ featureView: VIEW })).toEqual(first);
  expect(first).toMatchObject({ etag: '1', joinKeyColumns: { airport: 'origin' }, tile: { seconds: 3_600n }, ttl: { seconds: 43_200n } });
  expect((await store.client.applyFeatureView({ featureView: { ...VIEW, description: 'x' } })).etag).toBe('2');
  for (const name of ['b', 'a', 'c']) await store.client.applyEntity({ entity: { name: `entities/${name}`, joinKeys: [{ name: 'id', type: ColumnType.INT64 }] } });
  const page = await store.client.listEntities({ pageSize: 2 });
  expect(page.entities.map(({ name }) => name)).toEqual(['entities/a', 'entities/airport']);
  expect((await store.client.listEntities({ pageSize: 2, pageToken: page.nextPageToken })).entities.map(({ name }) => name)).toEqual(['entities/b', 'entities/c']);
  await expect(store.client.getEntity({ name: 'entities/nobody' })).rejects.toMatchObject({ code: 'NOT_FOUND', reason: 'DEFINITION_NOT_FOUND' });
  await expect(store.client.applyFeatureView({ featureView: { ...VIEW, joinKeyColumns: { port: 'origin' } } })).rejects.toMatchObject({ reason: 'INVALID_DEFINITION', metadata: { place: 'join_key_columns.port' } });
  await expect(store.client.applyFeatureView({ featureView: { ...VIEW, derivedColumns: [{ name: 'late', source: 'delay', threshold: 1 }] } })).rejects.toMatchObject({ metadata: { place: 'derived_columns.late' } });
});

it('fills forward and looks events back, over the wire as in the join', async () => {
  await store.define();
  await store.ingest(1);
  const back = { column: 'delay', window: undefined };
  const features = [{ name: 'filled', ...back, aggregation: Feature_Aggregation.LATEST_PRESENT }, { name: 'before', ...back, aggregation: Feature_Aggregation.PREVIOUS, stepsBack: 2 }, { name: 'change', ...back, aggregation: Feature_Aggregation.DIFFERENCE, stepsBack: 1 }];
  const view = { ...VIEW, name: 'featureViews/back', knowledgeTime: { delay: { seconds: 1_800n, nanos: 0 } }, ttl: { seconds: BigInt(3 * HOUR), nanos: 0 }, derivedColumns: [], features };
  expect((await store.client.applyFeatureView({ featureView: view })).features.map(({ stepsBack }) => stepsBack)).toEqual([0, 2, 1]);
  await expect(store.client.applyFeatureView({ featureView: { ...view, features: features.map((each) => ({ ...each, stepsBack: 1 })) } })).rejects.toMatchObject({ reason: 'INVALID_DEFINITION', message: expect.stringContaining('features.filled: LATEST_PRESENT does not look steps back') });
  await store.client.applyFeatureService({ featureService: { name: 'featureServices/back', features: [{ featureView: view.name, keyColumns: { airport: 'origin' } }] } });
  const table = flights(1, 2, 3, 4);
  const columns = table.columns.map((column) => (column.name === 'delay' ? { ...column, cells: { kind: { $case: 'int64s' as const, value: { values: [5n, 9n, 30n, 0n] } } }, missing: [false, false, false, true] } : column));
  await store.client.pushRows([{ featureViews: [view.name], table: { ...table, columns } }]);
  const read = async (hour: number) => {
    const { vectors } = await store.client.getOnlineFeatures({ featureService: 'featureServices/back', keys: keys('ATL'), time: at(hour) });
    return vectors[0]?.values.map((cell, i) => [cell.kind?.value, vectors[0]?.statuses[i]]);
  };
  const [present, missing, expired] = ['STATUS_PRESENT', 'STATUS_NOT_FOUND', 'STATUS_EXPIRED'];
  expect(await read(4), 'the row of hour 4 is not known yet').toEqual([[30n, present], [5n, present], [21, present]]);
  expect(await read(5)).toEqual([[30n, present], [9n, present], [undefined, missing]]);
  expect(await read(7), 'each by the event that it is from').toEqual([[undefined, expired], [undefined, expired], [undefined, expired]]);
});

it('finds definitions by owner, tag, entity, dataset and text, page by page', async () => {
  for (const [name, owner, domain] of [['a', 'ann', 'air'], ['b', 'bob', 'sea'], ['c', 'ann', 'sea'], ['d', 'ann', 'air']] as const) await store.client.applyFeatureView({ featureView: { ...VIEW, name: `featureViews/${name}`, description: `View ${name}`, owner, tags: { domain } } });
  const ask = async (filter: string, pageToken = '') => {
    const { featureViews, nextPageToken } = await store.client.listFeatureViews({ filter, pageSize: 1, pageToken });
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
  await expect(store.client.listFeatureViews({ filter: 'colour=red' })).rejects.toMatchObject({ reason: 'INVALID_FILTER' });
  await store.client.applyFeatureService({ featureService: { name: 'featureServices/of-b', owner: 'bob', features: [{ featureView: 'featureViews/b' }] } });
  expect((await store.client.listFeatureServices({ filter: 'feature_view=featureViews/b AND owner=bob' })).featureServices.map(({ name, owner }) => [name, owner])).toEqual([['featureServices/of-b', 'bob']]);
});

it('counts a version up when a view may give other values, and says what it was', async () => {
  const name = 'featureViews/versioned';
  const apply = async (change: Partial<ViewMessage>): Promise<number> => (await store.client.applyFeatureView({ featureView: { ...VIEW, name, ...change } })).version;
  const ttl = { seconds: BigInt(HOUR), nanos: 0 };
  expect([await apply({}), await apply({}), await apply({ description: 'x', owner: 'ann', tags: { a: '' } }), await apply({ ttl }), await apply({ ttl, owner: 'bob' }), await apply({})]).toEqual([1, 1, 1, 2, 2, 3]);
  expect((await store.client.listFeatureViews({ filter: 'text=versioned' })).featureViews.map(({ version, owner }) => [version, owner])).toEqual([[3, '']]);
  const first = await store.client.listFeatureViewVersions({ parent: name, pageSize: 2 });
  const rest = await store.client.listFeatureViewVersions({ parent: name, pageSize: 2, pageToken: first.nextPageToken });
  expect([...first.featureViewVersions, ...rest.featureViewVersions].map((version) => [version.name, version.featureView?.ttl?.seconds])).toEqual([[`${name}/versions/3`, 43_200n], [`${name}/versions/2`, 3_600n], [`${name}/versions/1`, 43_200n]]);
  await expect(store.client.listFeatureViewVersions({ parent: 'featureViews/nobody' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

it('makes a training set in a job of its own: what was known, where it comes from, once for each request', async () => {
  const version = await store.ingest(24);
  const order = { requestId: 'set-1', trainingSet: { featureService: 'featureServices/late', spine: { datasetVersion: 'datasets/flights/versions/latest', from: at(5), to: at(15), labels: [{ name: 'is_late', column: 'delay', greaterThan: 15 }] } } };
  const created = await store.client.createTrainingSet(order);
  expect(created.spine).toMatchObject({ datasetVersion: version, eventTimeColumn: 'date' });
  let last = created;
  for await (const set of store.client.watchTrainingSet({ name: created.name })) last = set;
  expect(last.status?.error).toBeUndefined();
  expect(last).toMatchObject({ status: { state: JobState.SUCCEEDED }, rows: 10n });
  expect(last.origins.map(({ column, known }) => [column, known === ColumnOrigin_Known.AT_EVENT])).toEqual([['date', true], ['delay', false], ['distance', true], ['origin', true], ['is_late', false], ['origin_late_share', true], ['origin_flights', true], ['origin_last_delay', true]]);
  expect((await store.client.createTrainingSet(order)).name).toBe(created.name);

  const tables = await openTables({ objects: await openLocalObjects(join(store.directory, 'objects')), tempDir: store.directory });
  const rows = await tables.rows(`SELECT epoch_us(date) // 3600000000 % 24 AS hour, is_late, origin_late_share, origin_flights, origin_last_delay FROM ${await tables.scan(last.objects[0]?.digest ?? '')}`);
  await tables.close();
  // At 5:00 the flights of 0:00 to 3:00 have landed, of which those of 0:00 and 2:00 were late. Only whole hours count: that of 3:00 landed at 4:30.
  expect(rows[0]).toEqual({ hour: 5n, is_late: 0n, origin_late_share: 0.5, origin_flights: 4n, origin_last_delay: 0n });
  expect(rows).toHaveLength(10);

  const events = [];
  for await (const record of store.running.bus.replay(catalogue.features.trainingSetCreated.topic, { from: 0n })) if (record.headers['ce_type'] === catalogue.features.trainingSetCreated.type) events.push(decodeEvent(catalogue.features.trainingSetCreated, record));
  expect(events.map(({ trainingSet }) => trainingSet?.name)).toEqual([created.name]);
  const again = await store.client.createTrainingSet({ ...order, requestId: 'set-2' });
  for await (const set of store.client.watchTrainingSet({ name: again.name })) last = set;
  expect(last.digest).toBe((await store.client.getTrainingSet({ name: created.name })).digest);
  const { trainingSets } = await store.client.listTrainingSets({ filter: 'feature_service=featureServices/late' });
  expect(trainingSets.map(({ name }) => name)).toEqual([again.name, created.name]);
});

it('refuses, before any job, a set that its spine cannot give', async () => {
  const spine = { datasetVersion: 'datasets/flights/versions/1' };
  const refused = (trainingSet: object) => store.client.createTrainingSet({ trainingSet: { featureService: 'featureServices/late', ...trainingSet } }).then(() => 'taken', ({ reason, metadata }) => `${reason} ${metadata.column ?? ''}`);
  expect(await refused({})).toBe('SPINE_MISSING ');
  expect(await refused({ spine: { ...spine, eventTimeColumn: 'day' } })).toBe('COLUMN_UNKNOWN day');
  expect(await refused({ spine: { ...spine, eventTimeColumn: 'delay' } })).toBe('COLUMN_TYPE delay');
  expect(await refused({ spine: { ...spine, columns: ['date', 'gate'] } })).toBe('COLUMN_UNKNOWN gate');
  expect(await refused({ spine: { ...spine, labels: [{ name: 'l', column: 'origin', greaterThan: 1 }] } })).toBe('COLUMN_TYPE origin');
  expect(await refused({ spine: { ...spine, labels: [{ name: 'Delay', column: 'delay', greaterThan: 1 }] } })).toBe('COLUMN_TWICE Delay');
  expect(await refused({ spine: { ...spine, labels: [{ name: 'origin_flights', column: 'delay', greaterThan: 1 }] } })).toBe('COLUMN_TWICE origin_flights');
  const empty = await store.client.createTrainingSet({ trainingSet: { featureService: '', spine: { ...spine, from: at(1_000) } } });
  let last = empty;
  for await (const set of store.client.watchTrainingSet({ name: empty.name })) last = set;
  expect(last.status).toMatchObject({ state: JobState.FAILED, error: { message: 'The spine datasets/flights/versions/1 has no row between 2001-02-11T16:00:00.000Z and ever; ask for another range of time.' } });
});

it('fills a view in a job of its own, adds what is pushed, and says what each value is worth, also after a restart', async () => {
  const job = await store.client.createMaterialization({ requestId: 'm-1', materialization: { featureView: 'featureViews/departures', datasetVersion: 'datasets/flights/versions/1', knownBefore: at(10) } });
  let last = job;
  for await (const state of store.client.watchMaterialization({ name: job.name })) last = state;
  expect(last.status?.error).toBeUndefined();
  expect(last).toMatchObject({ status: { state: JobState.SUCCEEDED }, rows: 9n, entities: 1n, datasetVersion: 'datasets/flights/versions/1' });
  // What the first story pushed was known before 10:00 and gave way; these two flights of 9:00 land at 10:30.
  expect(await store.client.pushRows([9, 9, 8].map((hour, i) => ({ featureViews: ['featureViews/departures', 'featureViews/departures'], table: flights(hour), requestId: `push ${Math.min(i, 1)}` })))).toEqual({ rows: 2n, repeatedMessages: 1n });
  expect((await store.client.getFeatureView({ name: 'featureViews/departures' })).freshness).toEqual({ materializeTime: last.status?.endTime, datasetVersion: 'datasets/flights/versions/1', knownBefore: at(10), pushedThrough: new Date(at(10).getTime() + HOUR * 500), outdated: false });
  for (let round = 0; round < 2; round++) {
    expect(await store.featuresOf('ATL', 11)).toEqual({ origin_late_share: [5 / 7, 'STATUS_PRESENT'], origin_flights: [7n, 'STATUS_PRESENT'], origin_last_delay: [20n, 'STATUS_PRESENT'] });
    expect(Object.values(await store.featuresOf('ATL', 22))).toEqual([[undefined, 'STATUS_EXPIRED'], [undefined, 'STATUS_EXPIRED'], [undefined, 'STATUS_EXPIRED']]);
    expect(Object.values(await store.featuresOf('JFK', 11))).toEqual([[undefined, 'STATUS_NOT_FOUND'], [undefined, 'STATUS_NOT_FOUND'], [undefined, 'STATUS_NOT_FOUND']]);
    await store.stop();
    await store.start();
  }
  const inside = await store.running.client(FeatureStoreServiceDefinition).getOnlineFeatures({ featureService: 'featureServices/late', keys: keys('ATL', 'JFK'), times: [at(11), at(11)] });
  expect(await store.client.getOnlineFeatures({ featureService: 'featureServices/late', keys: keys('ATL', 'JFK'), times: [at(11), at(11)] })).toEqual(inside);
});

it('says of a view that means something else since it was filled that its values are gone', async () => {
  const name = 'featureViews/outdated';
  const apply = async (change: Partial<ViewMessage>) => (await store.client.applyFeatureView({ featureView: { ...VIEW, name, ...change } })).freshness;
  const fill = async () => {
    const { name: job } = await store.client.createMaterialization({ materialization: { featureView: name } });
    for await (const { status } of store.client.watchMaterialization({ name: job })) expect(status?.error).toBeUndefined();
  };
  expect(await apply({})).toMatchObject({ materializeTime: undefined, outdated: false });
  await fill();
  const tile = { seconds: BigInt(HOUR / 2), nanos: 0 };
  expect([await apply({}), await apply({ ttl: { seconds: 60n, nanos: 0 } }), await apply({ tile }), await apply({ tile, owner: 'ann' }), await apply({})].map((freshness) => freshness?.outdated)).toEqual([false, false, true, true, false]);
  await apply({ tile });
  await fill();
  expect((await store.client.listFeatureViews({ filter: 'text=outdated' })).featureViews.map(({ freshness }) => freshness?.outdated)).toEqual([false]);
  await store.client.deleteFeatureView({ name });
});

it('refuses questions and pushes that are incomplete, and jobs over other datasets', async () => {
  const ask = (more: object) => store.client.getOnlineFeatures({ featureService: 'featureServices/late', keys: [...keys('ATL'), { values: {} }], ...more });
  await expect(ask({})).rejects.toThrow('Key 1 lacks column "origin", which holds the join key "airport" of featureViews/departures.');
  await expect(ask({ keys: keys('ATL'), times: [at(1), at(2)] })).rejects.toThrow('The request has 1 keys and 2 times; give none, or one a key.');
  await expect(ask({ featureService: 'featureServices/early' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(store.client.pushRows([{ featureViews: [], table: flights(1) }])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'PUSH_WITHOUT_VIEW' });
  await expect(store.client.pushRows([{ featureViews: ['featureViews/departures'], table: { rows: 1, columns: [] } }])).rejects.toMatchObject({ reason: 'PUSH_COLUMN_MISSING' });
  await expect(store.client.createMaterialization({ materialization: { featureView: 'featureViews/departures', datasetVersion: 'datasets/trains/versions/1' } })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'OTHER_DATASET' });
  await expect(store.client.getMaterialization({ name: 'materializations/none' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

/** An endpoint as inference tells of it. */
async function tell(name: string, featureService: string, etag: number): Promise<void> {
  const endpoint = Endpoint.fromPartial({ name: `endpoints/${name}`, featureService, etag: String(etag) });
  await store.running.bus.publish([toRecord(catalogue.inference.endpointChanged, '/spec', { endpoint, formerVersion: '' }, {})]);
}

it('finds no difference between 10,000 served vectors and history, and names the feature of which 0.5 % were planted', async () => {
  const [view, service] = ['featureViews/replayed', 'featureServices/replayed'];
  await store.client.applyFeatureView({ featureView: { ...VIEW, name: view } });
  await store.client.applyFeatureService({ featureService: { name: service, features: [{ featureView: view, prefix: 'origin_', keyColumns: { airport: 'origin' } }] } });
  const { name } = await store.client.createMaterialization({ materialization: { featureView: view, knownBefore: at(10) } });
  for await (const { status } of store.client.watchMaterialization({ name })) expect(status?.error).toBeUndefined();
  // The rest comes by push, as it is in the history.
  const hours = Array.from({ length: 15 }, (_, i) => i + 9);
  const table = flights(...hours);
  const int64s = (column: string, value: (hour: number) => bigint) => ({ name: column, cells: { kind: { $case: 'int64s', value: { values: hours.map(value) } } as const } });
  const rows = { ...table, columns: [...table.columns.filter((column) => !['delay', 'distance'].includes(column.name)), int64s('delay', (hour) => (hour % 2 === 0 ? 20n : 0n)), int64s('distance', (hour) => (hour % 2 === 0 ? 320n : 480n))] };
  await store.client.pushRows([{ featureViews: [view], table: rows, requestId: 'replayed' }]);

  const asked = Array.from({ length: 10_000 }, (_, i) => ({ key: i % 10 === 0 ? 'JFK' : 'ATL', time: new Date(at(0).getTime() + i * 12_000) }));
  const { features, vectors } = await store.client.getOnlineFeatures({ featureService: service, keys: keys(...asked.map(({ key }) => key)), times: asked.map(({ time }) => time) });
  const served = asked.map(({ key, time }, i) => ({ id: `p${i}`, time, keys: keys(key)[0], values: { values: Object.fromEntries(features.map((feature, at) => [feature, vectors[i]?.values[at] ?? {}])) } }));
  const check = (part: typeof served) => store.client.checkFeatures(Array.from({ length: Math.ceil(part.length / 1_000) }, (_, i) => ({ featureService: service, vectors: part.slice(i * 1_000, i * 1_000 + 1_000) })));
  expect(await check(served)).toEqual({ vectors: 10_000n, values: 30_000n, mismatches: 0n, datasetVersions: [(await store.client.getFeatureView({ name: view })).freshness?.datasetVersion], features: features.map((feature) => ({ feature, values: 10_000n, mismatches: 0n, example: '' })).sort((a, b) => (a.feature < b.feature ? -1 : 1)) });
  expect(new Set(vectors.flatMap(({ statuses }) => statuses)).size).toBeGreaterThan(1);

  const planted = served.map((vector, i) => (i % 200 === 7 ? { ...vector, values: { values: { ...vector.values.values, origin_flights: { kind: { $case: 'int64Value', value: 77n } as const } } } } : vector));
  const found = await check(planted);
  expect(found).toMatchObject({ vectors: 10_000n, values: 30_000n, mismatches: 50n, features: [{ feature: 'origin_flights', values: 10_000n, mismatches: 50n, example: expect.stringMatching(/^p7 was served 77, history says (nothing|\d)$/) }, { mismatches: 0n }, { mismatches: 0n }] });

  const emptied = served.map((vector, i) => (i % 200 === 199 ? { ...vector, values: { values: { ...vector.values.values, origin_last_delay: {} } } } : vector));
  expect(await check(emptied)).toMatchObject({ mismatches: BigInt(vectors.filter(({ values }, i) => i % 200 === 199 && values[features.indexOf('origin_last_delay')]?.kind !== undefined).length), features: [{ feature: 'origin_last_delay', example: expect.stringContaining('was served nothing, history says') }, {}, {}] });

  await expect(store.client.checkFeatures([{ featureService: service, vectors: [{ id: 'x', time: at(1), keys: { values: {} } }] }])).rejects.toThrow('Key 0 lacks column "origin", which holds the join key "airport" of featureViews/replayed.');
  await expect(store.client.checkFeatures([{ featureService: service }, { featureService: 'featureServices/late' }])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'CHECK_OF_TWO' });
  expect(await store.client.checkFeatures([{ featureService: service }])).toMatchObject({ vectors: 0n, features: [] });
  await store.client.deleteFeatureService({ name: service });
  await store.client.deleteFeatureView({ name: view });
});

it('refuses to delete what is used, names who uses it, and deletes what nobody uses any more with all its values', async () => {
  const service = 'featureServices/late';
  await expect(store.client.deleteEntity({ name: 'entities/airport' })).rejects.toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'DEFINITION_IN_USE', metadata: { users: expect.stringContaining('featureViews/departures') } });
  await expect(store.client.deleteFeatureView({ name: 'featureViews/departures' })).rejects.toThrow('featureViews/departures is used by featureServices/late and cannot be deleted; delete those first, or let them do without.');
  const endpoints = async () => (await store.client.getFeatureService({ name: service })).endpoints;
  await tell('a', service, 1);
  await tell('b', service, 1);
  await expect.poll(endpoints).toEqual(['endpoints/a', 'endpoints/b']);
  expect((await store.client.listFeatureServices({ filter: 'text=late' })).featureServices.map(({ endpoints: all }) => all)).toEqual([['endpoints/a', 'endpoints/b']]);
  await expect(store.client.deleteFeatureService({ name: service })).rejects.toThrow('featureServices/late is used by endpoints/a, endpoints/b and cannot be deleted');
  // What comes late and is old says nothing.
  await tell('b', '', 3);
  await tell('b', service, 2);
  await tell('a', 'featureServices/of-b', 2);
  await expect.poll(endpoints).toEqual([]);
  await tell('c', service, 1);
  await expect.poll(endpoints).toEqual(['endpoints/c']);
  await tell('c', '', 2);
  await expect.poll(endpoints).toEqual([]);

  const { etag } = await store.client.getFeatureService({ name: service });
  await expect(store.client.deleteFeatureService({ name: service, etag: '77' })).rejects.toMatchObject({ code: 'ABORTED', reason: 'DEFINITION_CHANGED' });
  const set = (await store.client.listTrainingSets({ filter: 'state=SUCCEEDED' })).trainingSets[0];
  await store.client.deleteFeatureService({ name: service, etag });
  await expect(store.client.getFeatureService({ name: service })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(store.client.deleteFeatureService({ name: service })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  // A set goes on saying where its columns come from.
  expect(await store.client.getTrainingSet({ name: set?.name ?? '' })).toEqual(set);

  await store.client.deleteFeatureView({ name: 'featureViews/departures' });
  await expect(store.client.pushRows([{ featureViews: ['featureViews/departures'], table: flights(1) }])).rejects.toMatchObject({ reason: 'DEFINITION_NOT_FOUND' });
  await store.define();
  expect((await store.client.getFeatureView({ name: 'featureViews/departures' })).version).toBe(1);
  expect(Object.values(await store.featuresOf('ATL', 11)).map(([, status]) => status)).toEqual(['STATUS_NOT_FOUND', 'STATUS_NOT_FOUND', 'STATUS_NOT_FOUND']);
  await store.client.applyEntity({ entity: { name: 'entities/alone', joinKeys: [{ name: 'id', type: ColumnType.INT64 }] } });
  await store.client.deleteEntity({ name: 'entities/alone' });
  await expect(store.client.getEntity({ name: 'entities/alone' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
