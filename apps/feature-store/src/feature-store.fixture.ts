import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FeatureStoreServiceDefinition } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import { DerivedColumn_Comparison, Feature_Aggregation } from '@millrace/contracts/millrace/features/v1/feature_view';
import { ColumnType } from '@millrace/contracts/millrace/type/v1/schema';
import { openLocalObjects } from '@millrace/objects';
import { connect, type PartialRequestOf } from '@millrace/rpc';
import { type Running, runServices } from '@millrace/service';
import { openTables } from '@millrace/tables';
import { afterAll, afterEach, beforeEach } from 'vitest';
import { featureStoreService } from './index.js';
import { addVersion, ingestionStandIn, type Versions } from './ingestion.fixture.js';

/** In seconds. */
export const HOUR = 3_600;
const SCHEMA = [
  { name: 'date', type: 'TIMESTAMP', nullable: false },
  { name: 'delay', type: 'INT64', nullable: false },
  { name: 'distance', type: 'INT64', nullable: false },
  { name: 'origin', type: 'STRING', nullable: false },
] as const;
/** An hour of the first day. */
export const at = (hour: number): Date => new Date(Date.UTC(2001, 0, 1, hour));

export type ViewMessage = NonNullable<PartialRequestOf<typeof FeatureStoreServiceDefinition.methods.applyFeatureView>['featureView']>;
/** Departures of the flights, by airport. */
export const VIEW: ViewMessage = {
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

type Connection = ReturnType<typeof connect<typeof FeatureStoreServiceDefinition>>;

/** A feature store beside a stand-in for ingestion; what it keeps outlasts a restart. */
class FeatureStore {
  private readonly versions: Versions = new Map();
  private started: { readonly running: Running; readonly client: Connection } | undefined;

  constructor(readonly directory: string) {}

  get client(): Connection {
    return this.#now.client;
  }

  get running(): Running {
    return this.#now.running;
  }

  async start(): Promise<void> {
    const running = await runServices([featureStoreService, ingestionStandIn(this.versions)], { env: { MILLRACE_DATA_DIR: this.directory, MILLRACE_GRPC_PORT: '0', MILLRACE_HTTP_PORT: '0', MILLRACE_FEATURES_MEMORY: '300MB', LOG_LEVEL: 'silent' } });
    this.started = { running, client: connect(FeatureStoreServiceDefinition, running.grpcAddress) };
  }

  async stop(): Promise<void> {
    this.client.close();
    await this.running.close();
  }

  async define(): Promise<void> {
    await this.client.applyEntity({ entity: { name: 'entities/airport', joinKeys: [{ name: 'airport', type: ColumnType.STRING }] } });
    await this.client.applyFeatureView({ featureView: VIEW });
    await this.client.applyFeatureService({ featureService: { name: 'featureServices/late', features: [{ featureView: 'featureViews/departures', prefix: 'origin_', keyColumns: { airport: 'origin' } }] } });
  }

  /** A real Parquet object as the next version of the flights: one flight an hour, each landing an hour and a half later. */
  async ingest(hours: number): Promise<string> {
    const objects = await openLocalObjects(join(this.directory, 'objects'));
    const tables = await openTables({ objects, tempDir: this.directory, threads: 1, memoryLimit: '200MB' });
    try {
      const { ref } = await tables.writeParquet(`SELECT TIMESTAMP '2001-01-01' + INTERVAL (h) HOUR AS date, CASE WHEN h % 2 = 0 THEN 20 ELSE 0 END::BIGINT AS delay, CASE WHEN h % 2 = 0 THEN 320 ELSE 480 END::BIGINT AS distance, 'ATL' AS origin FROM range(${hours}) t(h) ORDER BY h`);
      return addVersion(this.versions, 'flights', { object: ref, schema: SCHEMA, eventTime: 'date' });
    } finally {
      await tables.close();
    }
  }

  /** The features of one airport at an hour, as [value, status] by name. */
  async featuresOf(airport: string, hour: number): Promise<Record<string, readonly [unknown, string | undefined]>> {
    const { features, vectors } = await this.client.getOnlineFeatures({ featureService: 'featureServices/late', keys: keys(airport), time: at(hour) });
    return Object.fromEntries(features.map((name, i) => [name, [vectors[0]?.values[i]?.kind?.value, vectors[0]?.statuses[i]] as const]));
  }

  get #now() {
    if (!this.started) throw new Error('The feature store has not started.');
    return this.started;
  }
}

/** A feature store in a directory that goes with the spec, started for each of its tests. */
export function useFeatureStore(): FeatureStore {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-feature-store-'));
  const store = new FeatureStore(directory);
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  beforeEach(() => store.start());
  afterEach(() => store.stop());
  return store;
}

/** Airports to ask for. */
export const keys = (...airports: readonly string[]) => airports.map((origin) => ({ values: { origin: { kind: { $case: 'stringValue', value: origin } } as const } }));

/** One flight in each of these hours, as rows to push. */
export const flights = (...hours: readonly number[]) => ({
  rows: hours.length,
  columns: [
    { name: 'date', cells: { kind: { $case: 'timestamps', value: { values: hours.map((hour) => BigInt(at(hour).getTime()) * 1000n) } } as const } },
    { name: 'delay', cells: { kind: { $case: 'int64s', value: { values: hours.map(() => 20n) } } as const } },
    { name: 'distance', cells: { kind: { $case: 'int64s', value: { values: hours.map(() => 320n) } } as const } },
    { name: 'origin', cells: { kind: { $case: 'strings', value: { values: hours.map(() => 'ATL') } } as const } },
  ],
});
