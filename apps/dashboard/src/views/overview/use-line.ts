import type { Pipeline } from '@millrace/contracts/millrace/pipelines/v1/pipeline';
import type { Evaluation } from '@millrace/contracts/millrace/trainer/v1/evaluation';
import { type Answer, useAnswer } from '../../client/answers.js';
import { dataCalls } from '../../calls/data.js';
import { featureCalls } from '../../calls/features.js';
import { inferenceCalls } from '../../calls/inference.js';
import { monitorCalls } from '../../calls/monitor.js';
import { pipelineCalls } from '../../calls/pipelines.js';
import { registryCalls } from '../../calls/registry.js';
import { type Call, type RestFailure } from '../../client/rest.js';
import { evaluationOf, type LineFacts, madeBy, type Part } from './line.js';

/** What is known of one pipeline; nothing is said of it before every answer is there or has failed. */
export interface Line {
  readonly facts: LineFacts & { readonly evaluation: Evaluation | undefined };
  readonly isWhole: boolean;
  readonly failure: RestFailure | undefined;
}

const parentOf = (name: string): string => name.split('/').slice(0, 2).join('/');

/** Gathers what the line of a pipeline is drawn from, in two rounds: lists first, then what the runs in them name. */
export function useLine({ name }: Pipeline): Line {
  const open: Answer<unknown>[] = [];
  const unread = new Set<Part>();
  const ask = <T>(wanted: Call<T> | undefined, part?: Part): T | undefined => {
    const answer = useAnswer(wanted);
    if (wanted) open.push(answer);
    if (part && answer.value === undefined && answer.failure) unread.add(part);
    return answer.value;
  };
  const runs = (ask(pipelineCalls.pipelineRuns())?.pipelineRuns ?? []).filter(({ pipelineVersion }) => parentOf(pipelineVersion) === name);
  const made = madeBy(runs);
  const endpoint = ask(inferenceCalls.endpoints(), 'endpoint')?.endpoints.find((each) => each.name === made.endpoint);
  const ingestions = ask(dataCalls.ingestionRuns(), 'ingestion')?.ingestionRuns ?? [];
  const views = ask(featureCalls.featureViews(), 'views')?.featureViews ?? [];
  const monitor = ask(monitorCalls.monitors(), 'monitor')?.monitors.find((each) => each.name === made.monitor);
  const alerts = (ask(monitorCalls.alerts(), 'alerts')?.alerts ?? []).filter((alert) => alert.monitor === made.monitor);
  const named = (made.modelVersion || endpoint?.modelVersion) ?? '';
  const dataset = ask(made.datasetVersion === '' ? undefined : dataCalls.datasetVersion(made.datasetVersion), 'dataset');
  const versions = ask(named === '' ? undefined : registryCalls.modelVersions(parentOf(named)), 'version')?.modelVersions ?? [];
  const reports = ask(made.monitor === '' ? undefined : monitorCalls.reports(made.monitor), 'reports')?.reports ?? [];
  const judgedBy = evaluationOf(runs, endpoint?.modelVersion || named);
  const evaluation = ask(judgedBy === '' ? undefined : registryCalls.evaluation(judgedBy), 'evaluation');
  const version = versions.find((each) => each.name === endpoint?.modelVersion) ?? versions[0];
  const source = parentOf(made.datasetVersion);
  return {
    facts: { unread, runs, dataset, ingestion: ingestions.find((run) => run.dataset === source), views: views.filter((view) => view.dataset === source), version, evaluation, endpoint, monitor, reports, alerts },
    isWhole: open.every(({ value, failure }) => value !== undefined || failure !== undefined),
    failure: open.find(({ failure }) => failure)?.failure,
  };
}
