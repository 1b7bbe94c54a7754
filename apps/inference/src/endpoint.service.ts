import type { RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import type { PageRequest } from '@millrace/core';
import type { ObjectStore } from '@millrace/objects';
import type { Client } from '@millrace/rpc';
import { Scorer } from '@millrace/scoring';
import type { Logger } from 'pino';
import { aliasName, type Endpoint, type EndpointDraft, endpointName, pointAt } from './endpoint.js';
import type { EndpointStore } from './endpoint.store.js';
import { errors } from './errors.js';
import { encodeEndpointChanged } from './inference.events.js';
import { LoadedEndpoint } from './loaded-endpoint.js';

/** Keeps endpoints, and their models in memory. */
export class EndpointService {
  readonly #loaded = new Map<string, LoadedEndpoint>();
  readonly #failed = new Map<string, string>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly store: EndpointStore,
    private readonly objects: ObjectStore,
    private readonly registry: Client<typeof RegistryServiceDefinition>,
    private readonly log: Logger,
    private readonly clock: () => Date,
  ) {}

  /** Creates or updates an endpoint and loads the version that its alias points at; what was loaded goes on answering when that fails. */
  apply(draft: EndpointDraft): Promise<Endpoint> {
    return this.#inTurn(async () => {
      const found = await this.store.find(draft.endpoint);
      const base = found ?? { ...draft, modelVersion: '', artifact: '', createTime: this.clock(), revision: 0 };
      const same = found !== undefined && sameDraft(found, draft);
      const target = await this.#resolve(draft.alias);
      const next = { ...base, ...draft, ...target, revision: base.revision + 1 };
      if (same && pointAt(found, target) === undefined && this.#loaded.has(draft.endpoint)) return found;
      await this.#change(next, found?.modelVersion ?? '');
      return next;
    });
  }

  /** Follows an alias: every endpoint that names it answers with the version that it points at now. */
  follow(alias: string): Promise<void> {
    return this.#inTurn(async () => {
      const following = (await this.store.all()).filter((endpoint) => endpoint.alias === alias);
      if (following.length === 0) return;
      const target = await this.#resolve(alias);
      const outcomes = await Promise.allSettled(
        following.map(async (endpoint) => {
          const next = pointAt(endpoint, target);
          if (next) await this.#change(next, endpoint.modelVersion);
        }),
      );
      for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    });
  }

  /** Loads every endpoint as it was kept; one that cannot be loaded says so when it is asked. */
  loadAll(): Promise<void> {
    return this.#inTurn(async () => {
      for (const endpoint of await this.store.all()) {
        // Calls are served before everything is loaded: one of them may have loaded a newer version.
        if (this.#loaded.has(endpoint.endpoint)) continue;
        try {
          await this.#load(endpoint);
        } catch (error) {
          this.#failed.set(endpoint.endpoint, error instanceof Error ? error.message : String(error));
          this.log.error({ err: error, endpoint: endpoint.endpoint }, 'an endpoint could not be loaded');
        }
      }
    });
  }

  async get(endpoint: string): Promise<Endpoint> {
    const found = await this.store.find(endpoint);
    if (!found) throw errors.ENDPOINT_NOT_FOUND({ name: endpointName.format({ endpoint }) });
    return found;
  }

  list(page: PageRequest): Promise<readonly Endpoint[]> {
    return this.store.list(page);
  }

  /** Runs `work` with the endpoint's model, which stays in memory until that ends. Found and held without a pause, in which a swap could let it go. */
  use<T>(endpoint: string, work: (loaded: LoadedEndpoint) => Promise<T>): Promise<T> {
    return this.#loaded.get(endpoint)?.use(work) ?? this.#refuse(endpoint);
  }

  async #refuse(endpoint: string): Promise<never> {
    await this.get(endpoint);
    throw errors.ENDPOINT_NOT_READY({ name: endpointName.format({ endpoint }), why: this.#failed.get(endpoint) ?? 'it is being loaded' });
  }

  async close(): Promise<void> {
    for (const loaded of this.#loaded.values()) await loaded.retire();
    this.#loaded.clear();
  }

  /** The new model is in memory before it is kept, so an endpoint never names what cannot answer. */
  async #change(endpoint: Endpoint, former: string): Promise<void> {
    const loaded = await this.#open(endpoint);
    await this.store.save(endpoint, [encodeEndpointChanged(endpoint, former)]);
    await this.#swap(endpoint.endpoint, loaded);
  }

  async #load(endpoint: Endpoint): Promise<void> {
    await this.#swap(endpoint.endpoint, await this.#open(endpoint));
  }

  async #open(endpoint: Endpoint): Promise<LoadedEndpoint> {
    const scorer = await Scorer.open(this.objects, endpoint.artifact);
    return new LoadedEndpoint(endpoint, scorer);
  }

  async #swap(endpoint: string, loaded: LoadedEndpoint): Promise<void> {
    const former = this.#loaded.get(endpoint);
    this.#loaded.set(endpoint, loaded);
    this.#failed.delete(endpoint);
    await former?.retire();
  }

  async #resolve(alias: string): Promise<Pick<Endpoint, 'modelVersion' | 'artifact'>> {
    aliasName.parse(alias);
    const { name, artifact } = await this.registry.getModelVersion({ name: alias });
    return { modelVersion: name, artifact: artifact?.digest ?? '' };
  }

  /** Changes come one after another, so that an older one never overtakes a newer one. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

const sameDraft = (a: EndpointDraft, b: EndpointDraft): boolean =>
  a.alias === b.alias && a.description === b.description && a.featureService === b.featureService && a.guard.missing === b.guard.missing && a.guard.outOfRange === b.guard.outOfRange && a.guard.unseenCategory === b.guard.unseenCategory;
