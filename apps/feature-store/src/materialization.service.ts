import { type PageRequest, parseCanonicalJson, uuidv7 } from '@millrace/core';
import type { ObjectStore } from '@millrace/objects';
import type { Logger } from 'pino';
import { type Changes, isFinal, type JobDesk, type JobFilter, type JobOrder, type JobProgress, type JobStore } from '@millrace/service';
import type { DefinitionService } from './definition.service.js';
import { errors } from './errors.js';
import { encodeMaterialization } from './features.events.js';
import { checkSource, featureViewName, meaningOf } from './feature-view.js';
import { beginMaterialization, completeMaterialization, failMaterialization, type Materialization, type MaterializationDraft, materializationName, newMaterialization } from './materialization.js';
import type { MaterializeJobArgument } from './materialize.job.js';
import type { MaterializeResult } from './offline/materialize.js';
import type { MovedViews } from './online/moved-views.js';
import type { OnlineService } from './online/online.service.js';
import type { ViewDelta } from './online/view-delta.js';
import { type Ingestion, latestVersion, readVersion, tableOf } from './source-table.js';
import type { OfflineLimits } from './training-set.service.js';

export type MaterializeDesk = JobDesk<MaterializeJobArgument, MaterializeResult>;

/** Of a view whose values are made again. */
const NEWEST = { size: 1, after: undefined } as const;

/** Starts, follows and ends materialisations. */
export class MaterializationService {
  /** Ended in another home, and at work here to make its values again; what it says of itself stays as it is. */
  readonly #moved = new Set<string>();

  constructor(
    private readonly store: JobStore<Materialization>,
    private readonly definitions: DefinitionService,
    private readonly online: OnlineService,
    private readonly desk: MaterializeDesk,
    private readonly changes: Changes,
    private readonly objects: ObjectStore,
    private readonly ingestion: Ingestion,
    private readonly limits: OfflineLimits,
    private readonly moves: MovedViews,
    private readonly log: Logger,
    private readonly clock: () => Date,
  ) {}

  async create(draft: MaterializationDraft, traceparent: string | undefined): Promise<Materialization> {
    const { body: view } = await this.definitions.getView(draft.view);
    const wantedVersion = draft.datasetVersion === '' ? latestVersion(view) : draft.datasetVersion;
    if (!wantedVersion.startsWith(`datasets/${view.dataset}/`)) throw errors.OTHER_DATASET({ view: featureViewName.format(view), dataset: view.dataset, version: wantedVersion });
    const version = await readVersion(this.ingestion, { name: wantedVersion, reader: featureViewName.format(view) });
    checkSource(view, tableOf(version).schema);
    const wanted = newMaterialization(uuidv7(), { ...draft, datasetVersion: version.name }, this.clock());
    const job = await this.store.create(wanted);
    if (job.id === wanted.id) this.desk.take(this.#order(job, traceparent));
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

  /** Takes up what the last process left unfinished. */
  async resume(): Promise<void> {
    for (const job of await this.store.unfinished()) this.desk.take(this.#order(job, undefined));
    await this.#fillMoved();
  }

  /** Values do not come with a view from another home: its last materialisation is done once more. */
  async #fillMoved(): Promise<void> {
    for (const view of await this.definitions.allViews()) {
      const [job] = await this.store.list({ subject: view, state: 'SUCCEEDED' }, NEWEST);
      if (!job || !(await this.moves.lacksValues(view))) continue;
      this.#moved.add(job.id);
      this.desk.take(this.#order(job, undefined));
    }
  }

  async begin(name: string): Promise<void> {
    if (this.#moved.has(materializationName.parse(name).materialization)) return;
    await this.store.save(beginMaterialization(await this.#byName(name), this.clock()));
  }

  async complete(name: string, { state, rows, meaning, schema, knownBefore }: MaterializeResult): Promise<void> {
    const job = await this.#byName(name);
    const moved = this.#moved.delete(job.id);
    if (isFinal(job.status) && !moved) return;
    const { body: view } = await this.definitions.getView(job.view);
    if (meaning !== meaningOf(view)) throw errors.VIEW_CHANGED({ view: featureViewName.format(view) });
    const delta = parseCanonicalJson(Buffer.from(await this.objects.read(state)).toString('utf8')) as ViewDelta;
    // Values that lack a push would be wrong; a view without values says so.
    if (moved && (await this.moves.hasForgotten(job.view, knownBefore))) throw errors.PUSHES_FORGOTTEN({ view: featureViewName.format(view), from: iso(knownBefore), through: 'some time after it' });
    const entities = await this.online.replace(view, { delta, base: state, schema, knownBefore });
    if (moved) return;
    const done = completeMaterialization(job, { rows, entities }, this.clock());
    await this.store.save(done, encodeMaterialization(done));
  }

  async fail(name: string, error: unknown): Promise<void> {
    const job = await this.#byName(name);
    if (this.#moved.delete(job.id) || isFinal(job.status)) return this.log.error({ err: error, view: job.view }, 'the values of a view could not be made again; materialise it');
    await this.store.save(failMaterialization(job, error, this.clock()));
  }

  #byName(name: string): Promise<Materialization> {
    return this.get(materializationName.parse(name).materialization);
  }

  #order(job: Materialization, traceparent: string | undefined): JobOrder<MaterializeJobArgument> {
    return {
      name: materializationName.format({ materialization: job.id }),
      id: job.id,
      lane: job.view,
      traceparent,
      argument: async () => ({
        view: (await this.definitions.getView(job.view)).body,
        source: tableOf(await this.ingestion.getDatasetVersion({ name: job.datasetVersion })),
        knownBefore: job.knownBefore,
        objects: this.objects.place,
        ...this.limits,
      }),
    };
  }
}

const iso = (micros: number): string => new Date(Math.floor(micros / 1000)).toISOString();
