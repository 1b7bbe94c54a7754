import { Endpoint } from '@millrace/contracts/millrace/inference/v1/endpoint';
import { InferenceServiceDefinition } from '@millrace/contracts/millrace/inference/v1/inference_service';
import { Alert } from '@millrace/contracts/millrace/monitor/v1/monitor';
import { MonitorServiceDefinition } from '@millrace/contracts/millrace/monitor/v1/monitor_service';
import { Pipeline } from '@millrace/contracts/millrace/pipelines/v1/pipeline';
import { PipelineRun } from '@millrace/contracts/millrace/pipelines/v1/pipeline_run';
import { PipelinesServiceDefinition } from '@millrace/contracts/millrace/pipelines/v1/pipelines_service';
import { Firing, Trigger } from '@millrace/contracts/millrace/pipelines/v1/trigger';
import { fullName } from '../calls/names.js';
import { ALL, readPages } from '../calls/read-pages.js';
import type { Session } from '../session.js';
import { statusText } from './status-text.js';

/** How everything stands. */
export interface Status {
  readonly pipelines: readonly Pipeline[];
  readonly runs: readonly PipelineRun[];
  readonly triggers: readonly Trigger[];
  readonly firings: readonly Firing[];
  readonly alerts: readonly Alert[];
  readonly endpoints: readonly Endpoint[];
}

const RUNS = 5;
const FIRINGS = 5;

/** Pipelines, runs, triggers, firings, alerts and endpoints: of all, or of one pipeline. */
export async function status(session: Session, name?: string): Promise<void> {
  const pipeline = name === undefined ? undefined : fullName('pipelines', name);
  const found = await session.slowly('asking', gather(session, pipeline));
  session.answer(
    () => ({
      pipelines: found.pipelines.map((one) => Pipeline.toJSON(one)),
      pipelineRuns: found.runs.map((one) => PipelineRun.toJSON(one)),
      triggers: found.triggers.map((one) => Trigger.toJSON(one)),
      firings: found.firings.map((one) => Firing.toJSON(one)),
      alerts: found.alerts.map((one) => Alert.toJSON(one)),
      endpoints: found.endpoints.map((one) => Endpoint.toJSON(one)),
    }),
    () => statusText(session, found),
  );
}

async function gather(session: Session, name: string | undefined): Promise<Status> {
  const { call } = session;
  const [client, monitor, inference] = await Promise.all([session.connect(PipelinesServiceDefinition), session.connect(MonitorServiceDefinition), session.connect(InferenceServiceDefinition)]);
  const pipelines = name !== undefined ? [await client.getPipeline({ name }, call)] : (await readPages(ALL, (part) => client.listPipelines(part, call).then(({ pipelines: rows, nextPageToken }) => ({ rows, nextPageToken })))).rows;
  const filter = name === undefined ? '' : `pipeline=${name}`;
  const [{ pipelineRuns: runs }, triggers, { firings }, { rows: alerts }, { rows: endpoints }] = await Promise.all([
    client.listPipelineRuns({ pageSize: RUNS, filter }, call),
    Promise.all(pipelines.map(async ({ name: parent }) => (await client.listTriggers({ parent, pageSize: 200 }, call)).triggers)),
    client.listFirings({ pageSize: FIRINGS, filter }, call),
    readPages(ALL, (part) => monitor.listAlerts({ ...part, filter: 'state=OPEN' }, call).then(({ alerts: rows, nextPageToken }) => ({ rows, nextPageToken }))),
    readPages(ALL, (part) => inference.listEndpoints(part, call).then(({ endpoints: rows, nextPageToken }) => ({ rows, nextPageToken }))),
  ]);
  const found = { pipelines, runs, triggers: triggers.flat(), firings };
  if (name === undefined) return { ...found, alerts, endpoints };
  // A pipeline's endpoints are those that its runs have deployed.
  const deployed = new Set(runs.flatMap(({ steps }) => steps.map(({ outputs }) => outputs['endpoint'] ?? '')));
  return { ...found, alerts: alerts.filter(({ endpoint }) => deployed.has(endpoint)), endpoints: endpoints.filter((endpoint) => deployed.has(endpoint.name)) };
}
