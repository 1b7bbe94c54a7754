import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Feature_Aggregation } from '@millrace/contracts/millrace/features/v1/feature_view';
import { FeatureStoreServiceDefinition } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import { JobState } from '@millrace/contracts/millrace/type/v1/job';
import { ColumnType } from '@millrace/contracts/millrace/type/v1/schema';
import { openObjects } from '@millrace/objects';
import { type Client, connect } from '@millrace/rpc';
import { type Running, runServices } from '@millrace/service';
import { openTables } from '@millrace/tables';
import { type SharedServers, useSharedServers } from '@millrace/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { featureStoreService } from './index.js';
import { addVersion, ingestionStandIn, type Versions } from './ingestion.fixture.js';

const HOUR = 3_600n;
const at = (hour: number): Date => new Date(Date.UTC(2001, 0, 1, hour));
const VIEW = 'featureViews/departures';

let servers: SharedServers;
let dir: string;
const versions: Versions = new Map();
const instances: { readonly running: Running; readonly client: Client<typeof FeatureStoreServiceDefinition> & { close(): void } }[] = [];

async function start(name: string): Promise<void> {
  const running = await runServices([featureStoreService, ingestionStandIn(versions)], { env: { ...servers.env, MILLRACE_DATA_DIR: join(dir, name), MILLRACE_GRPC_PORT: '0', MILLRACE_HTTP_PORT: '0', MILLRACE_FEATURES_MEMORY: '300MB', LOG_LEVEL: 'silent' } });
  instances.push({ running, client: connect(FeatureStoreServiceDefinition, running.grpcAddress) });
}
const clientOf = (instance: number) => instances[instance]?.client ?? expect.fail();

beforeAll(async () => {
  servers = await useSharedServers();
  // The client of S3 reads them there.
  Object.assign(process.env, servers.env);
  dir = mkdtempSync(join(tmpdir(), 'millrace-feature-stores-'));
  await start('a');
  await start('b');
  const { MILLRACE_S3_BUCKET: bucket = '', MILLRACE_S3_ENDPOINT: endpoint = '', AWS_REGION: region = '' } = servers.env;
  const objects = await openObjects({ bucket: { bucket, region, prefix: '', endpoint }, cacheDirectory: join(dir, 'cache') });
  const tables = await openTables({ objects, tempDir: dir, threads: 1, memoryLimit: '200MB' });
  const { ref } = await tables.writeParquet("SELECT TIMESTAMP '2001-01-01' + INTERVAL (h) HOUR AS date, h::BIGINT AS delay, 'ATL' AS origin FROM range(24) t(h) ORDER BY h");
  await tables.close();
  addVersion(versions, 'flights', { object: ref, eventTime: 'date', schema: [{ name: 'date', type: 'TIMESTAMP', nullable: false }, { name: 'delay', type: 'INT64', nullable: false }, { name: 'origin', type: 'STRING', nullable: false }] });
  const client = clientOf(0);
  await client.applyEntity({ entity: { name: 'entities/airport', joinKeys: [{ name: 'airport', type: ColumnType.STRING }] } });
  await client.applyFeatureView({
    featureView: {
      name: VIEW,
      entity: 'entities/airport',
      dataset: 'datasets/flights',
      joinKeyColumns: { airport: 'origin' },
      eventTimeColumn: 'date',
      features: [{ name: 'flights', aggregation: Feature_Aggregation.COUNT, window: { seconds: 6n * HOUR, nanos: 0 } }, { name: 'last', column: 'delay', aggregation: Feature_Aggregation.LATEST }],
    },
  });
  await client.applyFeatureService({ featureService: { name: 'featureServices/late', features: [{ featureView: VIEW, keyColumns: { airport: 'origin' } }] } });
});
afterAll(async () => {
  for (const { running, client } of instances) {
    client.close();
    await running.close();
  }
  await servers.drop();
  rmSync(dir, { recursive: true, force: true });
});

async function materialize(instance: number, requestId: string): Promise<void> {
  const client = clientOf(instance);
  let last = await client.createMaterialization({ requestId, materialization: { featureView: VIEW, knownBefore: at(10) } });
  for await (const job of client.watchMaterialization({ name: last.name })) last = job;
  expect(last.status?.error).toBeUndefined();
  expect(last.status?.state).toBe(JobState.SUCCEEDED);
}

async function seen(instance: number, hour: number): Promise<readonly unknown[]> {
  const { vectors } = await clientOf(instance).getOnlineFeatures({ featureService: 'featureServices/late', keys: [{ values: { origin: { kind: { $case: 'stringValue', value: 'ATL' } } } }], time: at(hour) });
  return (vectors[0]?.values ?? []).map(({ kind }) => kind?.value);
}

const flight = (hour: number, delay: bigint) => ({
  rows: 1,
  columns: [
    { name: 'date', cells: { kind: { $case: 'timestamps', value: { values: Array.of(BigInt(at(hour).getTime()) * 1000n) } } as const } },
    { name: 'delay', cells: { kind: { $case: 'int64s', value: { values: Array.of(delay) } } as const } },
    { name: 'origin', cells: { kind: { $case: 'strings', value: { values: Array.of('ATL') } } as const } },
  ],
});

it('answers alike at both instances: materialised at one, pushed into at the other', async () => {
  await materialize(0, 'once');
  expect(await Promise.all([seen(0, 10), seen(1, 10)])).toEqual([[6n, 9n], [6n, 9n]]);
  await clientOf(1).pushRows([{ featureViews: [VIEW], table: flight(10, 77n), requestId: 'push' }]);
  expect(await Promise.all([seen(0, 11), seen(1, 11)])).toEqual([[6n, 77n], [6n, 77n]]);
  expect(await clientOf(0).pushRows([{ featureViews: [VIEW], table: flight(10, 77n), requestId: 'push' }])).toEqual({ rows: 0n, repeatedMessages: 1n });
});

it('makes lost values again by itself, though the materialisation that filled them is done and its request known', async () => {
  const { MILLRACE_REDIS_URL: url = '', MILLRACE_REDIS_PREFIX: prefix = '' } = servers.env;
  const redis = new Redis(url);
  await redis.del(await redis.keys(`${prefix}*`));
  redis.disconnect();
  const first = await Promise.all([seen(0, 11), seen(1, 11)]);
  for (const answer of first) expect([[undefined, undefined], [6n, 77n]]).toContainEqual(answer);
  await expect.poll(() => Promise.all([seen(0, 11), seen(1, 11)]), { timeout: 20_000 }).toEqual([[6n, 77n], [6n, 77n]]);
  const metrics = await Promise.all(instances.map(async ({ running }) => (await fetch(`${running.httpAddress}/metrics`)).text()));
  expect(metrics.join('\n')).toMatch(/millrace_online_views_restored_total\{view="departures"\} 1/);
  await materialize(1, 'again');
  expect(await seen(0, 11)).toEqual([6n, 77n]);
});
