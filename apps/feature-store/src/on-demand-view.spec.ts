import type { Schema } from '@millrace/core';
import { expect, it } from 'vitest';
import { requestColumns, resolveService } from './feature-service.js';
import type { FeatureView } from './feature-view.js';
import { checkOnDemand, type AnyView, type OnDemandDraft } from './on-demand-view.js';

const HOUR = 3_600_000_000;
const view: FeatureView = {
  view: 'departures', description: '', entity: 'airport', dataset: 'flights', keyColumns: ['origin'], joinKeys: ['airport'], eventTime: 'date', knowledge: { column: '', delay: 0, terms: [] }, ttl: 0, tile: HOUR,
  derived: [{ name: 'late', source: 'delay', comparison: 'GREATER', threshold: 15 }],
  features: [
    { name: 'mean_delay', column: 'delay', aggregation: 'MEAN', window: HOUR },
    { name: 'flights', column: '', aggregation: 'COUNT', window: HOUR },
    { name: 'gate', column: 'gate', aggregation: 'LATEST', window: 0 },
    { name: 'was_late', column: 'late', aggregation: 'LATEST', window: 0 },
  ],
};
const SCHEMA: Schema = [{ name: 'gate', type: 'STRING', nullable: true }];
const PACE: OnDemandDraft = {
  view: 'pace',
  description: '',
  request: [{ name: 'distance', type: 'INT64' }, { name: 'leaves', type: 'TIMESTAMP' }],
  inputs: [{ view: 'departures', features: [], prefix: 'origin_', keyColumns: { airport: 'origin' } }],
  features: [{ name: 'delay_a_mile', formula: 'origin_mean_delay / distance' }, { name: 'gate_hour', formula: "origin_gate || '@'" }, { name: 'busy', formula: 'origin_flights > 20 and hour(leaves) < 9' }],
};
const asked: string[] = [];
const schemaOf = async ({ view: name }: FeatureView) => {
  asked.push(name);
  return SCHEMA;
};
const check = (change: Partial<OnDemandDraft> = {}, views: readonly AnyView[] = [view]) => checkOnDemand({ ...PACE, ...change }, new Map(views.map((each) => [each.view, each])), schemaOf);
const formula = (text: string) => ({ features: [{ name: 'x', formula: text }] });

it('types what it makes before anything runs, and looks at data only where a latest value is read', async () => {
  const pace = await check();
  expect(pace.features.map(({ name, type }) => [name, type])).toEqual([['delay_a_mile', 'FLOAT64'], ['gate_hour', 'STRING'], ['busy', 'FLOAT64']]);
  expect(pace.inputTypes).toEqual({ origin_mean_delay: 'FLOAT64', origin_flights: 'FLOAT64', origin_gate: 'STRING', origin_was_late: 'FLOAT64' });
  expect(asked.splice(0)).toEqual(['departures']);
  await check({ inputs: [{ view: 'departures', features: ['flights', 'was_late'], prefix: '', keyColumns: {} }], features: [{ name: 'x', formula: 'flights * was_late' }] });
  expect(asked).toEqual([]);
});

it.each<[string, Partial<OnDemandDraft>, string]>([
  ['a name that is not there', formula('origin_mean_delay / miles'), 'features.x.formula: it reads "miles", which is neither a column of the request nor a feature that the view reads; there are: distance, leaves, origin_mean_delay, origin_flights, origin_gate, origin_was_late.'],
  ['types that do not go together', formula('origin_gate * 2'), 'features.x.formula: at character 1 of the formula: a number is needed and this is a text; put it in single quotes'.split('; put')[0] ?? ''],
  ['a time as a result', formula('leaves'), 'features.x.formula: at character 1 of the formula: a time is no result; take a part of it, such as hour(…).'],
  ['what is no formula', formula('distance *'), 'features.x.formula: at character 11 of the formula: it ends where'],
  ['no feature', { features: [] }, 'features: there is none.'],
  ['a feature twice', { features: [{ name: 'x', formula: 'distance' }, { name: 'x', formula: 'distance' }] }, 'features.x: the name stands twice.'],
  ['a name that no model can have', { features: [{ name: 'x y', formula: 'distance' }] }, 'features.x y: a name starts with a letter'],
  ['a view that is not there', { inputs: [{ view: 'arrivals', features: [], prefix: '', keyColumns: {} }] }, 'on_demand.features[0]: feature view "arrivals" does not exist.'],
  ['a feature that is not there', { inputs: [{ view: 'departures', features: ['late'], prefix: '', keyColumns: {} }] }, 'on_demand.features[0]: feature view "departures" has no feature "late".'],
  ['a key that is not there', { inputs: [{ view: 'departures', features: [], prefix: '', keyColumns: { port: 'origin' } }] }, 'on_demand.features[0]: feature view "departures" has no key "port".'],
  ['two columns of one name but for the case', { request: [{ name: 'Origin_Gate', type: 'STRING' }] }, 'on_demand.features[0]: two columns are called "origin_gate"; give one of them a prefix or another name.'],
])('refuses %s in one sentence', async (_, change, message) => {
  await expect(check(change)).rejects.toThrow(`featureViews/pace is wrong at ${message}`);
});

it('refuses to read another view on demand', async () => {
  const pace = await check();
  await expect(check({ view: 'more', inputs: [{ view: 'pace', features: [], prefix: '', keyColumns: {} }] }, [view, pace])).rejects.toThrow('featureViews/more is wrong at on_demand.features[0]: feature view "pace" is computed on demand itself; name the views that it reads.');
});

it('reads for a service only what its formulas need, each value once, by the columns that the service names', async () => {
  const views = new Map<string, AnyView>([['departures', view], ['pace', await check()]]);
  const service = resolveService(
    { service: 's', description: '', references: [{ view: 'pace', features: ['delay_a_mile', 'gate_hour'], prefix: 'x_', keyColumns: { distance: 'miles', origin: 'from' } }, { view: 'departures', features: ['mean_delay'], prefix: '', keyColumns: { airport: 'from' } }] },
    views,
  );
  expect(service.features).toEqual(['x_delay_a_mile', 'x_gate_hour', 'mean_delay']);
  expect(service.reads.map(({ keys, features }) => [keys, features.map(({ feature, as }) => [feature.name, as])])).toEqual([[['from'], [['mean_delay', 'mean_delay']]], [['from'], [['gate', '__millrace_read_0']]]]);
  expect(service.computed.map(({ columns }) => columns)).toEqual([[{ name: 'distance', type: 'INT64', request: 'miles' }, { name: 'origin_mean_delay', type: 'FLOAT64', read: 'mean_delay' }, { name: 'origin_gate', type: 'STRING', read: '__millrace_read_0' }]]);
  expect(requestColumns(service)).toEqual([{ name: 'miles', type: 'INT64' }]);
  expect(() => resolveService({ service: 's', description: '', references: [{ view: 'pace', features: [], prefix: '', keyColumns: { port: 'from' } }] }, views)).toThrow('featureServices/s is wrong at features[0]: feature view "pace" has no key "port".');
});
