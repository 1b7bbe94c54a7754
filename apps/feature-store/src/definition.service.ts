import { MAX_PAGE_SIZE, type PageRequest, type Schema } from '@millrace/core';
import type { Kysely, Transaction } from 'kysely';
import type { DefinitionStore, DefinitionTables, Kept, Named } from './definition.store.js';
import { checkDescribed, isSought, type Sought } from './described.js';
import { checkEntity, type Entity, entityName } from './entity.js';
import { endpointsIn, type EndpointUse, type EndpointUseStore, type EndpointUseTables } from './endpoint-use.store.js';
import { errors } from './errors.js';
import { type FeatureService, featureServiceName, type ResolvedService, resolveService } from './feature-service.js';
import { checkView, type FeatureView, featureViewName } from './feature-view.js';
import { type AnyView, checkOnDemand, isOnDemand, type OnDemandDraft, resolveInputs } from './on-demand-view.js';
import { type ViewVersion, ViewVersionStore } from './view-version.store.js';

/** After so long a change that another instance was told of is seen here too. */
const FRESH_MS = 1_000;

/** What views are looked for by beside what all definitions have. */
export type SoughtView = Sought & { readonly entity?: string | undefined; readonly dataset?: string | undefined };

/** Applies and reads entities, views and services, and sees to it that they fit each other. */
export class DefinitionService {
  /** Resolved services by name; a hot path reads them. Cleared by every change here, and soon forgotten because of changes elsewhere. */
  #resolved = new Map<string, { readonly service: Promise<ResolvedService>; readonly since: number }>();

  constructor(
    private readonly entities: DefinitionStore<Entity>,
    private readonly views: DefinitionStore<AnyView>,
    private readonly services: DefinitionStore<FeatureService>,
    private readonly versions: ViewVersionStore,
    private readonly uses: EndpointUseStore,
    /** The columns of the source that a view reads. */
    private readonly schemaOf: (view: FeatureView) => Promise<Schema>,
    private readonly clock: () => Date,
  ) {}

  async applyEntity(entity: Entity, etag: string): Promise<Kept<Entity>> {
    checkEntity(entity);
    return this.#changed(await this.entities.apply(entity.entity, entity, { now: this.clock(), check: isAt(etag, entityName.format(entity)) }));
  }

  /** The view's join keys are those of its entity, in its order. */
  async applyView(view: Omit<FeatureView, 'keyColumns' | 'joinKeys'>, { columns, etag }: { readonly columns: Readonly<Record<string, string>>; readonly etag: string }): Promise<Kept<AnyView>> {
    await this.#checkKind(view.view, false);
    const entity = (await this.getEntity(view.entity)).body;
    const joinKeys = entity.joinKeys.map(({ name }) => name);
    const stranger = Object.keys(columns).find((key) => !joinKeys.includes(key));
    if (stranger !== undefined) throw errors.INVALID_DEFINITION({ name: featureViewName.format(view), place: `join_key_columns.${stranger}`, why: `entity ${view.entity} has no such key` });
    const complete = checkView({ ...view, joinKeys, keyColumns: joinKeys.map((key) => columns[key] ?? key) }, entity);
    const now = this.clock();
    const also = async (tx: Transaction<DefinitionTables>): Promise<void> => {
      const there = await this.entities.allIn(tx);
      if (!there.some(({ entity: name }) => name === view.entity)) throw errors.DEFINITION_NOT_FOUND({ name: entityName.format(view) });
      await ViewVersionStore.record(tx, complete, now);
    };
    return this.#changed(await this.views.apply(view.view, complete, { now, also, check: isAt(etag, featureViewName.format(view)) }));
  }

  /** A view that is computed when it is asked for; its formulas are typed by what the views that it reads are just now. */
  async applyOnDemandView(draft: OnDemandDraft, etag: string): Promise<Kept<AnyView>> {
    await this.#checkKind(draft.view, true);
    const view = await checkOnDemand(draft, await this.#viewsByName(draft.inputs.map((reference) => reference.view)), this.schemaOf);
    const now = this.clock();
    const also = async (tx: Transaction<DefinitionTables>): Promise<void> => {
      resolveInputs(view, byName(await this.views.allIn(tx)));
      await ViewVersionStore.record(tx, view, now);
    };
    return this.#changed(await this.views.apply(view.view, view, { now, also, check: isAt(etag, featureViewName.format(view)) }));
  }

  async applyService(service: FeatureService, etag: string): Promise<Kept<FeatureService>> {
    checkDescribed(service, (place, why) => errors.INVALID_DEFINITION({ name: featureServiceName.format(service), place, why }));
    resolveService(service, await this.#viewsOf(service));
    const also = async (tx: Transaction<DefinitionTables>): Promise<void> => void resolveService(service, byName(await this.views.allIn(tx)));
    return this.#changed(await this.services.apply(service.service, service, { now: this.clock(), also, check: isAt(etag, featureServiceName.format(service)) }));
  }

  /** Throws DEFINITION_IN_USE and names the views that use the entity. */
  async deleteEntity(entity: string, etag: string): Promise<void> {
    await this.#delete(this.entities, entity, { name: entityName.format({ entity }), etag, users: async (tx) => (await this.views.allIn(tx)).filter((view) => !isOnDemand(view) && view.entity === entity).map(featureViewName.format) });
  }

  /**
   * Throws DEFINITION_IN_USE and names the services, and the views on demand, that use the view. `letGo` removes its values and pushes: once before, so that a deletion that does not come to
   * its end leaves a view without values and not values without a view, and once after, for what came meanwhile.
   */
  async deleteView(view: string, etag: string, letGo: () => Promise<void>): Promise<void> {
    const reads = (references: FeatureService['references']): boolean => references.some((reference) => reference.view === view);
    const users = async (tx: Transaction<DefinitionTables>): Promise<readonly string[]> => [
      ...(await this.services.allIn(tx)).filter(({ references }) => reads(references)).map(featureServiceName.format),
      ...(await this.views.allIn(tx)).filter((user) => isOnDemand(user) && reads(user.inputs)).map(featureViewName.format),
    ];
    const options = { name: featureViewName.format({ view }), etag, users };
    await this.views.check(view, (tx, revision) => checkUnused(tx, revision, options)).then((is) => is || notFound(options.name));
    await letGo();
    await this.#delete(this.views, view, { ...options, also: (tx) => ViewVersionStore.forget(tx, view) });
    await letGo();
  }

  /** Throws DEFINITION_IN_USE and names the endpoints that serve with the service. */
  async deleteService(service: string, etag: string): Promise<void> {
    await this.#delete(this.services, service, { name: featureServiceName.format({ service }), etag, users: async (tx) => (await endpointsIn(tx as unknown as Kysely<EndpointUseTables>, [service])).get(service) ?? [] });
  }

  /** Takes what an event tells of an endpoint. */
  hearEndpoint(eventId: string, use: EndpointUse): Promise<void> {
    return this.uses.hear(eventId, use);
  }

  /** The endpoints that serve with each service, as far as they have told. */
  endpointsOf(services: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
    return this.uses.endpointsOf(services);
  }

  getEntity(entity: string): Promise<Kept<Entity>> {
    return found(this.entities.find(entity), entityName.format({ entity }));
  }

  getView(view: string): Promise<Kept<AnyView>> {
    return found(this.views.find(view), featureViewName.format({ view }));
  }

  /** A view that holds values, to be `what`; throws VIEW_ON_DEMAND for one that has none. */
  async getHoldingView(view: string, what: 'materialised' | 'pushed into' | 'read'): Promise<FeatureView> {
    const { body } = await this.getView(view);
    if (isOnDemand(body)) throw errors.VIEW_ON_DEMAND({ view: featureViewName.format({ view }), what });
    return body;
  }

  getService(service: string): Promise<Kept<FeatureService>> {
    return found(this.services.find(service), featureServiceName.format({ service }));
  }

  listEntities(page: PageRequest, sought: Sought = {}): Promise<readonly Named<Entity>[]> {
    return this.entities.list(page, ({ name, body }) => isSought({ ...body, name }, sought));
  }

  listViews(page: PageRequest, { entity, dataset, ...sought }: SoughtView = {}): Promise<readonly Named<AnyView>[]> {
    return this.views.list(page, ({ name, body }) => isSought({ ...body, name }, sought) && (isOnDemand(body) ? entity === undefined && dataset === undefined : (entity ?? body.entity) === body.entity && (dataset ?? body.dataset) === body.dataset));
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
  resolve(service: string): Promise<ResolvedService> {
    const cached = this.#resolved.get(service);
    if (cached && performance.now() - cached.since < FRESH_MS) return cached.service;
    const resolved = this.getService(service).then(async ({ body }) => resolveService(body, await this.#viewsOf(body)));
    const made = { service: resolved, since: performance.now() };
    this.#resolved.set(service, made);
    resolved.catch(() => {
      if (this.#resolved.get(service) === made) this.#resolved.delete(service);
    });
    return resolved;
  }

  /** The views of a service, and those that its views on demand read. */
  async #viewsOf({ references }: FeatureService): Promise<ReadonlyMap<string, AnyView>> {
    const views = await this.#viewsByName(references.map(({ view }) => view));
    const inputs = [...views.values()].flatMap((view) => (isOnDemand(view) ? view.inputs.map((reference) => reference.view) : []));
    return new Map([...(await this.#viewsByName(inputs)), ...views]);
  }

  async #viewsByName(names: readonly string[]): Promise<ReadonlyMap<string, AnyView>> {
    const kept = await Promise.all([...new Set(names)].map((view) => this.views.find(view)));
    return byName(kept.flatMap((view) => (view ? [view.body] : [])));
  }

  /** What a view holds must not be left behind, nor come from nowhere. */
  async #checkKind(view: string, onDemand: boolean): Promise<void> {
    const kept = await this.views.find(view);
    if (!kept || isOnDemand(kept.body) === onDemand) return;
    const [is, becomes] = onDemand ? ['holds values', 'be computed on demand'] : ['is computed on demand', 'hold values'];
    throw errors.INVALID_DEFINITION({ name: featureViewName.format({ view }), place: 'on_demand', why: `the view ${is} and cannot come to ${becomes}; delete it first, or take another name` });
  }

  async #delete<Body>(store: DefinitionStore<Body>, id: string, { also = async () => undefined, ...unused }: Unused & { readonly also?: (tx: Transaction<DefinitionTables>) => Promise<void> }): Promise<void> {
    const deleted = await store.delete(id, async (tx, revision) => {
      await checkUnused(tx, revision, unused);
      await also(tx);
    });
    this.#changed(deleted || notFound(unused.name));
  }

  #changed<T>(value: T): T {
    this.#resolved = new Map();
    return value;
  }
}

/** What must be so of a definition that is deleted. */
interface Unused {
  readonly name: string;
  /** Empty: whatever it is. */
  readonly etag: string;
  readonly users: (tx: Transaction<DefinitionTables>) => Promise<readonly string[]>;
}

/** So many users are named. */
const MAX_NAMED = 10;

async function checkUnused(tx: Transaction<DefinitionTables>, revision: number, { name, etag, users }: Unused): Promise<void> {
  if (etag !== '' && etag !== String(revision)) throw errors.DEFINITION_CHANGED({ name });
  const all = await users(tx);
  const more = all.length > MAX_NAMED ? ` and ${all.length - MAX_NAMED} more` : '';
  if (all.length > 0) throw errors.DEFINITION_IN_USE({ name, users: all.slice(0, MAX_NAMED).join(', ') + more });
}

const byName = (views: readonly AnyView[]): ReadonlyMap<string, AnyView> => new Map(views.map((view) => [view.view, view]));

function notFound(name: string): never {
  throw errors.DEFINITION_NOT_FOUND({ name });
}

async function found<T>(kept: Promise<T | undefined>, name: string): Promise<T> {
  const value = await kept;
  return value ?? notFound(name);
}

/** Refuses a revision other than the one that the caller has read; an empty etag takes any. */
const isAt = (etag: string, name: string) => (revision: number | undefined): void => {
  if (etag !== '' && etag !== String(revision)) throw errors.DEFINITION_CHANGED({ name });
};
