import { type PageRequest, parseCanonicalJson, uuidv7 } from '@millrace/core';
import type { ObjectStore } from '@millrace/objects';
import { type Changes, isFinal, type JobDesk, type JobFilter, type JobOrder, type JobProgress, type JobStore } from '@millrace/service';
import type { DefinitionService } from './definition.service.js';
import { errors } from './errors.js';
import { encodeMaterialization } from './features.events.js';
import { checkSource, featureViewName, meaningOf } from './feature-view.js';
import { beginMaterialization, completeMaterialization, failMaterialization, type Materialization, type MaterializationDraft, materializationName, newMaterialization } from './materialization.js';
import type { MaterializeJobArgument } from './materialize.job.js';
import type { MaterializeResult } from './offline/materialize.js';
import type { OnlineService } from './online/online.service.js';
import type { ViewDelta } from './online/view-delta.js';
import { type Ingestion, latestVersion, readVersion, tableOf } from './source-table.js';
import type { OfflineLimits } from './training-set.service.js';

export type MaterializeDesk = JobDesk<Materialization, MaterializeJobArgument, MaterializeResult>;

/** Starts, follows and ends materialisations. */
export class MaterializationService {
  constructor(
    private readonly store: JobStore<Materialization>,
    private readonly definitions: DefinitionService,
    private readonly online: OnlineService,
    private readonly desk: MaterializeDesk,
    private readonly changes: Changes,
    private readonly objects: ObjectStore,
    private readonly ingestion: Ingestion,
    private readonly limits: OfflineLimits,
    private readonly clock: () => Date,
  ) {}

  async create(draft: MaterializationDraft): Promise<Materialization> {
    const view = await this.definitions.getHoldingView(draft.view, 'materialised');
    const wantedVersion = draft.datasetVersion === '' ? latestVersion(view) : draft.datasetVersion;
    if (!wantedVersion.startsWith(`datasets/${view.dataset}/`)) throw errors.OTHER_DATASET({ view: featureViewName.format(view), dataset: view.dataset, version: wantedVersion });
    const version = await readVersion(this.ingestion, { name: wantedVersion, reader: featureViewName.format(view) });
    checkSource(view, tableOf(version).schema);
    const wanted = newMaterialization(uuidv7(), { ...draft, datasetVersion: version.name }, this.clock());
    const job = await this.store.create(wanted);
    if (job.id === wanted.id) this.desk.created();
    return job;
  }

  async get(id: string): Promise<Materialization> {
    const found = await this.store.find(id);
    if (!found) throw errors.MATERIALIZATION_NOT_FOUND({ name: materializationName.format({ materialization: id }) });
    return found;
  }

  list(filter: JobFilter, page: PageRequest): Promise<readonly Materialization[]> {
    return this.store.list(filter, page);
  }

  progress(id: string): JobProgress | undefined {
    return this.desk.progress(materializationName.format({ materialization: id }));
  }

  watch(id: string, signal: AbortSignal): AsyncIterable<Materialization> {
    return this.changes.watch(materializationName.format({ materialization: id }), () => this.get(id), { final: ({ status }) => isFinal(status), signal });
  }

  /** Takes up what the last process left unfinished, and looks for more. */
  resume(): Promise<void> {
    return this.desk.start();
  }

  close(): Promise<void> {
    return this.desk.close();
  }

  async begin(name: string): Promise<void> {
    await this.store.save(beginMaterialization(await this.#byName(name), this.clock()));
  }

  async complete(name: string, { state, rows, meaning, schema, knownBefore, profile }: MaterializeResult): Promise<void> {
    const job = await this.#byName(name);
    if (isFinal(job.status)) return;
    const view = await this.definitions.getHoldingView(job.view, 'materialised');
    if (meaning !== meaningOf(view)) throw errors.VIEW_CHANGED({ view: featureViewName.format(view) });
    const delta = parseCanonicalJson(Buffer.from(await this.objects.read(state)).toString('utf8')) as ViewDelta;
    const entities = await this.online.replace(view, { delta, base: state, schema, knownBefore });
    // The view may have been deleted meanwhile: what it was filled with goes again.
    await this.definitions.getView(job.view).catch(async (error: unknown) => {
      await this.online.drop(job.view);
      throw error;
    });
    const done = completeMaterialization(job, { rows, entities, knownThrough: knownBefore, profile }, this.clock());
    await this.store.save(done, encodeMaterialization(done));
  }

  async fail(name: string, error: unknown): Promise<void> {
    const job = await this.#byName(name);
    if (!isFinal(job.status)) await this.store.save(failMaterialization(job, error, this.clock()));
  }

  #byName(name: string): Promise<Materialization> {
    return this.get(materializationName.parse(name).materialization);
  }

  order(job: Materialization): JobOrder<MaterializeJobArgument> {
    return {
      name: materializationName.format({ materialization: job.id }),
      argument: async () => ({
        view: await this.definitions.getHoldingView(job.view, 'materialised'),
        source: tableOf(await this.ingestion.getDatasetVersion({ name: job.datasetVersion })),
        knownBefore: job.knownBefore,
        objects: this.objects.place,
        ...this.limits,
      }),
    };
  }
}
