import { MAX_PAGE_SIZE, type PageRequest } from '@millrace/core';
import type { DefinitionStore, Kept, Named } from './definition.store.js';
import { checkDescribed, isSought, type Sought } from './described.js';
import { checkEntity, type Entity, entityName } from './entity.js';
import { errors } from './errors.js';
import { type FeatureService, featureServiceName, type ResolvedReference, resolveService } from './feature-service.js';
import { checkView, type FeatureView, featureViewName } from './feature-view.js';
import { type ViewVersion, ViewVersionStore } from './view-version.store.js';

/** After so long a change that another instance was told of is seen here too. */
const FRESH_MS = 1_000;

/** What views are looked for by beside what all definitions have. */
export type SoughtView = Sought & { readonly entity?: string | undefined; readonly dataset?: string | undefined };

/** Applies and reads entities, views and services, and sees to it that they fit each other. */
export class DefinitionService {
  /** Resolved services by name; a hot path reads them. Cleared by every change here, and soon forgotten because of changes elsewhere. */
  #resolved = new Map<string, { readonly references: Promise<readonly ResolvedReference[]>; readonly since: number }>();

  constructor(
    private readonly entities: DefinitionStore<Entity>,
    private readonly views: DefinitionStore<FeatureView>,
    private readonly services: DefinitionStore<FeatureService>,
    private readonly versions: ViewVersionStore,
    private readonly clock: () => Date,
  ) {}

  async applyEntity(entity: Entity): Promise<Kept<Entity>> {
    checkEntity(entity);
    return this.#changed(await this.entities.apply(entity.entity, entity, { now: this.clock() }));
  }

  /** The view's join keys are those of its entity, in its order. */
  async applyView(view: Omit<FeatureView, 'keyColumns' | 'joinKeys'>, columns: Readonly<Record<string, string>>): Promise<Kept<FeatureView>> {
    const entity = (await this.getEntity(view.entity)).body;
    const joinKeys = entity.joinKeys.map(({ name }) => name);
    const stranger = Object.keys(columns).find((key) => !joinKeys.includes(key));
    if (stranger !== undefined) throw errors.INVALID_DEFINITION({ name: featureViewName.format(view), place: `join_key_columns.${stranger}`, why: `entity ${view.entity} has no such key` });
    const complete = checkView({ ...view, joinKeys, keyColumns: joinKeys.map((key) => columns[key] ?? key) }, entity);
    const now = this.clock();
    return this.#changed(await this.views.apply(view.view, complete, { now, also: (tx) => ViewVersionStore.record(tx, complete, now) }));
  }

  async applyService(service: FeatureService): Promise<Kept<FeatureService>> {
    checkDescribed(service, (place, why) => errors.INVALID_DEFINITION({ name: featureServiceName.format(service), place, why }));
    resolveService(service, await this.#viewsOf(service));
    return this.#changed(await this.services.apply(service.service, service, { now: this.clock() }));
  }

  getEntity(entity: string): Promise<Kept<Entity>> {
    return found(this.entities.find(entity), entityName.format({ entity }));
  }

  getView(view: string): Promise<Kept<FeatureView>> {
    return found(this.views.find(view), featureViewName.format({ view }));
  }

  getService(service: string): Promise<Kept<FeatureService>> {
    return found(this.services.find(service), featureServiceName.format({ service }));
  }

  listEntities(page: PageRequest, sought: Sought = {}): Promise<readonly Named<Entity>[]> {
    return this.entities.list(page, ({ name, body }) => isSought({ ...body, name }, sought));
  }

  listViews(page: PageRequest, { entity, dataset, ...sought }: SoughtView = {}): Promise<readonly Named<FeatureView>[]> {
    return this.views.list(page, ({ name, body }) => isSought({ ...body, name }, sought) && (entity ?? body.entity) === body.entity && (dataset ?? body.dataset) === body.dataset);
  }

  /** The number of the version that each view is in. */
  versionsOf(views: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return this.versions.newest(views);
  }

  /** What a view was, newest first. */
  async listViewVersions(view: string, page: PageRequest): Promise<readonly ViewVersion[]> {
    await this.getView(view);
    return this.versions.list(view, page);
  }

  /** The names of all views. */
  async allViews(): Promise<readonly string[]> {
    const names: string[] = [];
    for (let after: string | undefined, more = true; more; ) {
      const views = await this.views.list({ size: MAX_PAGE_SIZE, after });
      names.push(...views.slice(0, MAX_PAGE_SIZE).map(({ name }) => name));
      after = names.at(-1);
      more = views.length > MAX_PAGE_SIZE;
    }
    return names;
  }

  listServices(page: PageRequest, { view, ...sought }: Sought & { readonly view?: string | undefined } = {}): Promise<readonly Named<FeatureService>[]> {
    return this.services.list(page, ({ name, body }) => isSought({ ...body, name }, sought) && (view === undefined || body.references.some((reference) => reference.view === view)));
  }

  /** A service joined with its views. */
  resolve(service: string): Promise<readonly ResolvedReference[]> {
    const cached = this.#resolved.get(service);
    if (cached && performance.now() - cached.since < FRESH_MS) return cached.references;
    const references = this.getService(service).then(async ({ body }) => resolveService(body, await this.#viewsOf(body)));
    const made = { references, since: performance.now() };
    this.#resolved.set(service, made);
    references.catch(() => {
      if (this.#resolved.get(service) === made) this.#resolved.delete(service);
    });
    return references;
  }

  async #viewsOf({ references }: FeatureService): Promise<ReadonlyMap<string, FeatureView>> {
    const kept = await Promise.all(references.map(({ view }) => this.views.find(view)));
    return new Map(kept.flatMap((view) => (view ? [[view.body.view, view.body] as const] : [])));
  }

  #changed<T>(value: T): T {
    this.#resolved = new Map();
    return value;
  }
}

async function found<T>(kept: Promise<T | undefined>, name: string): Promise<T> {
  const value = await kept;
  if (value === undefined) throw errors.DEFINITION_NOT_FOUND({ name });
  return value;
}
