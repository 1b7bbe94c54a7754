import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkLeaks } from './check-leaks.js';
import { knownAfterEvent } from './file-schema.js';
import { parseFile } from './parse-file.js';

const FLIGHTS = readFileSync(new URL('../../../../examples/flights/millrace.yaml', import.meta.url), 'utf8');
const KNOWLEDGE = / {4}knowledge_time:\n( {6}.*\n)+/g;

interface Parts {
  readonly knowledge?: string;
  readonly features?: string;
  readonly source?: string;
  readonly keys?: string;
  readonly lookup?: string;
  readonly service?: string;
  readonly training?: string;
  readonly columns?: string;
  readonly split?: string;
}

const file = ({ knowledge = '', features = 'mean_delay: { mean: delay, window: 3h }', source = 'flights', keys = 'airport: origin', lookup = 'airport: origin', service = '', training = 'labels: { late: { column: delay, greater_than: 15 } }', columns = '', split = 'evaluate: 7d, train: 21d' }: Parts = {}) => `millrace: 1
pipeline: late
sources:
  flights: { path: flights.csv, contract: { event_time: date, columns: { date: { type: TIMESTAMP }, delay: { type: INT64 }, taxi: { type: INT64, known: after_event }, origin: { type: STRING }, distance: { type: INT64 }${columns} } } }
  twin: { path: ./flights.csv, contract: { event_time: date, columns: { date: { type: TIMESTAMP }, minutes: { type: INT64, source_name: delay }, origin: { type: STRING } } } }
  weather: { path: weather.csv, contract: { event_time: date, columns: { date: { type: TIMESTAMP }, delay: { type: INT64 }, origin: { type: STRING } } } }
entities:
  airport: { join_keys: { airport: STRING } }
feature_views:
  departures:
    entity: airport
    source: ${source}
    keys: { ${keys} }
    event_time: date
    ${knowledge}
    derive: { slow: { column: delay, greater_than: 60 }, far: { column: distance, greater_than: 900 } }
    features: { ${features} }
feature_services:
  late: [{ view: departures, prefix: origin_, keys: { ${lookup} }${service} }]
training: { spine: flights, features: late, target: late, split: { ${split} }, ${training} }
plan: { features: [distance] }
ladder: [{ name: dummy, estimator: dummy }]
register: { model: late }
`;
const check = (parts: Parts = {}) => () => checkLeaks(parseFile(file(parts)).file);
const END = 'feature_services.late → training.features';

describe('a feature view', () => {
  it.each([
    { title: 'means a label column', parts: {}, edge: `delay → feature_views.departures.mean_delay → ${END}` },
    { title: 'sums it', parts: { features: 'x: { sum: delay, window: 3h }' }, edge: `delay → feature_views.departures.x → ${END}` },
    ...['latest: delay', 'latest_present: delay', 'previous: delay, steps: 2', 'difference: delay'].map((made) => ({ title: `takes its ${made}`, parts: { features: `x: { ${made} }` }, edge: `delay → feature_views.departures.x → ${END}` })),
    { title: 'derives from it', parts: { features: 'x: { mean: slow, window: 3h }' }, edge: `delay → feature_views.departures.derive.slow → feature_views.departures.x → ${END}` },
    { title: 'says nothing in its knowledge time', parts: { knowledge: 'knowledge_time: {}' }, edge: `delay → feature_views.departures.mean_delay → ${END}` },
    { title: 'reads the same file under another name', parts: { source: 'twin', features: 'x: { max: minutes, window: 3h }' }, edge: `minutes → feature_views.departures.x → ${END}` },
    { title: 'reads what the contract says to come late', parts: { features: 'x: { mean: taxi, window: 3h }' }, edge: `taxi → feature_views.departures.x → ${END}` },
    { title: 'is kept by a label column', parts: { features: 'x: { count: true, window: 3h }', keys: 'airport: delay' }, edge: `delay → feature_views.departures.keys.airport → ${END}` },
    { title: 'means a target that no label makes', parts: { training: 'labels: {}', columns: ', late: { type: INT64 }', features: 'x: { mean: late, window: 3h }' }, edge: `late → feature_views.departures.x → ${END}` },
  ])('that $title, without saying when it is known, is refused', ({ parts, edge }) => {
    expect(check(parts)).toThrow(expect.objectContaining({ code: 'FAILED_PRECONDITION', reason: 'VIEW_LEAKS_FUTURE', metadata: expect.objectContaining({ edge, view: 'departures' }) }));
    expect(check(parts)).toThrow('say under feature_views.departures.knowledge_time when it becomes known ("delay: 0s" says that it is known at once).');
  });

  it.each([
    { title: 'says when the column is known', parts: { knowledge: 'knowledge_time: { delay: 30m, terms: { delay: 1m } }' } },
    { title: 'says that it is known at once', parts: { knowledge: 'knowledge_time: { delay: 0s }' } },
    { title: 'takes the latest that is known an hour later', parts: { knowledge: 'knowledge_time: { delay: 1h }', features: 'x: { latest: delay }' } },
    { title: 'counts rows', parts: { features: 'x: { count: true, window: 3h }' } },
    { title: 'reads another column', parts: { features: 'x: { mean: far, window: 3h }' } },
    { title: 'leaves the column out of the service', parts: { features: 'mean_delay: { mean: delay, window: 3h }, flights: { count: true, window: 3h }', service: ', features: [flights]' } },
    { title: 'reads a column of that name from elsewhere', parts: { source: 'weather' } },
  ])('that $title is taken', ({ parts }) => expect(check(parts)).not.toThrow());

  it('that holds the outcome of the very row is refused', () => {
    for (const knowledge of ['knowledge_time: { delay: 0s }', 'knowledge_time: { column: date }']) {
      // What an earlier event had is not the row's own.
      expect(check({ knowledge, features: 'x: { previous: delay }' })).not.toThrow();
      for (const made of ['latest', 'latest_present', 'difference']) expect(check({ knowledge, features: `x: { ${made}: delay }` })).toThrow(expect.objectContaining({ reason: 'VIEW_SEES_OWN_ROW', metadata: { edge: `delay → feature_views.departures.x → ${END}`, column: 'delay', view: 'departures' } }));
    }
  });

  it('that is looked up by an outcome is refused', () => {
    const knowledge = 'knowledge_time: { delay: 1h }';
    expect(check({ knowledge, lookup: 'airport: delay' })).toThrow('Refused: delay → feature_services.late.departures.keys.airport → training.features: features are looked up by "delay"');
    expect(check({ knowledge, lookup: 'airport: late' })).toThrow(expect.objectContaining({ reason: 'KEY_LEAKS_FUTURE' }));
  });
});

describe('a view on demand', () => {
  const onDemand = ({ request = 'distance: INT64', formula = 'distance', reads = '', keys = '{}', parts = {} }: { readonly request?: string; readonly formula?: string; readonly reads?: string; readonly keys?: string; readonly parts?: Parts }) => () =>
    checkLeaks(parseFile(file(parts).replace('feature_services:\n  late: [', `on_demand_views:\n  asked: { request: { ${request} }, reads: [${reads}], formulas: { x: "${formula}", y: 2 * distance } }\nfeature_services:\n  late: [{ view: asked, features: [x], keys: ${keys} }, `).replace('prefix: origin_,', 'features: [flights],').replace('features: { mean_delay', 'features: { flights: { count: true, window: 3h }, mean_delay').replace('distance: INT64, distance: INT64', 'distance: INT64')).file);
  const beyond = 'on_demand_views.asked.formulas.x → feature_services.late → training.features';

  it.each([
    { title: 'takes the outcome from a request', parts: { request: 'distance: INT64, delay: INT64', formula: 'delay - distance' }, reason: 'REQUEST_LEAKS_FUTURE', edge: `delay → on_demand_views.asked.request.delay → ${beyond}` },
    { title: 'takes it under another name', parts: { request: 'distance: INT64, wait: INT64', formula: 'wait', keys: '{ wait: taxi }' }, reason: 'REQUEST_LEAKS_FUTURE', edge: `taxi → on_demand_views.asked.request.wait → ${beyond}` },
    { title: 'reads a view that means it at once', parts: { reads: '{ view: departures, prefix: of_ }', formula: 'of_mean_delay / distance' }, reason: 'VIEW_LEAKS_FUTURE', edge: `delay → feature_views.departures.mean_delay → ${beyond}` },
    { title: 'looks a view up by it', parts: { reads: '{ view: departures, prefix: of_, keys: { airport: port } }', keys: '{ port: delay }', formula: 'of_flights' }, reason: 'KEY_LEAKS_FUTURE', edge: `delay → on_demand_views.asked.reads.departures.keys.airport → ${beyond}` },
  ])('that $title is refused', ({ parts, reason, edge }) => expect(onDemand(parts)).toThrow(expect.objectContaining({ code: 'FAILED_PRECONDITION', reason, metadata: expect.objectContaining({ edge }) })));

  it.each([
    { title: 'takes what is known', parts: {} },
    { title: 'names the outcome and does not read it', parts: { request: 'distance: INT64, delay: INT64' } },
    { title: 'reads a view that waits until it is known', parts: { reads: '{ view: departures, prefix: of_ }', formula: 'of_mean_delay / distance', parts: { knowledge: 'knowledge_time: { delay: 1h }' } } },
    { title: 'reads of such a view what means nothing late', parts: { reads: '{ view: departures, prefix: of_ }', formula: 'of_flights / distance' } },
  ])('that $title is taken', ({ parts }) => expect(onDemand(parts)).not.toThrow());
});

describe('a split', () => {
  it.each(['delay', 'late', 'taxi'])('by %s, which says what happened, is refused', (column) => {
    expect(check({ knowledge: 'knowledge_time: { delay: 1h }', split: `by: group, column: ${column}, evaluate: 0.2` })).toThrow(expect.objectContaining({ reason: 'SPLIT_LEAKS_TARGET', metadata: { edge: `${column} → training.split.column`, column } }));
  });

  it('by what is known before is taken', () => expect(check({ knowledge: 'knowledge_time: { delay: 1h }', split: 'by: group, column: origin, evaluate: 0.2' })).not.toThrow());
});

describe('the flights of the example', () => {
  it('leak as soon as one of their views forgets when a delay is known', () => {
    expect(() => checkLeaks(parseFile(FLIGHTS).file)).not.toThrow();
    expect(() => checkLeaks(parseFile(FLIGHTS.replace(KNOWLEDGE, '')).file)).toThrow('Refused: delay → feature_views.departures.derive.late → feature_views.departures.late_share_3h → feature_services.late-flights → training.features: "delay" is known');
  });
});

it('knows late columns by every name that the contract gives them', () => {
  const copied = parseFile(file({ columns: ', minutes: { type: INT64, source_name: delay }' })).file;
  expect(knownAfterEvent(copied)).toEqual(['late', 'delay', 'taxi', 'minutes']);
});
