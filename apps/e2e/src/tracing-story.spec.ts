import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { IngestionRun_Mode } from '@millrace/contracts/millrace/ingestion/v1/ingestion_run';
import { Firing_Decision } from '@millrace/contracts/millrace/pipelines/v1/trigger';
import { Outcome_Decision, type PipelineRun } from '@millrace/contracts/millrace/pipelines/v1/pipeline_run';
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from '@millrace/testing';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { ordersCsv, ordersFile } from './orders.fixture.js';
import { type Home, startAll } from './start-all.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const SOON = { timeout: 60_000, interval: 50 };

let receiver: OtlpReceiver;
let home: Home;
beforeAll(async () => {
  receiver = await startOtlpReceiver();
  home = await startAll({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint } });
});
afterAll(async () => {
  await home.close();
  await receiver.close();
});

it('goes on over HTTP with the trace of its caller', { timeout: 60_000 }, async () => {
  const asked = TRACE.replace('0af7', '1af7');
  expect((await fetch(`${home.httpAddress}/v1/models/none`, { headers: { traceparent: `00-${asked}-${PARENT}-01` } })).status).toBe(404);
  const found = () => receiver.spans.filter(({ traceId }) => traceId === asked);
  await vi.waitFor(() => expect(found().map(({ name }) => name).sort()).toEqual(['GET /v1/models/*', 'millrace.registry.v1.RegistryService/GetModel', 'millrace.registry.v1.RegistryService/GetModel']), SOON);
  expect(found().find(({ name }) => name.startsWith('GET'))?.parentSpanId).toBe(PARENT);
  expect(found().filter((span) => parentOf(found(), span) === undefined)).toHaveLength(1);
});

it('follows one trace from new data through calls, jobs, events and steps to the registered version', { timeout: 120_000 }, async () => {
  const { ingestion, pipelines, registry } = home.clients;
  writeFileSync(join(home.directory, 'orders.csv'), ordersCsv());
  await pipelines.applyPipeline({ source: ordersFile(), basePath: home.directory });
  await ingestion.createIngestionRun(
    { ingestionRun: { dataset: 'datasets/orders', source: { path: join(home.directory, 'orders.csv') }, contract: { eventTime: 'placed' }, mode: IngestionRun_Mode.APPEND } },
    { metadata: { traceparent: `00-${TRACE}-${PARENT}-01` } },
  );
  const run = await vi.waitFor(async () => {
    const [firing] = (await pipelines.listFirings({})).firings;
    expect(firing).toMatchObject({ decision: Firing_Decision.STARTED });
    return firing?.pipelineRun ?? '';
  }, SOON);
  let last: PipelineRun | undefined;
  for await (const state of pipelines.watchPipelineRun({ name: run })) last = state;
  const { steps: ran = [], outcome } = last ?? {};
  expect(ran.flatMap(({ id, error }) => (error ? [`${id}: ${error.message}`] : []))).toEqual([]);
  expect(outcome).toMatchObject({ decision: Outcome_Decision.PROMOTED, modelVersion: 'models/orders/versions/1' });
  expect((await registry.getModelVersion({ name: 'models/orders/versions/1' })).origin?.pipelineRun).toBe(run);

  const trace = (): readonly ReceivedSpan[] => receiver.spans.filter(({ traceId }) => traceId === TRACE);
  const registered = await vi.waitFor(() => spanOf(trace(), 'registry.v1.RegistryService/CreateModelVersion'), SOON);
  await vi.waitFor(() => expect(trace().filter(({ service }) => service === 'millrace-job').map(({ name }) => name).sort()).toEqual(['ingest.job', 'make-training-set.job', 'train.job']), SOON);
  // What is on the way between two processes comes in its own time: wait until no span lacks its parent.
  await vi.waitFor(() => expect(trace().filter((span) => parentOf(trace(), span) === undefined).map(({ parentSpanId }) => parentSpanId)).toEqual([PARENT]), SOON);

  expect(pathOf(trace(), registered)).toEqual([
    'millrace.ingestion.v1.IngestionService/CreateIngestionRun',
    'job ingestionRuns',
    'pipelines-triggers millrace.ingestion.v1.DatasetVersionCreated',
    'step register',
    'millrace.registry.v1.RegistryService/CreateModelVersion',
    'millrace.registry.v1.RegistryService/CreateModelVersion',
  ]);
  expect(pathOf(trace(), spanOf(trace(), 'ingest.job')).slice(-2)).toEqual(['job ingestionRuns', 'ingest.job']);
  expect(pathOf(trace(), spanOf(trace(), 'train.job')).slice(-5)).toEqual(['step train', 'millrace.trainer.v1.TrainerService/CreateTrainingJob', 'millrace.trainer.v1.TrainerService/CreateTrainingJob', 'job trainingJobs', 'train.job']);
  const steps = trace().map(({ name }) => name).filter((name) => name.startsWith('step '));
  expect(steps.sort()).toEqual(['step certify', 'step deploy', 'step features', 'step ingest-orders', 'step register', 'step train', 'step training-set']);
});

/** The only span whose name ends so. */
function spanOf(spans: readonly ReceivedSpan[], name: string): ReceivedSpan {
  const found = spans.filter((span) => span.name.endsWith(name));
  const [leaf] = found.filter(({ spanId }) => !found.some(({ parentSpanId }) => parentSpanId === spanId));
  if (!leaf) throw new Error(`No span is named ${name}: ${spans.map((span) => span.name).join(', ')}`);
  return leaf;
}

const parentOf = (spans: readonly ReceivedSpan[], { parentSpanId }: ReceivedSpan): ReceivedSpan | undefined => spans.find(({ spanId }) => spanId === parentSpanId);

/** Names from the root to a span. */
function pathOf(spans: readonly ReceivedSpan[], leaf: ReceivedSpan): readonly string[] {
  const path: string[] = [];
  for (let span: ReceivedSpan | undefined = leaf; span; span = parentOf(spans, span)) path.unshift(span.name);
  return path;
}
