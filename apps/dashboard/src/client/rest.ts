import { GetPredictionResponse, ListEndpointsResponse, ListPredictionsResponse } from '@millrace/contracts/millrace/inference/v1/inference_service';
import { ListFeatureServicesResponse, ListFeatureViewsResponse } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import { DatasetVersion } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import { ListDatasetsResponse, ListDatasetVersionsResponse, ListIngestionRunsResponse } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { ListAlertsResponse, ListMonitorsResponse, ListReportsResponse } from '@millrace/contracts/millrace/monitor/v1/monitor_service';
import { PipelineVersion } from '@millrace/contracts/millrace/pipelines/v1/pipeline';
import { PipelineRun } from '@millrace/contracts/millrace/pipelines/v1/pipeline_run';
import { GetLineageResponse, ListFiringsResponse, ListPipelineRunsResponse, ListPipelinesResponse, ListTriggersResponse } from '@millrace/contracts/millrace/pipelines/v1/pipelines_service';
import { ListAliasesResponse, ListExperimentsResponse, ListModelsResponse, ListModelVersionsResponse, ListRunsResponse } from '@millrace/contracts/millrace/registry/v1/registry_service';
import { Evaluation } from '@millrace/contracts/millrace/trainer/v1/evaluation';

/** One thing that can be asked of a home: where, and how its answer is read. This file is the seam: another client replaces it alone. */
export interface Call<T> {
  readonly path: string;
  readonly read: (json: unknown) => T;
}

interface Reader<T> {
  readonly fromJSON: (json: unknown) => T;
}

const call = <T>(path: string, { fromJSON }: Reader<T>): Call<T> => ({ path, read: fromJSON });
/** A filter of a list, as a part of its address. */
const where = (filter: string): string => `filter=${encodeURIComponent(filter)}`;

/** Everything that the page asks, as typed messages of the contracts. Names are resource names, such as `models/late`. */
export const calls = {
  pipelines: () => call('/v1/pipelines?pageSize=100', ListPipelinesResponse),
  pipelineVersion: (name: string) => call(`/v1/${name}`, PipelineVersion),
  pipelineRuns: () => call('/v1/pipelineRuns?pageSize=100', ListPipelineRunsResponse),
  pipelineRun: (name: string) => call(`/v1/${name}`, PipelineRun),
  triggers: (pipeline: string) => call(`/v1/${pipeline}/triggers?pageSize=100`, ListTriggersResponse),
  firings: () => call('/v1/firings?pageSize=100', ListFiringsResponse),
  datasets: () => call('/v1/datasets?pageSize=100', ListDatasetsResponse),
  datasetVersions: (dataset: string) => call(`/v1/${dataset}/versions?pageSize=50`, ListDatasetVersionsResponse),
  datasetVersion: (name: string) => call(`/v1/${name}`, DatasetVersion),
  ingestionRuns: () => call('/v1/ingestionRuns?pageSize=50', ListIngestionRunsResponse),
  featureViews: () => call('/v1/featureViews?pageSize=100', ListFeatureViewsResponse),
  featureServices: () => call('/v1/featureServices?pageSize=100', ListFeatureServicesResponse),
  experiments: () => call('/v1/experiments?pageSize=100', ListExperimentsResponse),
  experimentRuns: (experiment: string) => call(`/v1/${experiment}/runs?pageSize=50`, ListRunsResponse),
  models: () => call('/v1/models?pageSize=100', ListModelsResponse),
  modelVersions: (model: string) => call(`/v1/${model}/versions?pageSize=100`, ListModelVersionsResponse),
  aliases: (model: string) => call(`/v1/${model}/aliases?pageSize=100`, ListAliasesResponse),
  evaluation: (name: string) => call(`/v1/${name}`, Evaluation),
  endpoints: () => call('/v1/endpoints?pageSize=100', ListEndpointsResponse),
  predictions: (endpoint: string) => call(`/v1/${endpoint}/predictions?pageSize=25`, ListPredictionsResponse),
  prediction: (name: string) => call(`/v1/${name}`, GetPredictionResponse),
  lineage: (name: string) => call(`/v1/lineage/${name}`, GetLineageResponse),
  monitors: () => call('/v1/monitors?pageSize=100', ListMonitorsResponse),
  reports: (monitor: string) => call(`/v1/${monitor}/reports?pageSize=60`, ListReportsResponse),
  alerts: () => call('/v1/alerts?pageSize=100', ListAlertsResponse),
  openAlerts: () => call(`/v1/alerts?pageSize=100&${where('state=OPEN')}`, ListAlertsResponse),
} as const;

/** An answer that is none: what the home said, or that it said nothing. */
export class RestFailure extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** So long an answer may take. */
const DEADLINE_MS = 15_000;

/** Asks a home; throws a RestFailure that a person can read. */
export async function ask<T>({ path, read }: Call<T>): Promise<T> {
  const response = await fetch(path, { headers: { accept: 'application/json' }, signal: AbortSignal.timeout(DEADLINE_MS) }).catch((cause: unknown) => {
    throw new RestFailure(0, 'UNAVAILABLE', cause instanceof DOMException && cause.name === 'TimeoutError' ? `${path} was not answered within ${DEADLINE_MS / 1_000} s.` : 'The home cannot be reached. Is it still running?');
  });
  const text = await response.text();
  if (!response.ok) throw refusal(response.status, text);
  return read(JSON.parse(text, duration) as unknown);
}

function refusal(status: number, text: string): RestFailure {
  try {
    const { error } = JSON.parse(text) as { readonly error: { readonly status: string; readonly message: string } };
    return new RestFailure(status, error.status, error.message);
  } catch {
    return new RestFailure(status, 'UNKNOWN', `The home answered with ${status} and no reason.`);
  }
}

/** Fields that are spans of time. */
const SPANS: ReadonlySet<string> = new Set(['window', 'lateness', 'ttl', 'tile', 'delay', 'every']);

/** Spans of time are texts such as "604800s" in JSON, and messages in the contracts. */
function duration(key: string, value: unknown): unknown {
  return SPANS.has(key) && typeof value === 'string' && /^-?\d+(\.\d+)?s$/.test(value) ? { seconds: value.slice(0, -1).split('.')[0], nanos: 0 } : value;
}
