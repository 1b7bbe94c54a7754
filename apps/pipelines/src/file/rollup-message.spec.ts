import { RollupColumn_Fold as Fold } from '@millrace/contracts/millrace/ingestion/v1/ingestion_run';
import { describe, expect, it } from 'vitest';
import { stepsOf } from '../pipeline.js';
import { checkLeaks } from './check-leaks.js';
import { lateColumns } from './late-columns.js';
import { parseFile } from './parse-file.js';
import { rollupMessage } from './rollup-message.js';
import { sourceColumns } from './source-columns.js';

const file = ({ of = 'hourly', columns = 'most: { max: flights }', time = 'until', by = '[origin]' } = {}): string => `millrace: 1
pipeline: late
sources:
  daily: { rollup: { of: ${of}, every: 1d, columns: { ${columns} } }, contract: { event_time: ${time} } }
  hourly:
    rollup:
      of: flights
      by: ${by}
      every: 90m
      columns: { flights: { count: true }, timed: { count: delay }, p95: { quantile: distance, share: 0.95 }, mean_delay: { mean: delay } }
    contract: { event_time: until }
  flights:
    path: flights.csv
    contract:
      event_time: date
      columns: { date: { type: TIMESTAMP }, origin: { type: STRING }, distance: { type: INT64 }, delay: { type: INT64, known: after_event } }
training:
  spine: flights
  target: delay
  split: { evaluate: 31d, train: 59d }
plan: { features: [distance] }
ladder: [{ name: dummy, estimator: dummy }]
register: { model: late }
`;

describe('a rollup of a file', () => {
  it('is said to ingestion as it stands there, of one version', () => {
    const { hourly } = parseFile(file()).file.sources;
    if (!hourly?.rollup) throw new Error('there is no rollup');
    expect(rollupMessage(hourly.rollup, 'datasets/flights/versions/3')).toEqual({
      datasetVersion: 'datasets/flights/versions/3',
      by: ['origin'],
      every: { seconds: 5_400n, nanos: 0 },
      columns: [
        { name: 'flights', fold: Fold.COUNT, column: '', share: 0 },
        { name: 'timed', fold: Fold.COUNT, column: 'delay', share: 0 },
        { name: 'p95', fold: Fold.QUANTILE, column: 'distance', share: 0.95 },
        { name: 'mean_delay', fold: Fold.MEAN, column: 'delay', share: 0 },
      ],
    });
  });

  it('is made after what it is made from, wherever it stands', () => {
    const ingests = stepsOf(parseFile(file()).file).filter(({ kind }) => kind === 'ingest');
    expect(ingests.map(({ id, needs }) => [id, needs])).toEqual([['ingest-flights', []], ['ingest-hourly', ['ingest-flights']], ['ingest-daily', ['ingest-hourly']]]);
  });

  it('knows its figures of outcomes as late as the outcomes, through every rollup', () => {
    const { file: parsed } = parseFile(file({ columns: 'most: { max: flights }, worst: { max: mean_delay }' }));
    expect([...lateColumns(parsed, 'hourly')].sort()).toEqual(['mean_delay', 'timed']);
    expect([...lateColumns(parsed, 'daily')]).toEqual(['worst']);
  });

  it('has the types of its figures, through every rollup', () => {
    const { file: parsed } = parseFile(file({ columns: 'most: { max: flights }, worst: { max: mean_delay }, airports: { distinct: origin }' }));
    const types = (source: string) => sourceColumns(parsed, source).map(({ name, type }) => `${name} ${type}`);
    expect(types('hourly')).toEqual(['origin STRING', 'since TIMESTAMP', 'until TIMESTAMP', 'flights INT64', 'timed INT64', 'p95 FLOAT64', 'mean_delay FLOAT64']);
    expect(types('daily')).toEqual(['since TIMESTAMP', 'until TIMESTAMP', 'most INT64', 'worst FLOAT64', 'airports INT64']);
  });

  it.each([
    [{ of: 'nobody' }, 'sources.daily.rollup.of: there is no source "nobody"'],
    [{ of: 'daily' }, 'sources.daily.rollup.of: it is rolled up from itself'],
    [{ columns: 'most: { max: town }' }, 'sources.daily.rollup: the source "hourly" has no column "town"'],
    [{ by: '[town]' }, 'sources.hourly.rollup: the source "flights" has no column "town"'],
    [{ time: 'date' }, 'sources.daily.contract.event_time: a rollup has the times "since" and "until"'],
    [{ columns: 'most: { max: flights, min: flights }' }, 'sources.daily.rollup.columns.most: must have exactly one of count, sum'],
    [{ columns: 'most: { quantile: flights }' }, 'sources.daily.rollup.columns.most: needs a share for quantile, and for it alone'],
    [{ columns: 'most: { max: flights, share: 0.5 }' }, 'sources.daily.rollup.columns.most: needs a share for quantile, and for it alone'],
  ])('is refused: %j', (change, why) => expect(() => parseFile(file(change))).toThrow(why));

  it('lends a formula the types of its figures, and a request what it has', () => {
    const busy = 'entities: { airport: { join_keys: { airport: STRING } } }\nfeature_views:\n  busy: { entity: airport, source: hourly, keys: { airport: origin }, event_time: until, features: { port: { latest: origin }, flights: { latest: flights } } }\n';
    const onDemand = (formula: string): string => `${file()}${busy}on_demand_views:\n  shares: { reads: [{ view: busy }], formulas: { share: ${formula} } }\n`;
    expect(() => parseFile(onDemand('flights / 2'))).not.toThrow();
    expect(() => parseFile(onDemand('port / 2'))).toThrow('on_demand_views.shares.formulas.share: at character 1 of the formula: a number is needed');
    const asked = (column: string): string => `${file().replace('spine: flights', 'spine: hourly\n  features: all').replace('target: delay', 'target: mean_delay')}on_demand_views:\n  shares: { request: { ${column}: FLOAT64 }, formulas: { share: ${column} / 2 } }\nfeature_services: { all: [{ view: shares }] }\n`;
    expect(() => parseFile(asked('p95'))).not.toThrow();
    expect(() => parseFile(asked('p99'))).toThrow('training takes it from the source "hourly", which has no column "p99"');
  });

  it('is refused where a formula reads it before its window has ended', () => {
    const leaky = (time: string): string => `${file().replace('spine: flights', 'spine: flights\n  features: all')}entities: { airport: { join_keys: { airport: STRING } } }
feature_views:
  busy: { entity: airport, source: hourly, keys: { airport: origin }, event_time: ${time}, features: { flights: { latest: flights } } }
on_demand_views:
  shares: { reads: [{ view: busy, keys: { airport: origin } }], formulas: { share: flights / 2 } }
feature_services: { all: [{ view: shares }] }
`;
    expect(() => checkLeaks(parseFile(leaky('until')).file)).not.toThrow();
    expect(() => checkLeaks(parseFile(leaky('since')).file)).toThrow('Refused: since → feature_views.busy.event_time → on_demand_views.shares.formulas.share → feature_services.all → training.features: a row of the rollup "hourly" is taken as known before its window has ended');
  });
});
