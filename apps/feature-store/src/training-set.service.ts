import { type PageRequest, uuidv7 } from '@millrace/core';
import type { ObjectStore } from '@millrace/objects';
import { type Changes, isFinal, type JobDesk, type JobFilter, type JobOrder, type JobProgress, type JobStore } from '@millrace/service';
import type { DefinitionService } from './definition.service.js';
import { errors } from './errors.js';
import { encodeTrainingSet } from './features.events.js';
import type { ResolvedService } from './feature-service.js';
import { checkSource, featureViewName } from './feature-view.js';
import type { TrainingSetJobArgument } from './make-training-set.job.js';
import type { TableInput, TrainingSetResult } from './offline/make-training-set.js';
import { type Ingestion, latestVersion, readVersion, tableOf } from './source-table.js';
import { beginTrainingSet, checkSpine, type ColumnOrigin, columnOrigins, completeTrainingSet, failTrainingSet, newTrainingSet, type TrainingSet, type TrainingSetDraft, trainingSetName } from './training-set.js';

export type TrainingSetDesk = JobDesk<TrainingSet, TrainingSetJobArgument, TrainingSetResult>;

/** Memory and threads of the jobs of this service. */
export interface OfflineLimits {
  readonly memoryLimit: string;
  readonly threads: number;
}

const NO_FEATURES: ResolvedService = { reads: [], computed: [], features: [] };

/** Starts, follows and ends training sets. */
export class TrainingSetService {
  constructor(
    private readonly store: JobStore<TrainingSet>,
    private readonly definitions: DefinitionService,
    private readonly desk: TrainingSetDesk,
    private readonly changes: Changes,
    private readonly objects: ObjectStore,
    private readonly ingestion: Ingestion,
    private readonly limits: OfflineLimits,
    private readonly clock: () => Date,
  ) {}

  /** Takes an order; definitions that do not fit the data are refused here. */
  async create(draft: TrainingSetDraft): Promise<TrainingSet> {
    // What `latest` means is settled now, so that the set says what it was made from.
    const version = await readVersion(this.ingestion, { name: draft.spine.datasetVersion, reader: 'the training set' });
    const spine = { ...draft.spine, datasetVersion: version.name, eventTime: draft.spine.eventTime === '' ? version.eventTimeColumn : draft.spine.eventTime };
    const table = tableOf(version);
    const service = await this.#service(draft.service);
    await this.#references(service, { spine, table });
    checkSpine(spine, table.schema, service);
    const wanted = newTrainingSet(uuidv7(), { ...draft, spine }, this.clock());
    const set = await this.store.create(wanted);
    if (set.id === wanted.id) this.desk.created();
    return set;
  }

  async get(id: string): Promise<TrainingSet> {
    const found = await this.store.find(id);
    if (!found) throw errors.TRAINING_SET_NOT_FOUND({ name: trainingSetName.format({ set: id }) });
    return found;
  }

  list(filter: JobFilter, page: PageRequest): Promise<readonly TrainingSet[]> {
    return this.store.list(filter, page);
  }

  progress(id: string): JobProgress | undefined {
    return this.desk.progress(trainingSetName.format({ set: id }));
  }

  async origins(set: TrainingSet): Promise<readonly ColumnOrigin[]> {
    if (set.object === undefined || set.origins !== undefined) return set.origins ?? [];
    return columnOrigins(set, await this.#service(set.service));
  }

  watch(id: string, signal: AbortSignal): AsyncIterable<TrainingSet> {
    return this.changes.watch(trainingSetName.format({ set: id }), () => this.get(id), { final: ({ status }) => isFinal(status), signal });
  }

  /** Takes up what the last process left unfinished, and looks for more. */
  resume(): Promise<void> {
    return this.desk.start();
  }

  close(): Promise<void> {
    return this.desk.close();
  }

  async begin(name: string): Promise<void> {
    await this.store.save(beginTrainingSet(await this.#byName(name), this.clock()));
  }

  async complete(name: string, result: TrainingSetResult): Promise<void> {
    const set = await this.#byName(name);
    if (isFinal(set.status)) return;
    await this.objects.writeManifest(`features/${name}`, { objects: [result.object.digest], body: {} });
    const made = completeTrainingSet(set, result, this.clock());
    // Kept with the set: its service may be changed or deleted later.
    const origins = await this.origins(made);
    await this.store.save({ ...made, origins }, encodeTrainingSet(made, origins));
  }

  async fail(name: string, error: unknown): Promise<void> {
    const set = await this.#byName(name);
    if (!isFinal(set.status)) await this.store.save(failTrainingSet(set, error, this.clock()));
  }

  #byName(name: string): Promise<TrainingSet> {
    return this.get(trainingSetName.parse(name).set);
  }

  order(set: TrainingSet): JobOrder<TrainingSetJobArgument> {
    return { name: trainingSetName.format({ set: set.id }), argument: () => this.#argument(set) };
  }

  async #argument(set: TrainingSet): Promise<TrainingSetJobArgument> {
    const table = tableOf(await this.ingestion.getDatasetVersion({ name: set.spine.datasetVersion }));
    const service = await this.#service(set.service);
    return { spine: set.spine, table, ...service, references: await this.#references(service, { spine: set.spine, table }), objects: this.objects.place, ...this.limits };
  }

  async #service(service: string): Promise<ResolvedService> {
    return service === '' ? NO_FEATURES : this.definitions.resolve(service);
  }

  /** Each reference with the rows its view reads: those of the spine's version where the dataset is the same, else of the latest version. */
  #references({ reads }: ResolvedService, { spine, table }: { readonly spine: TrainingSet['spine']; readonly table: TableInput }) {
    return Promise.all(
      reads.map(async (reference) => {
        const { view } = reference;
        const same = spine.datasetVersion.startsWith(`datasets/${view.dataset}/`);
        const source = same ? table : tableOf(await readVersion(this.ingestion, { name: latestVersion(view), reader: featureViewName.format(view) }));
        checkSource(view, source.schema);
        return { reference, source };
      }),
    );
  }
}
