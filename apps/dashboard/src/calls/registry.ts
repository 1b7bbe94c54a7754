import { Experiment, MetricCurve, Run } from '@millrace/contracts/millrace/registry/v1/experiment';
import { ListAliasesResponse, ListExperimentsResponse, ListModelVersionsResponse, ListModelsResponse, ListRunColumnsResponse, ListRunsResponse } from '@millrace/contracts/millrace/registry/v1/registry_service';
import { Evaluation } from '@millrace/contracts/millrace/trainer/v1/evaluation';
import { type Call, call, page, still, where } from '../client/rest.js';

/** Experiments of one page. */
const EXPERIMENTS = 100;

/** Points of one curve: the lowest and the highest for each pixel of the widest picture. */
const CURVE_POINTS = 1_500;

/** Which part of a curve is asked for, and whether its run has ended. */
export interface CurveAsked {
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly final: boolean;
}

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
  metricCurve,
  models: () => call('/v1/models?pageSize=100', ListModelsResponse),
  modelVersions: (model: string) => call(`/v1/${model}/versions?pageSize=100`, ListModelVersionsResponse),
  aliases: (model: string) => call(`/v1/${model}/aliases?pageSize=100`, ListAliasesResponse),
  evaluation: (name: string) => still(call(`/v1/${name}`, Evaluation)),
} as const;

function runsQuery({ filter, order, skip = 0, size, columns }: RunsAsked): string {
  const parts = [`pageSize=${size}`, ...(skip > 0 ? [`skip=${skip}`] : []), ...(filter === '' ? [] : [where(filter)]), ...(order === '' ? [] : [`orderBy=${encodeURIComponent(order)}`])];
  return [...parts, ...columns.map((column) => `columns=${encodeURIComponent(column)}`)].join('&');
}

/** The curve of a run that has ended stays. The fragment, which is never sent, lets it be asked for once more when the run ends: its last points may be newer than the last answer. */
function metricCurve(run: string, key: string, { from, to, final }: CurveAsked): Call<MetricCurve> {
  const ends = [...(from === undefined ? [] : [`fromStep=${from}`]), ...(to === undefined ? [] : [`toStep=${to}`])];
  const path = `/v1/${run}/metricPoints:curve?${[`key=${encodeURIComponent(key)}`, `maxPoints=${CURVE_POINTS}`, ...ends].join('&')}`;
  return final ? still(call(`${path}#final`, MetricCurve)) : call(path, MetricCurve);
}
