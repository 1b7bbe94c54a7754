import { ColumnOrigin_Known } from '@millrace/contracts/millrace/features/v1/training_set';
import { ColumnType } from '@millrace/contracts/millrace/type/v1/schema';
import { beforeAll, expect, it } from 'vitest';
import { at, flights, keys, useFeatureStore, VIEW, type ViewMessage } from './feature-store.fixture.js';

const store = useFeatureStore();
beforeAll(async () => {
  await store.start();
  await store.define();
  await store.ingest(24);
  await store.stop();
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
  await store.client.applyFeatureView({ featureView: { ...VIEW, name: REPLAYED.view } });
  const pace = await store.client.applyFeatureView({ featureView: PACE });
  expect(pace).toMatchObject({ version: 1, owner: 'ann', entity: '', dataset: '', freshness: undefined, onDemand: { requestColumns: [{ name: 'distance', type: ColumnType.INT64 }, { name: 'delay' }] } });
  expect(pace.features.map(({ name, type, formula }) => [name, type, formula])).toEqual((PACE.features ?? []).map(({ name, formula }) => [name, ColumnType.FLOAT64, formula]));
  expect(await store.client.applyFeatureView({ featureView: pace })).toEqual(pace);
  expect((await store.client.listFeatureViews({ filter: 'tag=kind:ratio' })).featureViews).toEqual([pace]);
  expect((await store.client.listFeatureViews({ filter: 'entity=entities/airport' })).featureViews.map(({ name }) => name)).not.toContain(pace.name);
  const reading = (features: readonly string[]) => store.client.applyFeatureService({ featureService: { name: REPLAYED.service, features: [{ featureView: REPLAYED.onDemand, features: [...features] }, { featureView: REPLAYED.view, features: ['flights'], prefix: 'from_', keyColumns: { airport: 'origin' } }] } });
  await reading(['flights_a_mile', 'known_delay', 'outcome']);

  const order = { trainingSet: { featureService: REPLAYED.service, spine: { datasetVersion: 'datasets/flights/versions/latest', columns: ['date'], labels: [{ name: 'late', column: 'delay', greaterThan: 15 }] } } };
  let set = await store.client.createTrainingSet(order);
  for await (const state of store.client.watchTrainingSet({ name: set.name })) set = state;
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

  const { name } = await store.client.createMaterialization({ materialization: { featureView: REPLAYED.view } });
  for await (const { status } of store.client.watchMaterialization({ name })) expect(status?.error).toBeUndefined();
  await reading(['flights_a_mile', 'known_delay']);
  const int64 = (value: bigint) => ({ kind: { $case: 'int64Value', value } as const });
  const asked = Array.from({ length: 3_000 }, (_, i) => ({ time: new Date(at(0).getTime() + i * 60_000), keys: { values: { ...keys(i % 7 === 0 ? 'JFK' : 'ATL')[0]?.values, distance: i % 5 === 3 ? {} : int64(BigInt(i % 11)) } } }));
  const { features, vectors } = await store.client.getOnlineFeatures({ featureService: REPLAYED.service, keys: asked.map((each) => each.keys), times: asked.map(({ time }) => time) });
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
  expect(await store.client.checkFeatures([{ featureService: REPLAYED.service, vectors: served }])).toMatchObject({ vectors: 3_000n, values: 9_000n, mismatches: 0n });
  await expect(store.client.checkFeatures([{ featureService: REPLAYED.service, vectors: served.slice(0, 4) }, { featureService: REPLAYED.service, vectors: [{ ...(served[4] ?? {}), keys: keys('ATL')[0] }] }])).rejects.toThrow('Key 4 lacks column "distance", which featureViews/pace reads of the request; give it, without a value where it was missing, or leave out the features that read it.');
  const planted = served.map((vector, i) => (i % 200 === 6 ? { ...vector, values: { values: { ...vector.values.values, known_delay: { kind: { $case: 'float64Value', value: 0.5 } as const } } } } : vector));
  expect(await store.client.checkFeatures([{ featureService: REPLAYED.service, vectors: planted }])).toMatchObject({ mismatches: 15n, features: [{ feature: 'known_delay', mismatches: 15n, example: expect.stringMatching(/^p6 was served 0\.5, history says /) }, {}, {}] });
});

it('refuses of features on demand what they cannot be, and says what they read', async () => {
  await expect(store.client.applyFeatureView({ featureView: { ...PACE, entity: 'entities/airport' } })).rejects.toThrow('featureViews/pace is wrong at entity: a view on demand does not have it, because the views that it reads do; leave it out.');
  await expect(store.client.applyFeatureView({ featureView: { ...PACE, features: [{ name: 'x', formula: 'miles' }] } })).rejects.toThrow('featureViews/pace is wrong at features.x.formula: it reads "miles", which is neither a column of the request nor a feature that the view reads; there are: distance, delay, from_late_share, from_flights, from_last_delay.');
  await expect(store.client.applyFeatureView({ featureView: { ...PACE, name: REPLAYED.view } })).rejects.toThrow('featureViews/asked-of is wrong at on_demand: the view holds values and cannot come to be computed on demand; delete it first, or take another name.');
  await expect(store.client.applyFeatureView({ featureView: { ...VIEW, name: REPLAYED.onDemand } })).rejects.toThrow('the view is computed on demand and cannot come to hold values');
  await expect(store.client.createMaterialization({ materialization: { featureView: REPLAYED.onDemand } })).rejects.toThrow('featureViews/pace is computed when it is asked for and holds no values, so that it cannot be materialised; the views that it reads can.');
  await expect(store.client.pushRows([{ featureViews: [REPLAYED.onDemand], table: flights(1) }])).rejects.toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'VIEW_ON_DEMAND', metadata: { what: 'pushed into' } });
  const wrong = [...keys('ATL'), { values: { ...keys('ATL')[0]?.values, distance: { kind: { $case: 'stringValue', value: 'far' } as const } } }];
  await expect(store.client.getOnlineFeatures({ featureService: REPLAYED.service, keys: wrong, time: at(11) })).rejects.toThrow('Key 1 has "far" in column "distance", which featureViews/pace reads as INT64; give a bigint, or a whole number up to 2^53 - 1.');
  await expect(store.client.createTrainingSet({ trainingSet: { featureService: REPLAYED.service, spine: { datasetVersion: 'datasets/flights/versions/1' } } })).resolves.toMatchObject({ featureService: REPLAYED.service });
  await store.client.applyFeatureView({ featureView: { ...PACE, name: 'featureViews/typed', onDemand: { ...PACE.onDemand, requestColumns: [{ name: 'distance', type: ColumnType.STRING }, { name: 'gone', type: ColumnType.INT64 }] }, features: [{ name: 'x', formula: "distance || ' mi'" }, { name: 'y', formula: 'gone' }] } });
  const typed = async (feature: string) => {
    await store.client.applyFeatureService({ featureService: { name: 'featureServices/typed', features: [{ featureView: 'featureViews/typed', features: [feature] }] } });
    return store.client.createTrainingSet({ trainingSet: { featureService: 'featureServices/typed', spine: { datasetVersion: 'datasets/flights/versions/1' } } });
  };
  await expect(typed('x')).rejects.toThrow('Column "distance" of datasets/flights/versions/1 is of type INT64, and the training set needs STRING there');
  await expect(typed('y')).rejects.toMatchObject({ reason: 'COLUMN_UNKNOWN', metadata: { column: 'gone' } });
  // Of a view that reads nothing but the request there is nothing to look up.
  await store.client.applyFeatureService({ featureService: { name: 'featureServices/typed', features: [{ featureView: 'featureViews/typed', features: ['x'] }] } });
  expect(await store.client.getOnlineFeatures({ featureService: 'featureServices/typed', keys: [{ values: { distance: { kind: { $case: 'stringValue', value: '5' } } } }], time: at(1) })).toEqual({
    features: ['x'],
    vectors: [{ values: [{ kind: { $case: 'stringValue', value: '5 mi' } }], statuses: ['STATUS_PRESENT'], eventTimes: [at(1)], eventTimePlaces: [1] }],
  });
  await store.client.deleteFeatureService({ name: 'featureServices/typed' });
  await store.client.deleteFeatureView({ name: 'featureViews/typed' });
  await store.client.deleteFeatureService({ name: REPLAYED.service });
  await expect(store.client.deleteFeatureView({ name: REPLAYED.view })).rejects.toThrow('featureViews/asked-of is used by featureViews/pace and cannot be deleted');
  await store.client.deleteFeatureView({ name: REPLAYED.onDemand });
  await store.client.deleteFeatureView({ name: REPLAYED.view });
});
