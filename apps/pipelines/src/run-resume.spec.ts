import { setTimeout as sleep } from 'node:timers/promises';
import { Changes, JobStore } from '@millrace/service';
import { openStore } from '@millrace/store';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { pipelineFile } from './file/pipeline-file.js';
import { migrations, type PipelinesTables } from './migrations.js';
import type { PipelineVersion } from './pipeline.js';
import type { PipelineRun } from './pipeline-run.js';
import { PipelineStore } from './pipeline.store.js';
import { RunService } from './run.service.js';
import type { Services } from './steps/step.js';

const now = new Date('2001-03-11T00:00:00Z');
const file = pipelineFile.parse({
  millrace: 1,
  pipeline: 'late',
  sources: { flights: { path: 'flights.parquet', contract: { event_time: 'date' } } },
  training: { spine: 'flights', target: 'late', split: { evaluate: '1d', train: '2d' } },
  plan: { features: ['distance'] },
  ladder: [{ name: 'dummy', estimator: 'dummy' }],
  register: { model: 'late' },
});
const version: PipelineVersion = { pipeline: 'late', version: 1, source: '', digest: 'sha256:0', file, basePath: '', createTime: now };

it('drives a run once that was created before what the last process left is taken up', async () => {
  const store = await openStore<PipelinesTables>({ file: ':memory:', migrations });
  const pipelines = new PipelineStore(store);
  await pipelines.saveVersion({ pipeline: 'late', latestVersion: 1, createTime: now, revision: 1, paused: false }, version);
  const asked: string[] = [];
  const gate = Promise.withResolvers<never>();
  // The first step asks for its ingestion and hears nothing yet.
  const ingestion = {
    createIngestionRun: ({ requestId }: { requestId?: string }) => {
      asked.push(requestId ?? '');
      return gate.promise;
    },
  };
  const runs = new RunService(new JobStore<PipelineRun>(store, 'pipeline_run'), pipelines, { ingestion } as unknown as Services, { say: async () => undefined, ended: () => undefined }, new Changes(), pino({ level: 'silent' }), () => now);

  const run = await runs.create(version, { cause: { kind: 'MANUAL', resource: '', eventTime: undefined }, fresh: false, requestId: 'once' });
  await runs.resume();
  while (asked.length === 0) await sleep(5);
  // Room for a second one to ask as well.
  await sleep(100);
  expect(asked).toEqual([`${run.id}-ingest-flights`]);

  gate.reject(new Error('The spec is over.'));
  await runs.close();
  await store.close();
});
