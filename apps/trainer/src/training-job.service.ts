import type { FeatureStoreServiceDefinition } from '@millrace/contracts/millrace/features/v1/feature_store_service';
import { type PageRequest, uuidv7 } from '@millrace/core';
import type { ObjectStore } from '@millrace/objects';
import type { Client } from '@millrace/rpc';
import { type Changes, isFinal, type JobDesk, type JobFilter, type JobOrder, type JobProgress, type JobStore } from '@millrace/service';
import { errors } from './errors.js';
import { EvaluationStore } from './evaluation.store.js';
import type { TrainerTables } from './migrations.js';
import type { TrainJobArgument } from './train.job.js';
import { encodeEnded } from './trainer.events.js';
import { withTrainingSet } from './training-set.wire.js';
import { beginJob, completeJob, type Evaluation, evaluationName, failJob, newTrainingJob, refuseFinal, type TrainingJob, trainingJobName, type TrainingResult } from './training-job.js';
import { checkSpec, type TrainingSpec } from './training-spec.js';
import type { DataLimits } from './training/training-data.js';

/** Starts, follows and ends training jobs. */
export class TrainingJobService {
  constructor(
    private readonly store: JobStore<TrainingJob>,
    private readonly evaluations: EvaluationStore,
    private readonly desk: JobDesk<TrainingJob, TrainJobArgument, TrainingResult>,
    private readonly changes: Changes,
    private readonly features: Client<typeof FeatureStoreServiceDefinition>,
    private readonly objects: ObjectStore,
    private readonly limits: DataLimits,
    private readonly clock: () => Date,
  ) {}

  /** Takes an order; a plan that leaks, and all else that can be known before, is refused here. */
  async create(draft: { readonly spec: TrainingSpec; readonly requestId: string }): Promise<TrainingJob> {
    const spec = draft.spec.objects.length > 0 ? draft.spec : withTrainingSet(draft.spec, await this.features.getTrainingSet({ name: draft.spec.trainingSet }));
    checkSpec(spec);
    const wanted = newTrainingJob(uuidv7(), { ...draft, spec }, this.clock());
    const job = await this.store.create(wanted);
    if (job.id === wanted.id) this.desk.created();
    return job;
  }

  async get(id: string): Promise<TrainingJob> {
    const found = await this.store.find(id);
    if (!found) throw errors.TRAINING_JOB_NOT_FOUND({ name: trainingJobName.format({ job: id }) });
    return found;
  }

  list(filter: JobFilter, page: PageRequest): Promise<readonly TrainingJob[]> {
    return this.store.list(filter, page);
  }

  progress(id: string): JobProgress | undefined {
    return this.desk.progress(trainingJobName.format({ job: id }));
  }

  watch(id: string, signal: AbortSignal): AsyncIterable<TrainingJob> {
    return this.changes.watch(trainingJobName.format({ job: id }), () => this.get(id), { final: ({ status }) => isFinal(status), signal });
  }

  async cancel(id: string): Promise<TrainingJob> {
    const found = await this.get(id);
    refuseFinal(found);
    await this.desk.cancel(id, 'cancelled by the caller');
    return found;
  }

  async getEvaluation(id: string): Promise<Evaluation> {
    const found = await this.evaluations.find(id);
    if (!found) throw errors.EVALUATION_NOT_FOUND({ name: evaluationName.format({ evaluation: id }) });
    return found;
  }

  /** Of one job, or of all. */
  listEvaluations(job: string | undefined, page: PageRequest): Promise<readonly Evaluation[]> {
    return this.evaluations.list(job, page);
  }

  /** Takes up what the last process left unfinished, and looks for more. */
  resume(): Promise<void> {
    return this.desk.start();
  }

  close(): Promise<void> {
    return this.desk.close();
  }

  async begin(name: string): Promise<void> {
    await this.store.save(beginJob(await this.#byName(name), this.clock()));
  }

  async complete(name: string, result: TrainingResult): Promise<void> {
    const found = await this.#byName(name);
    if (isFinal(found.status)) return;
    const { job, evaluation } = completeJob(found, result, this.clock());
    // Named before it is saved: a manifest without a job is harmless, a job without its objects is not.
    await this.objects.writeManifest(`trainer/${name}`, { objects: [...result.objects], body: { job: name } });
    await this.store.save<TrainerTables>(job, encodeEnded(job, evaluation), (tx) => EvaluationStore.add(tx, evaluation));
  }

  async fail(name: string, error: unknown): Promise<void> {
    const found = await this.#byName(name);
    if (isFinal(found.status)) return;
    const job = failJob(found, error, this.clock());
    await this.store.save(job, encodeEnded(job, undefined));
  }

  #byName(name: string): Promise<TrainingJob> {
    return this.get(trainingJobName.parse(name).job);
  }

  order({ id, spec }: TrainingJob): JobOrder<TrainJobArgument> {
    return { name: trainingJobName.format({ job: id }), argument: async () => ({ spec, objects: this.objects.place, limits: this.limits }) };
  }
}
