import type { RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import type { PageRequest } from '@millrace/core';
import type { ObjectStore } from '@millrace/objects';
import type { Client } from '@millrace/rpc';
import { Scorer } from '@millrace/scoring';
import type { Signals } from '@millrace/store';
import type { Logger } from 'pino';
import { aliasName, type Endpoint, type EndpointDraft, endpointName, pointAt } from './endpoint.js';
import type { EndpointStore } from './endpoint.store.js';
import { errors } from './errors.js';
import { encodeEndpointChanged } from './inference.events.js';
import { LoadedEndpoint } from './loaded-endpoint.js';

/** The topic on which one process tells the others which endpoint it changed. */
const CHANGED = 'endpoint';
/** So often every endpoint is compared with what is kept: whoever changed one may have died before telling, and a model that could not be loaded is tried again. */
const COMPARE_MS = 30_000;

/** Keeps endpoints, and their models in memory; what another process changes is followed. */
export class EndpointService {
  readonly #loaded = new Map<string, LoadedEndpoint>();
  readonly #failed = new Map<string, string>();
  readonly #comparing: NodeJS.Timeout;
  readonly #stopListening: () => void;
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly store: EndpointStore,
    private readonly objects: ObjectStore,
    private readonly registry: Client<typeof RegistryServiceDefinition>,
    private readonly log: Logger,
    private readonly clock: () => Date,
    private readonly signals: Signals,
  ) {
    const follow = (work: Promise<void>): void => void work.catch((error: unknown) => this.log.warn({ err: error }, 'endpoints could not be compared with what is kept'));
    this.#stopListening = signals.listen(CHANGED, { heard: (endpoint) => follow(this.#reload(endpoint)), missed: () => follow(this.loadAll()) });
    this.#comparing = setInterval(() => follow(this.loadAll()), COMPARE_MS).unref();
  }

  /** Creates or updates an endpoint and loads the version that its alias points at; what was loaded goes on answering when that fails. */
  apply(draft: EndpointDraft, etag: string): Promise<Endpoint> {
    return this.#inTurn(async () => {
      const found = await this.store.find(draft.endpoint);
      if (etag !== '' && etag !== String(found?.revision)) throw errors.ENDPOINT_CHANGED({ name: endpointName.format(draft) });
      const base = found ?? { ...draft, modelVersion: '', artifact: '', createTime: this.clock(), revision: 0 };
      const same = found !== undefined && !found.deletion && sameDraft(found, draft);
      const target = await this.#resolve(draft.alias);
      const next = { ...base, ...draft, ...target, deletion: undefined, revision: base.revision + 1 };
      if (same && pointAt(found, target) === undefined && this.#loaded.has(draft.endpoint)) return found;
      await this.#change(next, found?.modelVersion ?? '');
      return next;
    });
  }

  /** Lets an endpoint answer no more, in every process; the same request again gives what it gave. */
  delete(endpoint: string, { etag, requestId }: { readonly etag: string; readonly requestId: string }): Promise<Endpoint> {
    return this.#inTurn(async () => {
      const found = await this.get(endpoint);
      if (found.deletion && requestId !== '' && found.deletion.requestId === requestId) return found;
      refuseDeleted(found);
      if (etag !== '' && etag !== String(found.revision)) throw errors.ENDPOINT_CHANGED({ name: endpointName.format({ endpoint }) });
      const next: Endpoint = { ...found, revision: found.revision + 1, deletion: { time: this.clock(), requestId } };
      await this.store.save(next, [encodeEndpointChanged(next, found.modelVersion)]);
      await this.#unload(endpoint);
      this.signals.send(CHANGED, endpoint);
      return next;
    });
  }

  /** Follows an alias: every endpoint that names it answers with the version that it points at now. */
  follow(alias: string): Promise<void> {
    return this.#inTurn(async () => {
      const following = (await this.store.all()).filter((endpoint) => endpoint.alias === alias && !endpoint.deletion);
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

  /** Loads every endpoint as it is kept, where what is in memory is older; one that cannot be loaded says so when it is asked. */
  loadAll(): Promise<void> {
    return this.#inTurn(async () => {
      for (const endpoint of await this.store.all()) await this.#catchUp(endpoint);
    });
  }

  /** Takes over what another process changed. */
  #reload(endpoint: string): Promise<void> {
    return this.#inTurn(async () => {
      const found = await this.store.find(endpoint);
      if (found) await this.#catchUp(found);
    });
  }

  /** Also one that was deleted. */
  async get(endpoint: string): Promise<Endpoint> {
    const found = await this.store.find(endpoint);
    if (!found) throw errors.ENDPOINT_NOT_FOUND({ name: endpointName.format({ endpoint }) });
    return found;
  }

  list(filter: { readonly deleted: boolean }, page: PageRequest): Promise<readonly Endpoint[]> {
    return this.store.list(filter, page);
  }

  /** Runs `work` with the endpoint's model, which stays in memory until that ends. Found and held without a pause, in which a swap could let it go. */
  use<T>(endpoint: string, work: (loaded: LoadedEndpoint) => Promise<T>): Promise<T> {
    return this.#loaded.get(endpoint)?.use(work) ?? this.#refuse(endpoint);
  }

  async #refuse(endpoint: string): Promise<never> {
    refuseDeleted(await this.get(endpoint));
    throw errors.ENDPOINT_NOT_READY({ name: endpointName.format({ endpoint }), why: this.#failed.get(endpoint) ?? 'it is being loaded' });
  }

  async close(): Promise<void> {
    clearInterval(this.#comparing);
    this.#stopListening();
    await this.#last;
    for (const loaded of this.#loaded.values()) await loaded.retire();
    this.#loaded.clear();
  }

  /** The new model is in memory before it is kept, so an endpoint never names what cannot answer. */
  async #change(endpoint: Endpoint, former: string): Promise<void> {
    const loaded = await this.#open(endpoint);
    try {
      await this.store.save(endpoint, [encodeEndpointChanged(endpoint, former)]);
    } catch (error) {
      await loaded.retire();
      throw error;
    }
    await this.#swap(endpoint.endpoint, loaded);
    this.signals.send(CHANGED, endpoint.endpoint);
  }

  /** What is in memory may be newer already: calls are served, and changes taken, before everything is loaded. */
  async #catchUp(kept: Endpoint): Promise<void> {
    const { endpoint, revision } = kept;
    if ((this.#loaded.get(endpoint)?.endpoint.revision ?? 0) >= revision) return;
    if (kept.deletion) return this.#unload(endpoint);
    try {
      await this.#swap(endpoint, await this.#open(kept));
    } catch (error) {
      this.#failed.set(endpoint, error instanceof Error ? error.message : String(error));
      this.log.error({ err: error, endpoint }, 'an endpoint could not be loaded');
    }
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

  async #unload(endpoint: string): Promise<void> {
    const former = this.#loaded.get(endpoint);
    this.#loaded.delete(endpoint);
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

function refuseDeleted({ endpoint, deletion }: Endpoint): void {
  if (deletion) throw errors.ENDPOINT_DELETED({ name: endpointName.format({ endpoint }), time: deletion.time.toISOString() });
}

const sameDraft = (a: EndpointDraft, b: EndpointDraft): boolean =>
  a.alias === b.alias && a.description === b.description && a.featureService === b.featureService && a.guard.missing === b.guard.missing && a.guard.outOfRange === b.guard.outOfRange && a.guard.unseenCategory === b.guard.unseenCategory;
