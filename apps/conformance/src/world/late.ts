import { dirname } from 'node:path';
import { Cause_Kind, type PipelineRun } from '@millrace/contracts/millrace/pipelines/v1/pipeline_run';
import type { ModelVersion } from '@millrace/contracts/millrace/registry/v1/model';
import { JobState } from '@millrace/contracts/millrace/type/v1/job';
import { eventually } from '@millrace/testing';
import type { Home } from '../home/home.js';
import { ended, ingest } from './dirty.js';
import { flightsCsv } from '@millrace/e2e';
import { LATE_FILE, ORDERS_FILE, ordersCsv } from './flights.js';

/** What the pipeline of late flights made. */
export interface Late {
  readonly pipeline: string;
  /** The run by hand, SUCCEEDED. */
  readonly run: PipelineRun;
  /** The run of the other pipeline, which new data started. */
  readonly orders: PipelineRun;
  /** Folder of the file's data. */
  readonly basePath: string;
  /** The version that `champion` points at. */
  readonly version: ModelVersion;
}

/** Applies two pipelines; runs one by hand, and lets new data start the other. */
export async function tellLate(home: Home): Promise<Late> {
  const { pipelines, registry } = home;
  const basePath = dirname(await home.source('flights.csv', flightsCsv()));
  const { pipelineVersion } = await pipelines.applyPipeline({ source: LATE_FILE, basePath });
  const started = await pipelines.createPipelineRun({ pipeline: 'pipelines/late', requestId: 'late-1' });
  const run = await ended(pipelines.watchPipelineRun({ name: started.name }));
  if (run.status?.state !== JobState.SUCCEEDED) throw new Error(`The run of ${pipelineVersion?.name} ended as ${run.status?.state}: ${run.status?.error?.message}`);
  await pipelines.applyPipeline({ source: ORDERS_FILE });
  await ingest(home, { dataset: 'datasets/orders', source: { path: await home.source('orders.csv', ordersCsv()) }, contract: { eventTime: 'placed' } });
  const orders = await eventually('the run that new orders start', async () => {
    const { pipelineRuns } = await pipelines.listPipelineRuns({ filter: 'pipeline=pipelines/orders' });
    return pipelineRuns.find(({ cause }) => cause?.kind === Cause_Kind.NEW_DATA);
  });
  return { pipeline: 'pipelines/late', run, orders: await ended(pipelines.watchPipelineRun({ name: orders.name })), basePath, version: await registry.getModelVersion({ name: 'models/late/aliases/champion' }) };
}
