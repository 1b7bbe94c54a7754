import { Outcome_Decision, StepRun_State } from '@millrace/contracts/millrace/pipelines/v1/pipeline_run';
import { Firing_Decision } from '@millrace/contracts/millrace/pipelines/v1/trigger';
import { JobState } from '@millrace/contracts/millrace/type/v1/job';
import { catalogue } from '@millrace/events';
import { eventually } from '@millrace/testing';
import { expect } from 'vitest';
import { ended } from '../world/dirty.js';
import { LATE_FILE, ORDERS_FILE } from '../world/flights.js';
import { cases } from './case.js';
import { reasonOf } from './job-fault.js';
import { refusalOf } from './names.cases.js';

const { pipelineRunStarted, pipelineRunFinished } = catalogue.pipelines;
const { ingestion: ofIngestion, features: ofFeatures, trainer: ofTrainer } = catalogue;
const STEPS = ['ingest-flights', 'features', 'training-set', 'train', 'register', 'certify', 'materialize-departures', 'deploy', 'monitor'];

/** Pipelines, their runs and what starts them. */
export const pipelinesCases = cases({
  'a run takes data to a model that answers, to the same figures in every home, and is told of': async ({ pipelines, trainer, ingestion, events }, world) => {
    const { run, version } = await world.late();
    expect(run.steps.map(({ id, state }) => [id, state])).toEqual(STEPS.map((id) => [id, StepRun_State.SUCCEEDED]));
    expect(run.outcome).toMatchObject({ decision: Outcome_Decision.PROMOTED, modelVersion: 'models/late/versions/1' });
    expect(await pipelines.getPipelineRun({ name: run.name })).toEqual(run);
    expect(version).toMatchObject({ name: 'models/late/versions/1', aliases: ['champion'], certificate: { rows: expect.any(BigInt) } });
    expect(version.certificate?.equal).toBe(version.certificate?.rows);
    const evaluation = await trainer.getEvaluation({ name: version.origin?.evaluation ?? '' });
    const metrics = Object.fromEntries((evaluation.rungs.at(-1)?.metrics ?? []).map(({ metric, value }) => [metric, value]));
    expect({ data: (await ingestion.getDatasetVersion({ name: version.origin?.datasetVersion ?? '' })).digest, model: version.modelDigest, plan: version.planDigest, metrics }).toEqual(FIGURES);
    await events.await(pipelineRunStarted, ({ pipelineRun }) => pipelineRun?.name === run.name);
    await events.await(pipelineRunFinished, ({ pipelineRun }) => pipelineRun?.name === run.name && pipelineRun.outcome?.decision === Outcome_Decision.PROMOTED);
  },
  'a run is started once for a request id, and takes from the cache what it has': async ({ pipelines }, world) => {
    const { run } = await world.late();
    expect(await pipelines.createPipelineRun({ pipeline: 'pipelines/late', requestId: 'late-1' })).toEqual(run);
    const { name } = await pipelines.createPipelineRun({ pipeline: 'pipelines/late/versions/1', requestId: 'late-2' });
    const again = await ended(pipelines.watchPipelineRun({ name }));
    expect(again.steps.filter(({ state }) => state === StepRun_State.CACHED).map(({ id }) => id)).toContain('training-set');
    expect(again.status?.state).toBe(JobState.SUCCEEDED);
    expect(await refusalOf(pipelines.cancelPipelineRun({ name }))).toMatchObject({ code: 'FAILED_PRECONDITION', domain: 'pipelines.millrace', reason: 'PIPELINE_RUN_FINAL' });
  },
  'new data start the pipeline that trains on them': async ({ pipelines, registry }, world) => {
    const { orders } = await world.late();
    expect(orders).toMatchObject({ status: { state: JobState.SUCCEEDED }, cause: { resource: 'datasets/orders/versions/1' } });
    const { firings } = await pipelines.listFirings({ filter: 'pipeline=pipelines/orders AND decision=STARTED' });
    expect(firings).toMatchObject([{ trigger: 'triggers/orders.new-data', pipelineRun: orders.name, decision: Firing_Decision.STARTED }]);
    expect((await registry.getModel({ name: 'models/orders' })).latestVersion).toBe('models/orders/versions/1');
  },
  'an alert fires the triggers that wait for it, and a guard holds them': async ({ pipelines }, world) => {
    await world.watched();
    for (const trigger of ['drift', 'performance']) {
      const firing = await eventually(`a firing of ${trigger} that the cooldown holds`, async () => (await pipelines.listFirings({ filter: 'pipeline=pipelines/late' })).firings.find((each) => each.trigger === `triggers/late.${trigger}` && each.why.startsWith('cooldown')));
      expect(firing.decision).toBe(Firing_Decision.HELD);
    }
  },
  'a file that means the same changes nothing, and another one makes a version': async ({ pipelines }, world) => {
    const { basePath } = await world.late();
    const apply = (source: string, dryRun = false) => pipelines.applyPipeline({ source, basePath, dryRun });
    expect(await apply(`# a remark\n${LATE_FILE}`)).toMatchObject({ changed: false, changes: [], pipelineVersion: { name: 'pipelines/late/versions/1' } });
    const more = LATE_FILE.replace('trees: 20', 'trees: 21');
    expect(await apply(more, true)).toMatchObject({ changed: true, changes: ['ladder changed'] });
    expect(await pipelines.getPipeline({ name: 'pipelines/late' })).toMatchObject({ latestVersion: 'pipelines/late/versions/1' });
    const { pipelineVersion } = await apply(more);
    expect(pipelineVersion).toMatchObject({ name: 'pipelines/late/versions/2', source: more });
    expect(await pipelines.getPipelineVersion({ name: 'pipelines/late/versions/latest' })).toEqual(pipelineVersion);
    expect(await refusalOf(pipelines.getPipelineVersion({ name: 'pipelines/late/versions/99' }))).toMatchObject({ code: 'NOT_FOUND', reason: 'PIPELINE_VERSION_NOT_FOUND' });
    const { triggers } = await pipelines.listTriggers({ parent: 'pipelines/late' });
    expect(triggers.map(({ name, cron }) => [name, cron])).toEqual([['triggers/late.drift', ''], ['triggers/late.new-data', ''], ['triggers/late.performance', ''], ['triggers/late.yearly', '0 0 1 1 *']]);
    expect(triggers.at(-1)?.nextTime?.toISOString()).toMatch(/-01-01T00:00:00/);
  },
  'a plan is described before anything runs, and that of a model with what it has learnt': async ({ pipelines, trainer, registry }, world) => {
    await world.late();
    const described = await pipelines.describePipelinePlan({ source: LATE_FILE });
    expect(described).toEqual(await pipelines.describePipelinePlan({ name: 'pipelines/late/versions/1' }));
    const { plan, rungs } = described;
    expect(rungs.at(-1)).toBe('trees');
    expect(plan?.steps.map(({ state }) => state).join('')).toBe('');
    for (const { column, from } of plan?.features ?? []) expect({ type: column?.type, known: from === '' || plan?.steps.some(({ id }) => id === from) }).toMatchObject({ type: expect.stringMatching(/FLOAT64|INT64|BOOL/), known: true });
    const { artifact } = await registry.getModelVersion({ name: 'models/late/aliases/champion' });
    const fitted = (await trainer.describePlan({ artifact })).plan;
    const rung = (await pipelines.describePipelinePlan({ source: LATE_FILE, rung: 'trees' })).plan;
    expect(fitted?.steps.map(({ id, kind, outputs }) => [id, kind, outputs.map(({ name, type }) => [name, type])])).toEqual(rung?.steps.map(({ id, kind, outputs }) => [id, kind, outputs.map(({ name, type }) => [name, type])]));
    expect(await refusalOf(pipelines.describePipelinePlan({ source: LATE_FILE, rung: 'tree' }))).toMatchObject({ code: 'NOT_FOUND', reason: 'RUNG_UNKNOWN', metadata: { rung: 'tree' } });
    expect(await refusalOf(pipelines.describePipelinePlan({ source: ORDERS_FILE }))).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'COLUMNS_UNKNOWN', metadata: { source: 'orders' } });
    expect(await refusalOf(pipelines.describePipelinePlan({ name: 'pipelines/late/versions/99' }))).toMatchObject({ reason: 'PIPELINE_VERSION_NOT_FOUND' });
  },
  'a pipeline is paused by who has read it': async ({ pipelines }, world) => {
    await world.late();
    const { etag } = await pipelines.getPipeline({ name: 'pipelines/orders' });
    const paused = await pipelines.pausePipeline({ name: 'pipelines/orders', paused: true, etag });
    expect(paused).toMatchObject({ paused: true });
    expect(await refusalOf(pipelines.pausePipeline({ name: 'pipelines/orders', paused: false, etag }))).toMatchObject({ code: 'ABORTED', reason: 'PIPELINE_CHANGED' });
    expect(await pipelines.pausePipeline({ name: 'pipelines/orders', paused: false, etag: paused.etag })).toMatchObject({ paused: false });
  },
  'a pipeline is deleted by who has read it, once it does not run, and its history stays': async ({ pipelines }) => {
    const name = 'pipelines/short-lived';
    const source = ORDERS_FILE.replaceAll('orders', 'short-lived');
    await pipelines.applyPipeline({ source });
    const { etag } = await pipelines.pausePipeline({ name, paused: true });
    expect(await refusalOf(pipelines.deletePipeline({ name, etag: '1' }))).toMatchObject({ code: 'ABORTED', reason: 'PIPELINE_CHANGED' });
    const deleted = await pipelines.deletePipeline({ name, etag, requestId: 'delete-short-lived' });
    expect(await pipelines.deletePipeline({ name, etag, requestId: 'delete-short-lived' })).toEqual(deleted);
    expect(await refusalOf(pipelines.createPipelineRun({ pipeline: name }))).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'PIPELINE_DELETED' });
    expect(await pipelines.getPipelineVersion({ name: `${name}/versions/1` })).toMatchObject({ source });
    expect(await refusalOf(pipelines.applyPipeline({ source, etag }))).toMatchObject({ code: 'ABORTED', reason: 'PIPELINE_CHANGED' });
    expect(await pipelines.applyPipeline({ source, etag: deleted.etag })).toMatchObject({ changed: true, pipelineVersion: { name: `${name}/versions/2` } });
  },
  'a pipeline that runs is deleted only with its runs': async (home) => {
    const path = await home.source('doomed.csv', `placed,amount,delay\n${Array.from({ length: 200_000 }, (_, i) => `2001-01-01T00:00:00Z,${i},1\n`).join('')}`);
    await home.pipelines.applyPipeline({ source: ORDERS_FILE.replaceAll('orders', 'doomed').replace('    contract:', `    path: ${path}\n    contract:`) });
    const run = await home.pipelines.createPipelineRun({ pipeline: 'pipelines/doomed' });
    expect(await refusalOf(home.pipelines.deletePipeline({ name: 'pipelines/doomed' }))).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'PIPELINE_RUNNING', metadata: { runs: run.name } });
    await home.pipelines.deletePipeline({ name: 'pipelines/doomed', force: true });
    expect((await ended(home.pipelines.watchPipelineRun({ name: run.name }))).status?.state).toBe(JobState.CANCELLED);
  },
  'a file that is wrong is refused, and every fault is named': async ({ pipelines }) => {
    const apply = (source: string) => refusalOf(pipelines.applyPipeline({ source, dryRun: true }));
    expect(await apply('millrace: [')).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'FILE_UNREADABLE', metadata: { line: '1' } });
    expect(await apply(ORDERS_FILE.replace('ladder:', 'lader:'))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'FILE_INVALID', message: expect.stringContaining('did you mean ladder?') });
    expect(await apply('#'.repeat(2_000_000))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'FILE_TOO_LARGE' });
    expect(await apply(LATE_FILE.replace('features: [hour,', 'features: [late, hour,'))).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'PLAN_LEAKS_TARGET' });
    const known = 'knowledge_time: { delay: 1h, terms: { delay: 1m } }';
    expect(await apply(LATE_FILE.replace(known, ''))).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'VIEW_LEAKS_FUTURE', metadata: { column: 'delay', view: 'departures' } });
    expect(await apply(LATE_FILE.replace(known, 'knowledge_time: { delay: 0s }').replace('mean: late, window: 168h', 'latest: delay'))).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'VIEW_SEES_OWN_ROW' });
    expect(await apply(LATE_FILE.replace('prefix: origin_, keys: { airport: origin }', 'prefix: origin_, keys: { airport: late }'))).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'KEY_LEAKS_FUTURE' });
    const onDemand = (request: string) => LATE_FILE.replace('feature_services:', `on_demand_views:\n  pace: { request: { ${request}: INT64 }, formulas: { x: ${request} + 1 } }\nfeature_services:`).replace('prefix: origin_, keys: { airport: origin } }', 'prefix: origin_, keys: { airport: origin } }, { view: pace }');
    expect(await apply(onDemand('delay'))).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'REQUEST_LEAKS_FUTURE', metadata: { column: 'delay', view: 'pace' } });
    expect(await apply(LATE_FILE.replace('split: { evaluate: 10d, train: 28d }', 'split: { by: group, column: delay, evaluate: 0.2 }'))).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'SPLIT_LEAKS_TARGET' });
    const rolled = ORDERS_FILE.replace('{ event_time: placed }\n', '{ event_time: placed }\n  hourly: { rollup: { of: orders, every: 1h, columns: { delay: { max: delay } } }, contract: { event_time: since } }\n').replace('spine: orders', 'spine: hourly');
    expect(await apply(rolled)).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'ROLLUP_LEAKS_FUTURE' });
    expect(JSON.parse((await pipelines.getPipelineFileSchema({})).jsonSchema)).toMatchObject({ title: 'Millrace pipeline file' });
  },
  'a run fails with the step that failed, and says why': async (home) => {
    const { pipelines } = home;
    const run = async (source: string, name: string) => {
      await pipelines.applyPipeline({ source });
      return ended(pipelines.watchPipelineRun({ name: (await pipelines.createPipelineRun({ pipeline: name })).name }));
    };
    const nothing = await run(ORDERS_FILE.replaceAll('orders', 'nothing'), 'pipelines/nothing');
    expect({ state: nothing.status?.state, reason: reasonOf(nothing.status) }).toEqual({ state: JobState.FAILED, reason: 'NO_DATA' });
    const path = await home.source('broken.csv', '');
    const broken = await run(ORDERS_FILE.replaceAll('orders', 'broken').replace('    contract:', `    path: ${path}\n    contract:`), 'pipelines/broken');
    expect(reasonOf(broken.steps.find(({ id }) => id === 'ingest-broken'))).toBe('JOB_FAILED');
    expect(broken.steps.at(-1)?.state).toBe(StepRun_State.CANCELLED);
  },
  'a run is cancelled with the jobs that it waits for': async (home) => {
    const path = await home.source('cancelled.csv', `placed,amount,delay\n${Array.from({ length: 200_000 }, (_, i) => `2001-01-01T00:00:00Z,${i},1\n`).join('')}`);
    await home.pipelines.applyPipeline({ source: ORDERS_FILE.replaceAll('orders', 'stopped').replace('    contract:', `    path: ${path}\n    contract:`) });
    const { name } = await home.pipelines.createPipelineRun({ pipeline: 'pipelines/stopped' });
    await home.pipelines.cancelPipelineRun({ name });
    const run = await ended(home.pipelines.watchPipelineRun({ name }));
    expect(run.status?.state).toBe(JobState.CANCELLED);
    expect(await home.pipelines.getPipelineRun({ name })).toEqual(run);
  },
  'what the jobs of its steps say is kept with the run, and told from where a reader was': async ({ pipelines, events }, world) => {
    const { run } = await world.late();
    const logged = (step: string) => ({ log }: { readonly log?: { readonly requestId: string } | undefined }) => log?.requestId === `${run.name.split('/')[1]}-${step}`;
    await events.await(ofIngestion.ingestionRunLogged, logged('ingest-flights'));
    await events.await(ofFeatures.featureJobLogged, logged('training-set'));
    await events.await(ofTrainer.trainingJobLogged, logged('train'));
    const jobs = ['ingest-flights', 'training-set', 'train', 'materialize-departures'];
    const lines = await eventually('a line of each job', async () => {
      const { stepLogLines } = await pipelines.listStepLogLines({ parent: run.name, pageSize: 1_000 });
      return jobs.every((job) => stepLogLines.some(({ step }) => step === job)) && stepLogLines;
    });
    const watched: string[] = [];
    for await (const { position } of pipelines.watchStepLogLines({ parent: run.name, step: 'train', after: lines[0]?.position ?? '' })) watched.push(position);
    expect(watched).toEqual(lines.slice(1).filter(({ step }) => step === 'train').map(({ position }) => position));
    expect(await refusalOf(pipelines.listStepLogLines({ parent: run.name, step: 'trian' }))).toMatchObject({ code: 'NOT_FOUND', reason: 'STEP_NOT_FOUND', metadata: { step: 'trian' } });
    expect(await refusalOf(pipelines.watchStepLogLines({ parent: run.name, after: 'first' })[Symbol.asyncIterator]().next())).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'POSITION_INVALID' });
  },
  'what led to a model is told in one graph': async ({ pipelines }, world) => {
    const { version } = await world.late();
    const { lineage } = await pipelines.getLineage({ name: version.name });
    const kinds = new Set(lineage?.nodes.map(({ kind }) => kind));
    for (const kind of ['ModelVersion', 'TrainingJob', 'Evaluation', 'TrainingSet', 'DatasetVersion', 'IngestionRun', 'FeatureService', 'FeatureView', 'PipelineRun']) expect(kinds).toContain(kind);
    expect(await refusalOf(pipelines.getLineage({ name: 'nonsense' }))).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'LINEAGE_UNKNOWN' });
    expect(await refusalOf(pipelines.getLineage({ name: 'models/nobody/versions/1' }))).toMatchObject({ code: 'NOT_FOUND' });
  },
});

/** What the story comes to, wherever it is told. */
const FIGURES = {
  data: 'sha256:8227b0056160e41515ec8c1cf7a588c388755a637e9d7b5228c72adfe8dfe07d',
  model: 'sha256:54fd1ad75bec3bb4598e1d01ebe7c7fef78527ec3f3871d15d8e3397792f75d4',
  plan: 'sha256:24eabd8a9aae48f960e6672c89b7e3df456743f446b4e8185be563033b9e8429',
  metrics: { auc: 0.6803150187203748, log_loss: 0.5761135012216023, brier: 0.19482748828457344, ece: 0.037304145620944654 },
};
