import { DerivedColumn_Comparison, Feature_Aggregation } from '@millrace/contracts/millrace/features/v1/feature_view';
import { ColumnType } from '@millrace/contracts/millrace/type/v1/schema';
import type { Table } from '@millrace/contracts/millrace/type/v1/value';
import type { Home } from '../home/home.js';
import { columns, ingest } from './dirty.js';

const HOURS = 24;
const seconds = (value: number) => ({ seconds: BigInt(value), nanos: 0 });
const HOUR_S = 3_600;

/** An hour of the day of the trips. */
export const hour = (number: number): Date => new Date(Date.UTC(2001, 0, 1, number));

/** Trips that land an hour and a half after they began; those of even hours are late. */
export const TRIPS_VIEW = {
  name: 'featureViews/trips',
  entity: 'entities/port',
  dataset: 'datasets/trips',
  joinKeyColumns: { port: 'origin' },
  eventTimeColumn: 'date',
  knowledgeTime: { delay: seconds(1_800), terms: [{ column: 'distance', microsecondsPerUnit: 7_500_000 }, { column: 'delay', microsecondsPerUnit: 60_000_000 }] },
  ttl: seconds(12 * HOUR_S),
  derivedColumns: [{ name: 'late', source: 'delay', comparison: DerivedColumn_Comparison.GREATER, threshold: 15 }],
  features: [
    { name: 'late_share', column: 'late', aggregation: Feature_Aggregation.MEAN, window: seconds(6 * HOUR_S) },
    { name: 'flights', aggregation: Feature_Aggregation.COUNT, window: seconds(6 * HOUR_S) },
    { name: 'last_delay', column: 'delay', aggregation: Feature_Aggregation.LATEST },
  ],
};

/** The dataset, the entity, the view and the service of the trips. */
export interface Trips {
  readonly version: string;
  readonly service: string;
}

export async function makeTrips(home: Home): Promise<Trips> {
  const rows = Array.from({ length: HOURS }, (_, i) => `${hour(i).toISOString()},${i % 2 === 0 ? '20,320' : '0,480'},ATL`);
  const types = columns({ date: ColumnType.TIMESTAMP, delay: ColumnType.INT64, distance: ColumnType.INT64, origin: ColumnType.STRING });
  const { datasetVersion: version } = await ingest(home, { dataset: 'datasets/trips', source: { path: await home.source('trips.csv', `date,delay,distance,origin\n${rows.join('\n')}\n`) }, contract: { columns: types, eventTime: 'date' } });
  await home.features.applyEntity({ entity: { name: 'entities/port', joinKeys: [{ name: 'port', type: ColumnType.STRING }] } });
  await home.features.applyFeatureView({ featureView: TRIPS_VIEW });
  const service = 'featureServices/trips';
  await home.features.applyFeatureService({ featureService: { name: service, features: [{ featureView: 'featureViews/trips', prefix: 'origin_', keyColumns: { port: 'origin' } }] } });
  return { version, service };
}

/** Rows of late trips, as they are pushed. */
export const pushed = (...hours: readonly number[]): Table => ({
  rows: hours.length,
  columns: [
    { name: 'date', missing: [], cells: { kind: { $case: 'timestamps', value: { values: hours.map((number) => BigInt(hour(number).getTime()) * 1000n) } } } },
    { name: 'delay', missing: [], cells: { kind: { $case: 'int64s', value: { values: hours.map(() => 20n) } } } },
    { name: 'distance', missing: [], cells: { kind: { $case: 'int64s', value: { values: hours.map(() => 320n) } } } },
    { name: 'origin', missing: [], cells: { kind: { $case: 'strings', value: { values: hours.map(() => 'ATL') } } } },
  ],
});
