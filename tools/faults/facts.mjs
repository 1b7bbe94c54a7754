import { PredictionsLogged } from '@millrace/contracts/millrace/inference/v1/events';
import { parseCanonicalJson } from '@millrace/core';
import { readOutboxes } from './log-facts.mjs';

/** The services with a store of their own, by the name of their directory. */
export const SERVICES = ['ingestion', 'feature-store', 'registry', 'trainer', 'inference', 'monitor', 'pipelines'];

const FINAL = new Set(['SUCCEEDED', 'FAILED', 'CANCELLED']);
const bodies = (rows) => rows.map((row) => parseCanonicalJson(row.body));

/**
 * Everything that a home has left, as plain facts that know nothing of the home. What a home gives, see tools/crash/remains.mjs and tools/chaos/remains.mjs:
 * `databases` (names, rows of a table, verdict), `bus` and `spool` as logs, `objects`, `jobDirectories` and `processes` of jobs.
 */
export function readFacts({ databases, bus, spool, objects, jobDirectories, processes }) {
  return {
    integrity: databases.names.map((name) => ({ name, verdict: databases.verdict(name) })),
    announcements: [...bus.announcements, ...readOutboxes(databases, SERVICES)],
    spooled: spool.announcements.flatMap(({ about }) => about),
    holes: [...bus.holes, ...spool.holes],
    deadLetters: bus.deadLetters,
    lags: bus.lags,
    outboxes: SERVICES.map((service) => ({ service, waiting: databases.rows(service, 'outbox').length })),
    inbox: SERVICES.flatMap((service) => databases.rows(service, 'inbox').map(({ consumer, event_id }) => ({ service, consumer, id: event_id }))),
    jobs: readJobs(databases),
    ...readRegistry(databases),
    ...readInference(databases),
    ...readMonitor(databases),
    ...readPipelines(databases),
    versions: databases.rows('ingestion', 'dataset_version').map((row) => ({ ...parseCanonicalJson(row.body), name: `datasets/${row.dataset}/versions/${row.version}` })),
    evaluations: databases.rows('trainer', 'evaluation').map(({ id, body }) => ({ name: `evaluations/${id}`, report: parseCanonicalJson(body).reportObject?.digest })),
    pushes: databases.rows('feature-store', 'online_push').map(({ view, request_id }) => `${request_id} ${view}`),
    objects,
    jobDirectories,
    processes,
  };
}

const JOB_TABLES = [['ingestion', 'ingestion_run', 'ingestionRuns'], ['feature-store', 'training_set', 'trainingSets'], ['feature-store', 'materialization', 'materializations'], ['trainer', 'training_job', 'trainingJobs'], ['pipelines', 'pipeline_run', 'pipelineRuns']];

/** The job resources of every service, by collection. */
function readJobs(databases) {
  return Object.fromEntries(JOB_TABLES.map(([service, table, collection]) => [
    collection,
    databases.rows(service, table).map(({ id, state, request_id, body }) => ({ ...parseCanonicalJson(body), name: `${collection}/${id}`, state, final: FINAL.has(state), requestId: request_id ?? '' })),
  ]));
}

function readRegistry(databases) {
  const aliases = bodies(databases.rows('registry', 'alias'));
  return {
    aliases: new Map(aliases.map(({ model, alias, version }) => [`models/${model}/aliases/${alias}`, `models/${model}/versions/${version}`])),
    modelVersions: databases.rows('registry', 'model_version').map(({ model, version, body }) => ({ ...JSON.parse(body).content, name: `models/${model}/versions/${version}` })),
    aliasMoves: aliases.flatMap(({ model, alias, history }) => history.map(({ to, time }) => `models/${model}/aliases/${alias} to models/${model}/versions/${to} at ${new Date(time).toISOString()}`)),
    experimentRuns: bodies(databases.rows('registry', 'run')).map(({ run, origin, state, tags }) => ({ name: run, origin, state, pipelineRun: tags.pipeline_run })),
    metricPoints: databases.rows('registry', 'metric_point').map(({ run, key, step }) => `${run} ${key} ${step}`),
  };
}

function readInference(databases) {
  return {
    predictions: databases.rows('inference', 'prediction_batch').flatMap(({ body }) => PredictionsLogged.decode(body).records.map(({ id }) => id)),
    labels: new Map(databases.rows('inference', 'endpoint_label').map(({ prediction_id, value }) => [prediction_id, value])),
    endpoints: bodies(databases.rows('inference', 'endpoint')).map(({ endpoint, revision, artifact, alias, modelVersion }) => ({ name: `endpoints/${endpoint}`, revision, artifact, alias, modelVersion })),
  };
}

function readMonitor(databases) {
  const sum = (versions, of) => Object.values(versions).reduce((total, version) => total + of(version), 0);
  return {
    observed: databases.rows('monitor', 'observed').map(({ id, event_time }) => ({ id, time: event_time })),
    waitingLabels: databases.rows('monitor', 'waiting_label').map(({ id }) => id),
    windows: bodies(databases.rows('monitor', 'report_window')).map(({ report, from, to, state, versions, late, lateLabels, findings }) => ({
      name: `reports/${report}`,
      from,
      to,
      state,
      predictions: sum(versions, ({ summary }) => summary.rows) + late,
      labels: sum(versions, ({ performance }) => performance.rows) + lateLabels,
      alerts: findings?.alerts ?? [],
    })),
    alerts: bodies(databases.rows('monitor', 'alert')).map(({ alert, kind }) => ({ name: `alerts/${alert}`, id: alert, kind })),
  };
}

function readPipelines(databases) {
  return {
    pipelineVersions: databases.rows('pipelines', 'pipeline_version').map(({ pipeline, version }) => `pipelines/${pipeline}/versions/${version}`),
    firings: bodies(databases.rows('pipelines', 'firing')).map(({ id, trigger, decision, why, cause, pipelineRun }) => ({ id, name: `firings/${id}`, trigger, decision, why, cause, pipelineRun })),
  };
}
