import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Home, startAll } from './start-all.js';
import { fromFiles, healthOf, type Message, reflectionOf, strangerOf } from './stranger-client.js';

const REGISTRY = 'millrace.registry.v1.RegistryService';
const INGESTION = 'millrace.ingestion.v1.IngestionService';
const SERVICES = ['archive.v1.ArchiveService', 'events.v1.DeadLetterService', 'features.v1.FeatureStoreService', 'inference.v1.InferenceService', 'ingestion.v1.IngestionService', 'monitor.v1.MonitorService', 'pipelines.v1.PipelinesService', 'registry.v1.RegistryService', 'trainer.v1.TrainerService'].map((name) => `millrace.${name}`);
const NOT_FOUND = 5;

let home: Home;
beforeAll(async () => {
  home = await startAll();
  writeFileSync(join(home.directory, 'rivers.csv'), 'river,length,seen\nAare,291,2001-04-01T05:06:07Z\nReuss,164,2001-04-02T05:06:07Z\nLimmat,35,2001-04-03T05:06:07Z\n');
});
afterAll(() => home.close());

describe.each([
  { knows: 'the .proto files', mapOf: (entries: Message): unknown => entries, describeService: async (service: string) => fromFiles(service === REGISTRY ? 'millrace/registry/v1/registry_service.proto' : 'millrace/ingestion/v1/ingestion_service.proto') },
  // proto-loader reads a map of a descriptor as what it is on the wire: a list of entries.
  { knows: 'server reflection', mapOf: (entries: Message): unknown => Object.entries(entries).map(([key, value]) => ({ key, value })), describeService: async (service: string) => reflectionOf(home.grpcAddress).describe(service) },
])('a stranger who knows only $knows', ({ knows, mapOf, describeService }) => {
  const name = knows.replaceAll(/[^a-z]+/g, '-').replaceAll(/^-|-$/g, '');

  it('logs a run in the registry and reads it back', async () => {
    const registry = strangerOf(await describeService(REGISTRY), REGISTRY, home.grpcAddress);
    const experiment = await registry.call('CreateExperiment', { experiment: { name: `experiments/${name}`, description: 'by a stranger' } });
    expect(experiment).toMatchObject({ name: `experiments/${name}`, description: 'by a stranger' });
    const run = await registry.call('CreateRun', { parent: experiment['name'], run: { display_name: 'first', params: mapOf({ depth: '6' }) } });
    await registry.call('LogRun', { name: run['name'], metrics: [{ key: 'loss', step: '1', value: 0.5, time: { seconds: '986101567', nanos: 0 } }] });
    await registry.call('FinishRun', { name: run['name'], state: 'STATE_SUCCEEDED' });
    expect(await registry.call('GetRun', { name: run['name'] })).toMatchObject({ display_name: 'first', state: 'STATE_SUCCEEDED', params: mapOf({ depth: '6' }), metrics: mapOf({ loss: 0.5 }) });
    expect(await registry.call('ListMetricPoints', { parent: run['name'], key: 'loss' })).toMatchObject({ metric_points: [{ key: 'loss', step: '1', value: 0.5, time: { seconds: '986101567' } }] });
    await expect(registry.call('GetRun', { name: `experiments/${name}/runs/none` })).rejects.toMatchObject({ code: NOT_FOUND, details: expect.stringContaining('does not exist') });
    registry.close();
  });

  it('ingests a file, follows the job to its end, and reads the version that it made', async () => {
    const ingestion = strangerOf(await describeService(INGESTION), INGESTION, home.grpcAddress);
    const run = await ingestion.call('CreateIngestionRun', {
      request_id: name,
      ingestion_run: { dataset: `datasets/${name}`, source: { path: join(home.directory, 'rivers.csv') }, contract: { event_time: 'seen' }, mode: 'MODE_REPLACE' },
    });
    const states = await ingestion.read('WatchIngestionRun', { name: run['name'] });
    expect((states.at(-1)?.['status'] as Message)['state']).toBe('JOB_STATE_SUCCEEDED');
    expect(await ingestion.call('GetDatasetVersion', { name: `datasets/${name}/versions/latest` })).toMatchObject({
      rows: '3',
      event_time_column: 'seen',
      counts: { read: '3', kept: '3', duplicates: '0', quarantined: '0' },
      schema: { columns: [{ name: 'river', type: 'COLUMN_TYPE_STRING' }, { name: 'length', type: 'COLUMN_TYPE_INT64' }, { name: 'seen', type: 'COLUMN_TYPE_TIMESTAMP' }] },
    });
    // The same request again is the same run.
    expect((await ingestion.call('CreateIngestionRun', { request_id: name, ingestion_run: { dataset: `datasets/${name}`, source: { path: join(home.directory, 'rivers.csv') }, mode: 'MODE_REPLACE' } }))['name']).toBe(run['name']);
    ingestion.close();
  });
});

it('is told by server reflection which services there are', async () => {
  expect([...(await reflectionOf(home.grpcAddress).listServices())].sort()).toEqual(SERVICES);
});

it('is told the health of each service and of the whole server', async () => {
  for (const service of ['', ...SERVICES]) expect(await healthOf(home.grpcAddress, service)).toBe('SERVING');
  await expect(healthOf(home.grpcAddress, 'millrace.bakery.v1.BakeryService')).rejects.toMatchObject({ code: NOT_FOUND });
});

it('probes and measures the server by plain HTTP', async () => {
  for (const [path, status] of [['/healthz', 'ok'], ['/readyz', 'ready']] as const) {
    const response = await fetch(`${home.httpAddress}${path}`);
    expect([response.status, await response.json()]).toEqual([200, { status }]);
  }
  const metrics = await fetch(`${home.httpAddress}/metrics`);
  expect(metrics.headers.get('content-type')).toMatch(/^text\/plain/);
  expect(await metrics.text()).toMatch(/^millrace_rpc_server_duration_seconds_count\{service="millrace\.registry\.v1\.RegistryService",method="GetRun",transport="grpc",code="NOT_FOUND"\} 2$/m);
});
