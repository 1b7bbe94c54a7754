import { ColumnOrigin_Known } from '@millrace/contracts/millrace/features/v1/training_set';
import { JobState } from '@millrace/contracts/millrace/type/v1/job';
import { ColumnType } from '@millrace/contracts/millrace/type/v1/schema';
import { catalogue } from '@millrace/events';
import { expect } from 'vitest';
import type { Home } from '../home/home.js';
import { ended } from '../world/dirty.js';
import { row } from '../world/rows.js';
import { hour, pushed, TRIPS_VIEW } from '../world/trips.js';
import { cases } from './case.js';
import { reasonOf } from './job-fault.js';
import { refusalOf } from './names.cases.js';

const { trainingSetCreated, featureViewMaterialized } = catalogue.features;
const SERVICE = 'featureServices/trips';
const VIEWS = ['featureViews/trips'];

/** The online features of a port at an hour, as [value, status, event time] by name. */
async function online({ features: client }: Home, port: string, number: number): Promise<Record<string, readonly [unknown, string | undefined, Date | undefined]>> {
  const { features, vectors } = await client.getOnlineFeatures({ featureService: SERVICE, keys: [row({ origin: port })], time: hour(number) });
  const [vector] = vectors;
  return Object.fromEntries(features.map((name, i) => [name, [vector?.values[i]?.kind?.value, vector?.statuses[i]?.replace('STATUS_', ''), vector?.eventTimes[(vector.eventTimePlaces[i] ?? 0) - 1]] as const]));
}

/** Definitions, training sets, and the online store. */
export const featuresCases = cases({
  'a view of a dataset that is not there yet is kept, and has no rows': async ({ features }) => {
    await features.applyEntity({ entity: { name: 'entities/port', joinKeys: [{ name: 'port', type: ColumnType.STRING }] } });
    const featureView = { ...TRIPS_VIEW, name: 'featureViews/early', dataset: 'datasets/nothing' };
    await features.applyFeatureView({ featureView });
    expect(await refusalOf(features.createMaterialization({ materialization: { featureView: featureView.name } }))).toMatchObject({ code: 'FAILED_PRECONDITION', domain: 'features.millrace', reason: 'DATASET_UNKNOWN', metadata: { dataset: 'datasets/nothing' } });
    expect(await refusalOf(features.pushRows([{ featureViews: [featureView.name], table: pushed(1) }]))).toMatchObject({ reason: 'DATASET_UNKNOWN' });
  },
  'definitions that are applied again stay, and count up when they change': async ({ features }, world) => {
    await world.trips();
    const first = await features.getFeatureView({ name: TRIPS_VIEW.name });
    expect(await features.applyFeatureView({ featureView: TRIPS_VIEW })).toEqual(first);
    const entity = await features.getEntity({ name: 'entities/port' });
    expect((await features.applyEntity({ entity: { ...entity, description: 'of call' } })).etag).toBe(String(Number(entity.etag) + 1));
    const service = await features.getFeatureService({ name: SERVICE });
    expect(await features.applyFeatureService({ featureService: service })).toEqual(service);
    for (const call of [() => features.applyEntity({ entity: { ...entity, description: 'of none' } }), () => features.applyFeatureView({ featureView: { ...TRIPS_VIEW, etag: '99' } }), () => features.applyFeatureService({ featureService: { ...service, etag: '99' } })]) {
      expect(await refusalOf(call())).toMatchObject({ code: 'ABORTED', reason: 'DEFINITION_CHANGED' });
    }
  },
  'definitions are found by owner, tag, entity and text, and versions of a view say what it was': async ({ features }, world) => {
    const { view } = await world.catalogued();
    const found = async (filter: string): Promise<readonly string[]> => (await features.listFeatureViews({ filter, pageSize: 1000 })).featureViews.map(({ name }) => name);
    for (const filter of ['owner=harbour', 'tag=domain:sea', 'tag=domain AND text=PORT AND entity=entities/port', 'text=atalogued']) expect({ filter, found: await found(filter) }).toEqual({ filter, found: [view] });
    for (const filter of ['owner=nobody', 'tag=domain:air', 'text=PORT AND owner=nobody', 'entity=entities/nobody']) expect({ filter, found: await found(filter) }).toEqual({ filter, found: [] });
    expect((await features.listEntities({ filter: 'tag=domain' })).entities.map(({ name }) => name)).toEqual(['entities/harbour']);
    expect(await refusalOf(found('entity=nonsense'))).toMatchObject({ reason: 'INVALID_NAME' });
    const { featureViewVersions } = await features.listFeatureViewVersions({ parent: view });
    expect(featureViewVersions.map(({ name, featureView }) => [name, featureView?.features[0]?.window?.seconds])).toEqual([3n, 2n, 1n].map((version) => [`${view}/versions/${version}`, version * 3_600n]));
    expect(await features.getFeatureView({ name: view })).toMatchObject({ version: 3, owner: 'harbour', tags: { domain: 'sea' } });
  },
  'a definition that contradicts itself is refused, and the place is named': async ({ features }) => {
    const view = (change: object) => features.applyFeatureView({ featureView: { ...TRIPS_VIEW, name: 'featureViews/wrong', ...change } });
    const places: readonly (readonly [string, () => Promise<unknown>])[] = [
      ['join_keys', () => features.applyEntity({ entity: { name: 'entities/wrong' } })],
      ['owner', () => features.applyEntity({ entity: { name: 'entities/wrong', owner: 'two words', joinKeys: [{ name: 'port', type: ColumnType.STRING }] } })],
      ['tags.a b', () => view({ tags: { 'a b': '' } })],
      ['join_key_columns.gate', () => view({ joinKeyColumns: { gate: 'origin' } })],
      ['event_time_column', () => view({ eventTimeColumn: '' })],
      ['derived_columns.late', () => view({ derivedColumns: [{ name: 'late', source: 'delay', threshold: 1 }] })],
      ['features', () => view({ features: [] })],
      ['features[0]', () => features.applyFeatureService({ featureService: { name: 'featureServices/wrong', features: [{ featureView: 'featureViews/nobody' }] } })],
    ];
    for (const [place, call] of places) expect(await refusalOf(call())).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'INVALID_DEFINITION', metadata: { place } });
    for (const call of [() => features.applyEntity({}), () => features.applyFeatureView({}), () => features.applyFeatureService({})]) expect(await refusalOf(call())).toMatchObject({ reason: 'INVALID_NAME' });
    expect(await refusalOf(view({ entity: 'entities/nobody' }))).toMatchObject({ code: 'NOT_FOUND', reason: 'DEFINITION_NOT_FOUND' });
  },
  'a training set holds what was known, once for a request id, and is told of': async ({ features, events, objects }, world) => {
    const { service, version } = await world.trips();
    const order = { requestId: 'set-1', trainingSet: { featureService: service, spine: { datasetVersion: 'datasets/trips/versions/latest', from: hour(5), to: hour(15), labels: [{ name: 'is_late', column: 'delay', greaterThan: 15 }] } } };
    const created = await features.createTrainingSet(order);
    const set = await ended(features.watchTrainingSet({ name: created.name }));
    expect(set).toMatchObject({ status: { state: JobState.SUCCEEDED }, rows: 10n, spine: { datasetVersion: version, eventTimeColumn: 'date' } });
    expect(set.origins.map(({ column, known }) => [column, known === ColumnOrigin_Known.AT_EVENT])).toEqual([['date', true], ['delay', false], ['distance', true], ['origin', true], ['is_late', false], ['origin_late_share', true], ['origin_flights', true], ['origin_last_delay', true]]);
    expect(set.digest).toBe('sha256:820e47532a32008b15850edd4cae13d67056d513d1e5ff2301b8af1315170ae1');
    expect(await features.createTrainingSet(order)).toEqual(set);
    expect(await features.getTrainingSet({ name: set.name })).toEqual(set);
    expect(await objects.has(set.objects[0]?.digest ?? '')).toBe(true);
    const again = await ended(features.watchTrainingSet({ name: (await features.createTrainingSet({ ...order, requestId: 'set-2' })).name }));
    expect([again.name === set.name, again.digest]).toEqual([false, set.digest]);
    await events.await(trainingSetCreated, ({ trainingSet }) => trainingSet?.digest === set.digest && trainingSet.name === again.name);
  },
  'a training set that its spine cannot give is refused': async ({ features }, world) => {
    const { service, version } = await world.trips();
    const refused = async (spine: object | undefined) => refusalOf(features.createTrainingSet({ trainingSet: { featureService: service, ...(spine ? { spine: { datasetVersion: version, ...spine } } : {}) } }));
    expect(await refused(undefined)).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'SPINE_MISSING' });
    expect(await refused({ columns: ['gate'] })).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'COLUMN_UNKNOWN', metadata: { column: 'gate' } });
    expect(await refused({ eventTimeColumn: 'delay' })).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'COLUMN_TYPE', metadata: { column: 'delay' } });
    expect(await refused({ labels: [{ name: 'Delay', column: 'delay', greaterThan: 1 }] })).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'COLUMN_TWICE', metadata: { column: 'Delay' } });
    expect(await refused({ datasetVersion: 'datasets/trips' })).toMatchObject({ reason: 'INVALID_NAME' });
    expect(await refused({ datasetVersion: 'datasets/trips/versions/77' })).toMatchObject({ code: 'NOT_FOUND', reason: 'DATASET_VERSION_NOT_FOUND' });
    const empty = await ended(features.watchTrainingSet({ name: (await features.createTrainingSet({ trainingSet: { spine: { datasetVersion: version, from: hour(1_000) } } })).name }));
    expect(reasonOf(empty.status)).toBe('TRAINING_SET_EMPTY');
  },
  'a view is filled, takes what is pushed once, and says what each value is worth': async (home, world) => {
    const { features } = home;
    const { version } = await world.trips();
    const order = { requestId: 'fill-1', materialization: { featureView: TRIPS_VIEW.name, datasetVersion: version, knownBefore: hour(10) } };
    const job = await ended(features.watchMaterialization({ name: (await features.createMaterialization(order)).name }));
    expect(job).toMatchObject({ status: { state: JobState.SUCCEEDED }, rows: 9n, entities: 1n });
    expect(await features.createMaterialization(order)).toEqual(job);
    expect(await features.getMaterialization({ name: job.name })).toEqual(job);
    await home.events.await(featureViewMaterialized, ({ materialization }) => materialization?.name === job.name);
    expect(await features.pushRows([9, 9, 8].map((number, i) => ({ featureViews: VIEWS, table: pushed(number), requestId: `push ${Math.min(i, 1)}` })))).toEqual({ rows: 2n, repeatedMessages: 1n });
    expect(await online(home, 'ATL', 11)).toEqual({ origin_late_share: [5 / 7, 'PRESENT', hour(9)], origin_flights: [7n, 'PRESENT', hour(9)], origin_last_delay: [20n, 'PRESENT', hour(9)] });
    expect(await online(home, 'ATL', 22)).toEqual({ origin_late_share: [undefined, 'EXPIRED', hour(9)], origin_flights: [undefined, 'EXPIRED', hour(9)], origin_last_delay: [undefined, 'EXPIRED', hour(9)] });
    expect(await online(home, 'JFK', 11)).toEqual({ origin_late_share: [undefined, 'NOT_FOUND', undefined], origin_flights: [undefined, 'NOT_FOUND', undefined], origin_last_delay: [undefined, 'NOT_FOUND', undefined] });
  },
  'what is pushed must be what the view reads': async ({ features }, world) => {
    await world.trips();
    const push = (table: object | undefined, featureViews: readonly string[] = VIEWS) => refusalOf(features.pushRows([{ featureViews: [...featureViews], ...(table ? { table } : {}) }]));
    expect(await push(pushed(1), [])).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'PUSH_WITHOUT_VIEW' });
    expect(await push({ rows: 1, columns: [] })).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'PUSH_COLUMN_MISSING' });
    const table = pushed(1);
    expect(await push({ ...table, columns: table.columns.map((column) => (column.name === 'delay' ? { ...column, cells: { kind: { $case: 'strings', value: { values: ['x'] } } } } : column)) })).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'PUSH_COLUMN_TYPE', metadata: { column: 'delay' } });
    expect(await push({ ...table, rows: 50_001 })).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'PUSH_TOO_LARGE' });
    expect(await push(table, ['featureViews/nobody'])).toMatchObject({ code: 'NOT_FOUND', reason: 'DEFINITION_NOT_FOUND' });
    expect(await push(table, ['nonsense'])).toMatchObject({ reason: 'INVALID_NAME' });
  },
  'a view that comes to mean something else while it is filled is filled again': async ({ features }, world) => {
    await world.trips();
    const featureView = { ...TRIPS_VIEW, name: 'featureViews/moved' };
    await features.applyFeatureView({ featureView });
    const { name } = await features.createMaterialization({ materialization: { featureView: featureView.name } });
    for await (const { status } of features.watchMaterialization({ name })) if (status?.state === JobState.RUNNING) break;
    await features.applyFeatureView({ featureView: { ...featureView, tile: { seconds: 1_800n, nanos: 0 } } });
    expect(reasonOf((await ended(features.watchMaterialization({ name }))).status)).toBe('VIEW_CHANGED');
  },
  'features are explained by the rows that they were made of, and folding these gives the value': async ({ features }, world) => {
    const { service: featureService, version } = await world.trips();
    const asked = { featureService, keys: row({ origin: 'ATL' }), time: hour(12) };
    const explained = (await features.explainFeatures(asked)).features;
    expect(explained.map(({ feature, value, rows, datasetVersion }) => [feature, value?.kind?.value, rows, datasetVersion])).toEqual([['origin_late_share', 0.5, 6n, version], ['origin_flights', 6n, 6n, version], ['origin_last_delay', 20n, 1n, version]]);
    const rowsOf = async (feature: string) => features.listSourceRows({ ...asked, feature, datasetVersion: version });
    const { sourceRows, totalSize } = await rowsOf('origin_late_share');
    expect(totalSize).toBe(6n);
    const late = sourceRows.map(({ value }) => Number(value?.kind?.value));
    expect(late.reduce((sum, each) => sum + each, 0) / late.length).toBe(0.5);
    expect(sourceRows[0]).toMatchObject({ row: 11n, push: 0n, eventTime: hour(10), cells: row({ delay: 20, distance: 320, origin: 'ATL' }) });
    expect((await rowsOf('origin_last_delay')).sourceRows.map(({ value }) => value?.kind?.value)).toEqual([20n]);
    expect(await refusalOf(rowsOf('gate'))).toMatchObject({ code: 'INVALID_ARGUMENT', domain: 'features.millrace', reason: 'FEATURE_WITHOUT_ROWS', metadata: { feature: 'gate' } });
    expect(await refusalOf(features.explainFeatures({ featureService }))).toMatchObject({ reason: 'KEY_MISSING' });
  },
  'a filling keeps what each feature held then': async ({ features }, world) => {
    await world.trips();
    const job = await ended(features.watchMaterialization({ name: (await features.createMaterialization({ materialization: { featureView: TRIPS_VIEW.name, knownBefore: hour(10) } })).name }));
    expect(job.standsBefore).toEqual(hour(10));
    expect(job.profile.map(({ feature, present, missing, distinct, mean }) => [feature, present, missing, distinct, mean])).toEqual([['late_share', 1n, 0n, 1n, 0.5], ['flights', 1n, 0n, 1n, 6], ['last_delay', 1n, 0n, 1n, 20]]);
  },
  'what was served is computed once more from history, and what differs is named': async ({ features }, world) => {
    const { service: featureService } = await world.trips();
    const vector = (flights: bigint) => ({ id: 'served', time: hour(11), keys: row({ origin: 'ATL' }), values: { values: { origin_flights: { kind: { $case: 'int64Value' as const, value: flights } } } } });
    expect(await features.checkFeatures([{ featureService, vectors: [vector(6n)] }, { featureService, vectors: [vector(5n)] }])).toMatchObject({ vectors: 2n, values: 2n, mismatches: 1n, features: [{ feature: 'origin_flights', values: 2n, mismatches: 1n, example: 'served was served 5, history says 6' }] });
    expect(await refusalOf(features.checkFeatures([{ featureService }, { featureService: 'featureServices/other' }]))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'CHECK_OF_TWO' });
    const many = { featureService, vectors: Array.from({ length: 10_001 }, () => ({ id: '' })) };
    expect(await refusalOf(features.checkFeatures([many, many, many, many, many]))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'TOO_MANY_VECTORS' });
    expect(await refusalOf(features.checkFeatures([]))).toMatchObject({ reason: 'INVALID_NAME' });
  },
  'features on demand are computed of the request and of other views, refused where they name what is not there, and checked': async ({ features }, world) => {
    await world.trips();
    const int64 = (value: bigint) => ({ kind: { $case: 'int64Value' as const, value } });
    const [view, service, read] = ['featureViews/a-mile', 'featureServices/a-mile', 'featureViews/asked-of'];
    await features.applyFeatureView({ featureView: { ...TRIPS_VIEW, name: read } });
    await features.pushRows([{ featureViews: [read], table: pushed(9) }]);
    const onDemand = { requestColumns: [{ name: 'distance', type: ColumnType.INT64 }], features: [{ featureView: read, prefix: 'of_', keyColumns: { port: 'origin' } }] };
    const apply = (formula: string) => features.applyFeatureView({ featureView: { name: view, onDemand, features: [{ name: 'calls', formula }] } });
    expect(await refusalOf(apply('of_flights / miles'))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'INVALID_DEFINITION', metadata: { place: 'features.calls.formula' } });
    expect(await apply('of_flights / distance')).toMatchObject({ version: 1, features: [{ type: ColumnType.FLOAT64, formula: 'of_flights / distance' }], onDemand: { features: [{ featureView: read }] } });
    await features.applyFeatureService({ featureService: { name: service, features: [{ featureView: view }] } });
    const key = (distance: object) => ({ values: { ...row({ origin: 'ATL' }).values, distance } });
    const { features: names, vectors } = await features.getOnlineFeatures({ featureService: service, keys: [key(int64(2n)), key({})], time: hour(11) });
    expect([names, vectors.map(({ values, statuses }) => [values[0]?.kind?.value, statuses[0]])]).toEqual([['calls'], [[1 / 2, 'STATUS_PRESENT'], [undefined, 'STATUS_NOT_FOUND']]]);
    expect(await refusalOf(features.getOnlineFeatures({ featureService: service, keys: [key({ kind: { $case: 'stringValue', value: 'far' } })], time: hour(11) }))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'REQUEST_TYPE', metadata: { index: '0', column: 'distance', view } });
    expect(await refusalOf(features.createMaterialization({ materialization: { featureView: view } }))).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'VIEW_ON_DEMAND', metadata: { view } });
    const vector = (keys: object) => ({ id: 'served', time: hour(11), keys, values: { values: { calls: { kind: { $case: 'float64Value' as const, value: 3 } } } } });
    expect(await features.checkFeatures([{ featureService: service, vectors: [vector(key(int64(2n)))] }])).toMatchObject({ mismatches: 0n, values: 1n });
    expect(await refusalOf(features.checkFeatures([{ featureService: service, vectors: [vector(row({ origin: 'ATL' }))] }]))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'REQUEST_MISSING', metadata: { index: '0', column: 'distance', view } });
    expect(await refusalOf(features.deleteFeatureView({ name: read }))).toMatchObject({ reason: 'DEFINITION_IN_USE', metadata: { users: view } });
    await features.deleteFeatureService({ name: service });
    for (const name of [view, read]) await features.deleteFeatureView({ name });
  },
  'a definition that is used is not deleted, and one that is not goes with its values': async ({ features }, world) => {
    await world.trips();
    const [entity, view, service] = ['entities/doomed', 'featureViews/doomed', 'featureServices/doomed'];
    const make = async (): Promise<void> => {
      await features.applyEntity({ entity: { ...(await features.getEntity({ name: 'entities/port' })), name: entity, etag: '' } });
      await features.applyFeatureView({ featureView: { ...TRIPS_VIEW, name: view, entity } });
      await features.applyFeatureService({ featureService: { name: service, features: [{ featureView: view, keyColumns: { port: 'origin' } }] } });
    };
    await make();
    await features.pushRows([{ featureViews: [view], table: pushed(9) }]);
    const seen = async () => (await features.getOnlineFeatures({ featureService: service, keys: [row({ origin: 'ATL' })], time: hour(11) })).vectors[0]?.statuses;
    expect(await seen()).toEqual(['STATUS_PRESENT', 'STATUS_PRESENT', 'STATUS_PRESENT']);
    expect(await refusalOf(features.deleteEntity({ name: entity }))).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'DEFINITION_IN_USE', metadata: { name: entity, users: view } });
    expect(await refusalOf(features.deleteFeatureView({ name: view }))).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'DEFINITION_IN_USE', metadata: { name: view, users: service } });
    const stale = [() => features.deleteEntity({ name: entity, etag: '9' }), () => features.deleteFeatureView({ name: view, etag: '9' }), () => features.deleteFeatureService({ name: service, etag: '9' })];
    for (const call of stale) expect(await refusalOf(call())).toMatchObject({ code: 'ABORTED', reason: 'DEFINITION_CHANGED' });
    await features.deleteFeatureService({ name: service, etag: '1' });
    await features.deleteFeatureView({ name: view, etag: '1' });
    await features.deleteEntity({ name: entity, etag: '1' });
    expect(await refusalOf(features.getEntity({ name: entity }))).toMatchObject({ code: 'NOT_FOUND', reason: 'DEFINITION_NOT_FOUND' });
    await make();
    expect(await seen()).toEqual(['STATUS_NOT_FOUND', 'STATUS_NOT_FOUND', 'STATUS_NOT_FOUND']);
  },
  'a question must name its keys, and a materialisation a version of its dataset': async ({ features }, world) => {
    const { service: featureService } = await world.trips();
    expect(await refusalOf(features.getOnlineFeatures({ featureService, keys: [row({ origin: 'ATL' }), row({})] }))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'KEY_MISSING', metadata: { index: '1', column: 'origin' } });
    expect(await refusalOf(features.getOnlineFeatures({ featureService, keys: [row({ origin: 'ATL' })], times: [hour(1), hour(2)] }))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'TIMES_MISMATCH' });
    expect(await refusalOf(features.createMaterialization({ materialization: { featureView: TRIPS_VIEW.name, datasetVersion: 'datasets/other/versions/1' } }))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'OTHER_DATASET' });
    expect(await refusalOf(features.createMaterialization({}))).toMatchObject({ reason: 'INVALID_NAME' });
  },
});
