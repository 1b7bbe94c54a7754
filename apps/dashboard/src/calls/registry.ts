import { Experiment, Run } from '@millrace/contracts/millrace/registry/v1/experiment';
import { ListAliasesResponse, ListExperimentsResponse, ListMetricPointsResponse, ListModelVersionsResponse, ListModelsResponse, ListRunColumnsResponse, ListRunsResponse } from '@millrace/contracts/millrace/registry/v1/registry_service';
import { Evaluation } from '@millrace/contracts/millrace/trainer/v1/evaluation';
import { call, page, still, where } from '../client/rest.js';

/** Experiments of one page. */
const EXPERIMENTS = 100;

/** Which runs of an experiment are asked for: what they must be, in which order, which of them, and with which columns (none means all). */
export interface RunsAsked {
  readonly filter: string;
  readonly order: string;
  readonly skip?: number;
  readonly size: number;
  readonly columns: readonly string[];
}

/** What the page asks about experiments, models and their evaluations. Names are resource names, such as `models/late`. */
export const registryCalls = {
  experiments: (token = '') => call(`/v1/experiments?${page(token, EXPERIMENTS)}`, ListExperimentsResponse),
  experiment: (name: string) => call(`/v1/${name}`, Experiment),
  runs: (experiment: string, asked: RunsAsked) => call(`/v1/${experiment}/runs?${runsQuery(asked)}`, ListRunsResponse),
  runColumns: (experiment: string) => call(`/v1/${experiment}/runColumns?pageSize=1000`, ListRunColumnsResponse),
  run: (name: string) => call(`/v1/${name}`, Run),
  metricPoints: (run: string, key: string) => call(`/v1/${run}/metricPoints?pageSize=1000&key=${encodeURIComponent(key)}`, ListMetricPointsResponse),
  models: () => call('/v1/models?pageSize=100', ListModelsResponse),
  modelVersions: (model: string) => call(`/v1/${model}/versions?pageSize=100`, ListModelVersionsResponse),
  aliases: (model: string) => call(`/v1/${model}/aliases?pageSize=100`, ListAliasesResponse),
  evaluation: (name: string) => still(call(`/v1/${name}`, Evaluation)),
} as const;

function runsQuery({ filter, order, skip = 0, size, columns }: RunsAsked): string {
  const parts = [`pageSize=${size}`, ...(skip > 0 ? [`skip=${skip}`] : []), ...(filter === '' ? [] : [where(filter)]), ...(order === '' ? [] : [`orderBy=${encodeURIComponent(order)}`])];
  return [...parts, ...columns.map((column) => `columns=${encodeURIComponent(column)}`)].join('&');
}
