import type { Schema } from '@millrace/core';
import { expect, it } from 'vitest';
import { checkEntity, type Entity } from './entity.js';
import type { FeatureReference } from './feature-reference.js';
import { resolveService } from './feature-service.js';
import { checkSource, checkView, featureType, type FeatureView, HOUR, meaningOf, sourceColumns } from './feature-view.js';

const entity: Entity = { entity: 'airport', description: '', joinKeys: [{ name: 'code', type: 'STRING', nullable: false }] };
const view: FeatureView = {
  view: 'departures',
  description: '',
  entity: 'airport',
  dataset: 'flights',
  keyColumns: ['origin'],
  joinKeys: ['code'],
  eventTime: 'date',
  knowledge: { column: '', delay: 30, terms: [{ column: 'delay', microseconds: 60_000_000 }] },
  ttl: 0,
  tile: HOUR,
  derived: [{ name: 'late', source: 'delay', comparison: 'GREATER', threshold: 15 }],
  features: [
    { name: 'late_share', column: 'late', aggregation: 'MEAN', window: 3 * HOUR },
    { name: 'flights', column: '', aggregation: 'COUNT', window: 3 * HOUR },
    { name: 'gate', column: 'gate', aggregation: 'LATEST', window: 0 },
  ],
};
const schema: Schema = [
  { name: 'origin', type: 'STRING', nullable: false },
  { name: 'date', type: 'TIMESTAMP', nullable: false },
  { name: 'delay', type: 'INT64', nullable: false },
  { name: 'gate', type: 'STRING', nullable: true },
];
const [mean, count, latest] = view.features;
if (!mean || !count || !latest) throw new Error('The view has three features.');
const feature = (change: object) => ({ features: [{ ...mean, ...change }] });

it('takes a view without contradictions as it is', () => {
  expect(checkView(view, entity)).toBe(view);
  expect(sourceColumns(view)).toEqual(['origin', 'date', 'delay', 'gate']);
});

it.each([
  [{ keyColumns: [] }, 'join_key_columns: give a source column for each of code'],
  [{ eventTime: '' }, 'event_time_column: a view needs the time at which a row was true'],
  [{ tile: 999_999 }, 'tile: a tile is at least one second and at most 366 days'],
  [{ tile: Number.NaN }, 'tile: a tile is at least one second and at most 366 days'],
  [{ tile: 367 * 24 * HOUR }, 'tile: a tile is at least one second and at most 366 days'],
  [{ ttl: -1 }, 'ttl: a time to live is not negative'],
  [{ knowledge: { column: '', delay: 0, terms: [{ column: 'delay', microseconds: Infinity }] } }, 'knowledge_time.terms.delay: microseconds_per_unit is no finite number'],
  [{ features: [] }, 'features: there is none'],
  [feature({ name: '3h' }), 'features.3h: a name starts with a letter and holds letters, digits or underscore'],
  [{ features: [mean, mean] }, 'features.late_share: the name stands twice'],
  [feature({ column: '' }), 'features.late_share: it names no column'],
  [feature({ window: 0 }), 'features.late_share: an aggregate needs a window'],
  [{ features: [{ ...latest, window: HOUR }] }, 'features.gate: LATEST has no window'],
  [{ features: [{ ...latest, aggregation: 'LATEST_PRESENT' as const, window: HOUR }] }, 'features.gate: LATEST_PRESENT has no window'],
  [{ features: [{ ...latest, aggregation: 'PREVIOUS' as const }] }, 'features.gate: it looks 1 to 15 events back; say how many'],
  [{ features: [{ ...latest, aggregation: 'DIFFERENCE' as const, stepsBack: 16 }] }, 'features.gate: it looks 1 to 15 events back; say how many'],
  [feature({ stepsBack: 1 }), 'features.late_share: MEAN does not look steps back'],
  [feature({ window: 90 * 60_000_000 }), 'features.late_share: its window is not a whole number of tiles'],
  [feature({ window: 10_001 * HOUR }), 'features.late_share: its window has more than 10000 tiles; use a larger tile'],
  [{ derived: [{ name: 'late', source: 'late', comparison: 'GREATER' as const, threshold: 15 }] }, 'derived_columns.late: it is made from itself'],
  [{ derived: [...view.derived, ...view.derived] }, 'derived_columns.late: the name stands twice'],
  [{ derived: [{ name: 'late', source: 'delay', comparison: 'GREATER' as const, threshold: Number.NaN }] }, 'derived_columns.late: its threshold is no finite number'],
] satisfies [Partial<FeatureView>, string][])('refuses a view with %o, and names the place', (change, why) => {
  expect(() => checkView({ ...view, ...change }, entity)).toThrow(`featureViews/departures is wrong at ${why}.`);
});

it.each([
  [[], 'join_keys: an entity is told apart by at least one key'],
  [[{ name: '', type: 'STRING' as const, nullable: false }], 'join_keys: a key has no name'],
  [[...entity.joinKeys, ...entity.joinKeys], 'join_keys.code: the name stands twice'],
  [[{ name: 'code', type: 'FLOAT64' as const, nullable: false }], 'join_keys.code: a key is STRING, INT64, BOOL: values of type FLOAT64 have more than one text'],
])('refuses an entity with the keys %o', (joinKeys, why) => {
  expect(() => checkEntity({ ...entity, joinKeys })).toThrow(`entities/airport is wrong at ${why}.`);
});

it.each([
  ['gate', undefined, 'flights has no column "gate", which featureViews/departures reads; it has: origin, date, delay.'],
  ['origin', 'FLOAT64', 'Column "origin" of flights is of type FLOAT64, and featureViews/departures needs STRING or INT64 or BOOL there'],
  ['date', 'STRING', 'Column "date" of flights is of type STRING, and featureViews/departures needs TIMESTAMP there'],
  ['delay', 'STRING', 'Column "delay" of flights is of type STRING, and featureViews/departures needs INT64 or FLOAT64 there'],
] as const)('refuses a source whose column %s is %s', (name, type, message) => {
  const source = type === undefined ? schema.filter((column) => column.name !== name) : schema.map((column) => (column.name === name ? { ...column, type } : column));
  expect(() => checkSource(view, source)).toThrow(message);
  expect(() => checkSource(view, schema)).not.toThrow();
});

it('tells views apart that mean something else, and not those that differ in name, description, windows or time to live', () => {
  const same = [{ description: 'x' }, { ttl: 5 }, { features: view.features.map((each) => ({ ...each, name: `${each.name}_x`, window: each.window * 2 })) }];
  for (const change of same) expect(meaningOf({ ...view, ...change })).toBe(meaningOf(view));
  const other: Partial<FeatureView>[] = [{ dataset: 'x' }, { keyColumns: ['x'] }, { eventTime: 'x' }, { tile: 2 * HOUR }, { knowledge: { ...view.knowledge, delay: 31 } }, { derived: view.derived.map((each) => ({ ...each, threshold: 16 })) }, { features: [mean] }];
  for (const change of other) expect(meaningOf({ ...view, ...change })).not.toBe(meaningOf(view));
});

it('types features by their aggregation and source', () => {
  expect(view.features.map((each) => featureType(view, each, schema))).toEqual(['FLOAT64', 'INT64', 'STRING']);
  const of = (aggregation: 'SUM' | 'MAX' | 'LATEST', type: 'BOOL' | 'FLOAT64' | 'TIMESTAMP') => featureType(view, { ...mean, column: 'x', aggregation }, [{ name: 'x', type, nullable: false }]);
  expect([of('SUM', 'BOOL'), of('SUM', 'FLOAT64'), of('MAX', 'BOOL'), of('MAX', 'FLOAT64'), of('LATEST', 'BOOL'), of('LATEST', 'TIMESTAMP')]).toEqual(['INT64', 'FLOAT64', 'INT64', 'FLOAT64', 'INT64', 'TIMESTAMP']);
});

const reference = (change: Partial<FeatureReference> = {}): FeatureReference => ({ view: 'departures', features: [], prefix: '', keyColumns: {}, ...change });
const resolve = (...references: readonly FeatureReference[]) => resolveService({ service: 'late', description: '', references }, new Map([['departures', view]]));

it('resolves the features of a service in order, under their prefixed names, by the columns that hold the keys', () => {
  const { reads: [from, to], features } = resolve(reference({ prefix: 'origin_', keyColumns: { code: 'origin' } }), reference({ features: ['gate'], prefix: 'to_' }));
  expect(features).toEqual(['origin_late_share', 'origin_flights', 'origin_gate', 'to_gate']);
  expect(from).toMatchObject({ keys: ['origin'], features: [{ as: 'origin_late_share' }, { as: 'origin_flights' }, { as: 'origin_gate' }] });
  expect(to).toMatchObject({ keys: ['code'], features: [{ as: 'to_gate', feature: latest }] });
});

it.each([
  [[reference({ view: 'arrivals' })], 'features[0]: feature view "arrivals" does not exist'],
  [[reference({ features: ['late'] })], 'features[0]: feature view "departures" has no feature "late"'],
  [[reference(), reference({ features: ['gate'] })], 'features[1]: two features are called "gate"; give one a prefix'],
  [[reference({ keyColumns: { airport: 'origin' } })], 'features[0]: feature view "departures" has no key "airport"'],
])('refuses a service with the references %o', (references, why) => {
  expect(() => resolve(...references)).toThrow(`featureServices/late is wrong at ${why}.`);
});
