import type { Endpoint } from '@millrace/contracts/millrace/inference/v1/endpoint';
import type { FeatureView } from '@millrace/contracts/millrace/features/v1/feature_view';
import type { DatasetVersion } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import type { IngestionRun } from '@millrace/contracts/millrace/ingestion/v1/ingestion_run';
import type { Alert, Monitor, Report } from '@millrace/contracts/millrace/monitor/v1/monitor';
import type { PipelineRun } from '@millrace/contracts/millrace/pipelines/v1/pipeline_run';
import type { ModelVersion } from '@millrace/contracts/millrace/registry/v1/model';
import { bare, meaningOf, type Tone, unsettled } from '../../parts/meaning.js';
import { placeOf, spoken } from '../../names.js';
import { count, fixed, mainMetricOf, metricTitle, numberOf, plural, rough } from '../../text.js';

/** What the runs of a pipeline have made, newest first: the names by which everything else is found. */
export interface Made {
  readonly datasetVersion: string;
  readonly modelVersion: string;
  readonly endpoint: string;
  readonly monitor: string;
}

/** Reads what runs say of themselves; runs are newest first, and the newest that says something counts. */
export function madeBy(runs: readonly PipelineRun[]): Made {
  const newest = (key: string): string => runs.flatMap(({ steps }) => steps).map(({ outputs }) => outputs[key] ?? '').find((value) => value !== '') ?? '';
  return { datasetVersion: newest('dataset_version'), modelVersion: newest('model_version'), endpoint: newest('endpoint'), monitor: newest('monitor') };
}

/** The evaluation that a version was judged by, from the run that made it: known without asking for the version. */
export function evaluationOf(runs: readonly PipelineRun[], modelVersion: string): string {
  const outputs = runs.find(({ steps }) => steps.some((step) => step.outputs['model_version'] === modelVersion))?.steps.map((step) => step.outputs['evaluation'] ?? '') ?? [];
  return outputs.find((name) => name !== '') ?? '';
}

/** What is asked of the services beside the runs. */
export type Part = 'dataset' | 'ingestion' | 'views' | 'version' | 'evaluation' | 'endpoint' | 'monitor' | 'reports' | 'alerts';

/** Everything that the line of one pipeline is drawn from; undefined is what does not exist yet, but for parts that could not be read. */
export interface LineFacts {
  readonly unread: ReadonlySet<Part>;
  readonly runs: readonly PipelineRun[];
  readonly dataset: DatasetVersion | undefined;
  readonly ingestion: IngestionRun | undefined;
  readonly views: readonly FeatureView[];
  readonly version: ModelVersion | undefined;
  readonly endpoint: Endpoint | undefined;
  readonly monitor: Monitor | undefined;
  /** Newest first. */
  readonly reports: readonly Report[];
  readonly alerts: readonly Alert[];
}

/** One place on the way of the data, as it stands now. */
export interface Station {
  readonly title: string;
  readonly place: string | undefined;
  readonly tone: Tone;
  readonly word: string;
  readonly figure: string;
  readonly unit: string;
  readonly since: Date | undefined;
}

const nothing = (title: string, place: string): Station => ({ title, place, tone: 'idle', word: 'nothing yet', figure: '–', unit: '', since: undefined });

/** What each station is told from. */
const STATIONS: readonly (readonly [(facts: LineFacts) => Station, readonly Part[]])[] = [
  [source, ['ingestion']],
  [data, ['dataset']],
  [features, ['views']],
  [training, []],
  [model, ['version', 'endpoint']],
  [endpoint, ['endpoint', 'reports']],
  [monitor, ['monitor', 'reports', 'alerts']],
];

/** The way of one pipeline's data from its source to its monitor; of what could not be read nothing is said, not even that it is not there. */
export function stationsOf(facts: LineFacts): readonly Station[] {
  return STATIONS.map(([stationOf, parts]) => {
    const station = stationOf(facts);
    return parts.some((part) => facts.unread.has(part)) ? { ...station, tone: 'watch', word: 'could not be read', figure: '–', unit: '', since: undefined } : station;
  });
}

function source({ ingestion }: LineFacts): Station {
  if (!ingestion) return nothing('Source', '/data');
  const { tone, word } = meaningOf(ingestion.status?.state ?? '');
  return { title: 'Source', place: placeOf(ingestion.dataset), tone, word: tone === 'good' ? 'read' : word, figure: rough(ingestion.counts?.read ?? 0n), unit: 'rows in the last read', since: ingestion.status?.endTime ?? ingestion.createTime };
}

function data({ dataset }: LineFacts): Station {
  if (!dataset) return nothing('Data', '/data');
  const broken = dataset.expectations.filter(({ met }) => !met).length;
  return { title: 'Data', place: placeOf(dataset.name), tone: broken > 0 ? 'watch' : 'good', word: broken > 0 ? `${plural(broken, 'expectation')} not met` : 'as expected', figure: rough(dataset.rows), unit: `rows in ${spoken(dataset.name)}`, since: dataset.createTime };
}

function features({ views }: LineFacts): Station {
  if (views.length === 0) return { ...nothing('Features', '/features'), word: 'none in this pipeline' };
  const outdated = views.filter(({ freshness }) => freshness?.outdated === true).length;
  const times = views.flatMap(({ freshness }) => (freshness?.materializeTime ? [freshness.materializeTime.getTime()] : []));
  return {
    title: 'Features',
    place: '/features',
    tone: outdated > 0 ? 'watch' : times.length === 0 ? 'idle' : 'good',
    word: outdated > 0 ? `${plural(outdated, 'view')} outdated` : times.length === 0 ? 'not filled yet' : plural(views.length, 'view'),
    figure: count(views.reduce((sum, view) => sum + view.features.length, 0)),
    unit: 'features',
    since: times.length === 0 ? undefined : new Date(Math.max(...times)),
  };
}

function training({ runs }: LineFacts): Station {
  const [run] = runs;
  if (!run) return nothing('Training', '/pipelines');
  const { tone, word } = meaningOf(run.status?.state ?? '');
  const done = run.steps.filter(({ state }) => ['SUCCEEDED', 'CACHED', 'SKIPPED'].includes(bare(state))).length;
  return { title: 'Training', place: placeOf(run.name), tone, word: tone === 'good' ? cameTo(run) : word, figure: `${done}/${run.steps.length}`, unit: 'steps in the last run', since: run.status?.endTime ?? run.createTime };
}

/** What a run that went well came to. */
function cameTo({ outcome }: PipelineRun): string {
  const decision = bare(outcome?.decision ?? '');
  return decision === 'PROMOTED' ? 'challenger promoted' : decision === 'REFUSED' ? 'champion stays' : 'nothing to decide';
}

function model({ version }: LineFacts): Station {
  if (!version) return nothing('Model', '/models');
  const metric = mainMetricOf(version.metrics);
  return { title: 'Model', place: placeOf(version.name), tone: version.certificate ? 'good' : 'watch', word: `version ${numberOf(version.name)}${version.certificate ? ', certified' : ', no certificate'}`, figure: metric === undefined ? '–' : fixed(version.metrics[metric], 3), unit: metric === undefined ? '' : metricTitle(metric), since: version.createTime };
}

function endpoint({ endpoint: served, reports }: LineFacts): Station {
  if (!served) return nothing('Endpoint', '/endpoints');
  const answered = reports.reduce((sum, { predictions }) => sum + predictions, 0n);
  const newest = reports.find(({ predictions }) => predictions > 0n);
  return { title: 'Endpoint', place: placeOf(served.name), tone: served.modelVersion === '' ? 'idle' : 'good', word: served.modelVersion === '' ? 'nothing to serve' : `answers with version ${numberOf(served.modelVersion)}`, figure: rough(answered), unit: 'predictions watched', since: newest?.updateTime };
}

function monitor({ monitor: watched, reports, alerts }: LineFacts): Station {
  if (!watched) return nothing('Monitor', '/monitoring');
  const judged = reports.filter(({ state }) => bare(state) === 'CLOSED');
  return { title: 'Monitor', place: placeOf(watched.name), ...limits(judged[0], alerts), figure: count(judged.length), unit: judged.length === 1 ? 'window judged' : 'windows judged', since: judged[0]?.updateTime };
}

/** Whether the newest window holds: an alert that somebody looks after, or that somebody closed, does not make it so. */
function limits(newest: Report | undefined, alerts: readonly Alert[]): Pick<Station, 'tone' | 'word'> {
  const { open, acknowledged } = unsettled(alerts);
  if (open > 0) return { tone: 'watch', word: plural(open, 'open alert') };
  if (acknowledged > 0) return { tone: 'watch', word: `${plural(acknowledged, 'alert')} acknowledged` };
  if (!newest) return { tone: 'idle', word: 'no window judged yet' };
  return newest.alerts.length > 0 || newest.columns.some(({ drifted, degraded }) => drifted || degraded) ? { tone: 'watch', word: 'beyond limits' } : { tone: 'good', word: 'within limits' };
}
