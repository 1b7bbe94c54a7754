import { PipelineVersion } from '@millrace/contracts/millrace/pipelines/v1/pipeline';
import { PipelineRun } from '@millrace/contracts/millrace/pipelines/v1/pipeline_run';
import { GetLineageResponse, ListFiringsResponse, ListPipelineRunsResponse, ListPipelinesResponse, ListTriggersResponse } from '@millrace/contracts/millrace/pipelines/v1/pipelines_service';
import { call } from '../client/rest.js';

/** What the page asks about pipelines, their runs, and the lineage of everything. Names are resource names, such as `models/late`. */
export const pipelineCalls = {
  pipelines: () => call('/v1/pipelines?pageSize=100', ListPipelinesResponse),
  pipelineVersion: (name: string) => call(`/v1/${name}`, PipelineVersion),
  pipelineRuns: () => call('/v1/pipelineRuns?pageSize=100', ListPipelineRunsResponse),
  pipelineRun: (name: string) => call(`/v1/${name}`, PipelineRun),
  triggers: (pipeline: string) => call(`/v1/${pipeline}/triggers?pageSize=100`, ListTriggersResponse),
  firings: () => call('/v1/firings?pageSize=100', ListFiringsResponse),
  lineage: (name: string) => call(`/v1/lineage/${name}`, GetLineageResponse),
} as const;
