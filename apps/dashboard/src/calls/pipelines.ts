import { PipelineVersion } from '@millrace/contracts/millrace/pipelines/v1/pipeline';
import { PipelineRun } from '@millrace/contracts/millrace/pipelines/v1/pipeline_run';
import { GetLineageResponse, ListFiringsResponse, ListPipelineRunsResponse, ListPipelinesResponse, ListStepLogLinesResponse, ListTriggersResponse } from '@millrace/contracts/millrace/pipelines/v1/pipelines_service';
import { call, type Deed, page, where } from '../client/rest.js';

const RUNS = 25;
const FIRINGS = 25;
const LINES = 500;

const filtered = (terms: Readonly<Record<string, string>>): string => {
  const filter = Object.entries(terms).flatMap(([field, value]) => (value === '' ? [] : [`${field}=${value}`])).join(' AND ');
  return filter === '' ? '' : `&${where(filter)}`;
};

/** What the page asks about pipelines, their runs, and the lineage of everything. Names are resource names, such as `models/late`; an empty term of a filter is none. */
export const pipelineCalls = {
  pipelines: () => call('/v1/pipelines?pageSize=100', ListPipelinesResponse),
  pipelineVersion: (name: string) => call(`/v1/${name}`, PipelineVersion),
  pipelineRuns: () => call('/v1/pipelineRuns?pageSize=100', ListPipelineRunsResponse),
  runsWhere: (terms: { readonly pipeline: string; readonly state: string }, token = '') => call(`/v1/pipelineRuns?${page(token, RUNS)}${filtered(terms)}`, ListPipelineRunsResponse),
  pipelineRun: (name: string) => call(`/v1/${name}`, PipelineRun),
  stepLog: (run: string, step: string, token = '') => call(`/v1/${run}/stepLogLines?${page(token, LINES)}${step === '' ? '' : `&step=${encodeURIComponent(step)}`}`, ListStepLogLinesResponse),
  triggers: (pipeline: string) => call(`/v1/${pipeline}/triggers?pageSize=100`, ListTriggersResponse),
  firings: () => call('/v1/firings?pageSize=100', ListFiringsResponse),
  firingsWhere: (terms: { readonly pipeline: string; readonly decision: string }, token = '') => call(`/v1/firings?${page(token, FIRINGS)}${filtered(terms)}`, ListFiringsResponse),
  lineage: (name: string) => call(`/v1/lineage/${name}`, GetLineageResponse),
} as const;

/** What the page does to pipelines and runs. */
export const pipelineDeeds = {
  run: (pipeline: string, fresh: boolean): Deed => ({ path: '/v1/pipelineRuns', body: { pipeline, fresh }, once: true }),
  pause: (name: string, paused: boolean, etag: string): Deed => ({ path: `/v1/${name}:pause`, body: { paused, etag } }),
  cancel: (name: string): Deed => ({ path: `/v1/${name}:cancel` }),
} as const;
