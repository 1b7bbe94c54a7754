import type { Entity } from '@millrace/contracts/millrace/features/v1/entity';
import type { FeatureService } from '@millrace/contracts/millrace/features/v1/feature_service';
import { FeatureStoreServiceDefinition } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import type { FeatureView } from '@millrace/contracts/millrace/features/v1/feature_view';
import { TrainingSet } from '@millrace/contracts/millrace/features/v1/training_set';
import { Materialization } from '@millrace/contracts/millrace/features/v1/materialization';
import { InferenceServiceDefinition } from '@millrace/contracts/millrace/inference/v1/inference_service';
import { Endpoint } from '@millrace/contracts/millrace/inference/v1/endpoint';
import { DatasetVersion } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import { IngestionRun } from '@millrace/contracts/millrace/ingestion/v1/ingestion_run';
import { IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { MonitorServiceDefinition } from '@millrace/contracts/millrace/monitor/v1/monitor_service';
import { Run } from '@millrace/contracts/millrace/registry/v1/experiment';
import { Alias, ModelVersion } from '@millrace/contracts/millrace/registry/v1/model';
import { RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import { Evaluation } from '@millrace/contracts/millrace/trainer/v1/evaluation';
import { type CheckPlanRequest, TrainerServiceDefinition } from '@millrace/contracts/millrace/trainer/v1/trainer_service';
import { TrainingJob } from '@millrace/contracts/millrace/trainer/v1/training_job';
import { JobState } from '@millrace/contracts/millrace/type/v1/job';
import { AppError } from '@millrace/core';
import { type StandIn, standIn } from '@millrace/testing';

/** Kinds of work that a step waits for. */
export type Work = 'ingest' | 'training-set' | 'train' | 'materialize';

interface Job {
  readonly name: string;
  state: JobState;
  wake: () => void;
}

export const DAY_MS = 86_400_000;
const notFound = (domain: string, reason: string) => new AppError('NOT_FOUND', domain, reason, 'It is not there.');

/** The other services as a pipeline meets them: what they have, what they were asked, and what goes wrong. Lives on while the pipelines service is restarted. */
export class World {
  /** Every call that has an effect, as `what request-id` or `what subject`. */
  readonly calls: string[] = [];
  readonly plans: CheckPlanRequest[] = [];
  /** Runs of experiments as they were begun. */
  readonly kept: Run[] = [];
  readonly jobs = new Map<string, Job>();
  /** Kinds of work that do not end until they are let go. */
  readonly held = new Set<Work>();
  /** What the next calls of a name throw, in order. */
  readonly faults = new Map<string, AppError[]>();
  /** Versions of the dataset: rows, and the day of the newest. */
  readonly data: { readonly rows: number; readonly day: number }[] = [];
  readonly versions: string[] = [];
  /** Entities, feature views and feature services by name, as they were applied last. */
  readonly definitions = new Map<string, Entity | FeatureView | FeatureService>();
  champion = '';
  gatePassed = true;
  parity = { rows: 100n, equal: 100n };

  standIns(): readonly StandIn[] {
    return [this.#ingestion(), this.#features(), this.#trainer(), this.#registry(), this.#inference(), this.#monitor()];
  }

  /** As new, for the next story. */
  reset(): void {
    for (const list of [this.calls, this.plans, this.kept, this.data, this.versions]) list.length = 0;
    for (const known of [this.jobs, this.held, this.faults, this.definitions]) known.clear();
    this.champion = '';
    this.gatePassed = true;
    this.parity = { rows: 100n, equal: 100n };
  }

  count(call: string): number {
    return this.calls.filter((each) => each.split(' ')[0] === call).length;
  }

  /** Lets work of a kind end. */
  release(work: Work): void {
    this.held.delete(work);
    for (const job of this.jobs.values()) job.wake();
  }

  #define<T extends Entity | FeatureView | FeatureService>(call: string, definition: T | undefined): T {
    if (!definition) throw new Error(`no ${call}`);
    this.#do(call, definition.name);
    this.definitions.set(definition.name, definition);
    return definition;
  }

  /** The caller names it by the kind that it is of. */
  #defined<T extends Entity | FeatureView | FeatureService>(name: string): T {
    const found = this.definitions.get(name) as T | undefined;
    if (!found) throw notFound('features.millrace', 'DEFINITION_NOT_FOUND');
    return found;
  }

  #do(call: string, detail: string): void {
    this.calls.push(`${call} ${detail}`);
    const fault = this.faults.get(call)?.shift();
    if (fault) throw fault;
  }

  /** The job of a request id: the same one however often it is asked for. */
  #job(work: Work, requestId: string): Job {
    this.#do(work, requestId);
    const known = this.jobs.get(requestId);
    if (known) return known;
    const job: Job = { name: `${work}/${requestId}`, state: JobState.RUNNING, wake: () => undefined };
    this.jobs.set(requestId, job);
    return job;
  }

  #named(name: string): Job {
    const job = [...this.jobs.values()].find((each) => each.name === name);
    if (!job) throw notFound('spec', 'JOB_NOT_FOUND');
    return job;
  }

  #cancel(name: string): void {
    const job = this.#named(name);
    this.calls.push(`cancel ${name}`);
    job.state = JobState.CANCELLED;
    job.wake();
  }

  async *#watch<T>(work: Work, name: string, show: (job: Job) => T): AsyncGenerator<T> {
    const job = this.#named(name);
    yield show(job);
    while (job.state === JobState.RUNNING && this.held.has(work)) await new Promise<void>((resolve) => (job.wake = resolve));
    if (job.state === JobState.RUNNING) job.state = JobState.SUCCEEDED;
    yield show(job);
  }

  #version(number: number): DatasetVersion {
    const found = this.data[number - 1];
    if (!found) throw notFound('ingestion.millrace', 'DATASET_NOT_FOUND');
    return DatasetVersion.fromPartial({ name: `datasets/flights/versions/${number}`, digest: `sha256:data${number}`, rows: BigInt(found.rows), eventTimeMax: new Date(found.day * DAY_MS), ingestionRun: 'ingestionRuns/r', parent: number > 1 ? `datasets/flights/versions/${number - 1}` : '' });
  }

  #ingestion(): StandIn {
    const show = ({ name, state }: Job) => IngestionRun.fromPartial({ name, status: { state }, datasetVersion: state === JobState.SUCCEEDED ? `datasets/flights/versions/${Math.max(1, this.data.length)}` : '' });
    return standIn(IngestionServiceDefinition, {
      createIngestionRun: async ({ requestId }) => show(this.#job('ingest', requestId)),
      watchIngestionRun: ({ name }) => this.#watch('ingest', name, show),
      cancelIngestionRun: async ({ name }) => (this.#cancel(name), show(this.#named(name))),
      getIngestionRun: async ({ name }) => IngestionRun.fromPartial({ name, source: { path: '/data/flights.csv' }, dataset: 'datasets/flights' }),
      getDatasetVersion: async ({ name }) => {
        const fault = this.faults.get('data')?.shift();
        if (fault) throw fault;
        return this.#version(name.endsWith('latest') ? this.data.length : Number(name.split('/')[3]));
      },
    });
  }

  #features(): StandIn {
    const showSet = ({ name, state }: Job) => TrainingSet.fromPartial({ name: `trainingSets/${name.split('/')[1]}`, status: { state }, digest: 'sha256:set', rows: 10n, spine: { datasetVersion: `datasets/flights/versions/${this.data.length}` } });
    const showFill = ({ name, state }: Job) => Materialization.fromPartial({ name, status: { state }, rows: 5n, entities: 2n });
    return standIn(FeatureStoreServiceDefinition, {
      applyEntity: async ({ entity }) => this.#define('entity', entity),
      applyFeatureView: async ({ featureView }) => this.#define('view', featureView),
      applyFeatureService: async ({ featureService }) => this.#define('service', featureService),
      getEntity: async ({ name }) => this.#defined<Entity>(name),
      getFeatureView: async ({ name }) => this.#defined<FeatureView>(name),
      getFeatureService: async ({ name }) => this.#defined<FeatureService>(name),
      createTrainingSet: async ({ requestId }) => showSet(this.#job('training-set', requestId)),
      watchTrainingSet: ({ name }) => this.#watch('training-set', name.replace('trainingSets', 'training-set'), showSet),
      getTrainingSet: async ({ name }) => TrainingSet.fromPartial({ name, rows: 10n, digest: 'sha256:set', spine: { datasetVersion: 'datasets/flights/versions/1' } }),
      createMaterialization: async ({ requestId }) => showFill(this.#job('materialize', requestId)),
      watchMaterialization: ({ name }) => this.#watch('materialize', name, showFill),
    });
  }

  #trainer(): StandIn {
    const show = ({ name, state }: Job) => TrainingJob.fromPartial({ name: `trainingJobs/${name.split('/')[1]}`, status: { state }, evaluation: `evaluations/${name.split('/')[1]}`, models: [{ rung: 'trees', artifact: { digest: `sha256:model${this.data.length}` }, modelDigest: 'sha256:m', inputs: { columns: [{ name: 'distance' }] } }] });
    return standIn(TrainerServiceDefinition, {
      checkPlan: async (request) => {
        this.plans.push(request);
        const fault = this.faults.get('check')?.shift();
        if (fault) throw fault;
        return { planDigest: 'sha256:plan', features: [] };
      },
      createTrainingJob: async ({ requestId }) => show(this.#job('train', requestId)),
      watchTrainingJob: ({ name }) => this.#watch('train', name.replace('trainingJobs', 'train'), show),
      cancelTrainingJob: async ({ name }) => (this.#cancel(name.replace('trainingJobs', 'train')), TrainingJob.fromPartial({ name })),
      getTrainingJob: async ({ name }) => ({ ...show({ name, state: JobState.SUCCEEDED, wake: () => undefined }), spec: TrainingJob.fromPartial({ spec: { trainingSet: 'trainingSets/t' } }).spec }),
      getEvaluation: async ({ name }) => Evaluation.fromPartial({ name, trainingJob: name.replace('evaluations', 'trainingJobs'), rows: 10n, rungs: [{ rung: 'trees', metrics: [{ metric: 'auc', value: 0.7 }] }], gate: { passed: this.gatePassed, checks: [{ name: 'auc', passed: this.gatePassed, why: this.gatePassed ? 'auc is good' : 'auc is poor' }] } }),
    });
  }

  #registry(): StandIn {
    const requests = new Map<string, string>();
    const version = (name: string) => ModelVersion.fromPartial({ name, artifact: { digest: `sha256:${name}` }, paritySample: { digest: 'sha256:sample' }, etag: '1', origin: { trainingJob: 'trainingJobs/t', trainingSet: 'trainingSets/t', pipelineRun: 'pipelineRuns/gone' }, metrics: { auc: 0.7 } });
    return standIn(RegistryServiceDefinition, {
      createExperiment: async ({ experiment }) => experiment ?? Promise.reject(new Error('no experiment')),
      createRun: async ({ parent, requestId, run }) => {
        this.kept.push(Run.fromPartial(run ?? {}));
        return Run.fromPartial({ name: `${parent}/runs/${requestId}` });
      },
      logRun: async ({ name }) => Run.fromPartial({ name }),
      finishRun: async ({ name }) => Run.fromPartial({ name }),
      createModel: async ({ model }) => model ?? Promise.reject(new Error('no model')),
      createModelVersion: async ({ parent, requestId }) => {
        this.#do('register', requestId);
        const name = requests.get(requestId) ?? `${parent}/versions/${this.versions.length + 1}`;
        if (!requests.has(requestId)) this.versions.push(name);
        requests.set(requestId, name);
        return version(name);
      },
      getModelVersion: async ({ name }) => {
        if (!name.includes('/aliases/')) return version(name);
        if (this.champion === '') throw notFound('registry.millrace', 'ALIAS_NOT_FOUND');
        return version(this.champion);
      },
      certifyModelVersion: async ({ name }) => (this.#do('certify', name), version(name)),
      moveAlias: async ({ name, modelVersion }) => {
        this.#do('alias', modelVersion);
        this.champion = modelVersion;
        return Alias.fromPartial({ name, modelVersion });
      },
    });
  }

  #inference(): StandIn {
    return standIn(InferenceServiceDefinition, {
      certifyParity: async () => ({ ...this.parity, maxDifference: this.parity.rows === this.parity.equal ? 0 : 0.5, environment: {} }),
      applyEndpoint: async ({ endpoint }) => (this.#do('endpoint', endpoint?.name ?? ''), endpoint ?? Promise.reject(new Error('no endpoint'))),
      getEndpoint: async ({ name }) => Endpoint.fromPartial({ name, alias: 'models/late/aliases/champion', modelVersion: this.champion }),
      getPrediction: async ({ id }) => ({ record: { id, endpoint: 'endpoints/late', modelVersion: 'models/late/versions/1', eventTime: new Date(0), predictTime: undefined, inputs: [], score: 0.5, flags: [], traceId: '', asked: undefined }, inputs: [], label: 1, labelTime: undefined }),
    });
  }

  #monitor(): StandIn {
    return standIn(MonitorServiceDefinition, { applyMonitor: async ({ monitor }) => (this.#do('monitor', monitor?.name ?? ''), monitor ?? Promise.reject(new Error('no monitor'))) });
  }
}
