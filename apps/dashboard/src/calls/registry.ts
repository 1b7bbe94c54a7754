import { ListAliasesResponse, ListExperimentsResponse, ListModelVersionsResponse, ListModelsResponse, ListRunsResponse } from '@millrace/contracts/millrace/registry/v1/registry_service';
import { Evaluation } from '@millrace/contracts/millrace/trainer/v1/evaluation';
import { call } from '../client/rest.js';

/** What the page asks about experiments, models and their evaluations. Names are resource names, such as `models/late`. */
export const registryCalls = {
  experiments: () => call('/v1/experiments?pageSize=100', ListExperimentsResponse),
  experimentRuns: (experiment: string) => call(`/v1/${experiment}/runs?pageSize=50`, ListRunsResponse),
  models: () => call('/v1/models?pageSize=100', ListModelsResponse),
  modelVersions: (model: string) => call(`/v1/${model}/versions?pageSize=100`, ListModelVersionsResponse),
  aliases: (model: string) => call(`/v1/${model}/aliases?pageSize=100`, ListAliasesResponse),
  evaluation: (name: string) => call(`/v1/${name}`, Evaluation),
} as const;
