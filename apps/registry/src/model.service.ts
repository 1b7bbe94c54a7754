import type { ModelVersion as ModelVersionMessage } from '@millrace/contracts/millrace/registry/v1/model';
import type { PageRequest } from '@millrace/core';
import type { ObjectStore } from '@millrace/objects';
import { artifactObjects, readArtifact } from '@millrace/scoring';
import { errors } from './errors.js';
import { keepObjects } from './kept-objects.js';
import { type Alias, certify, type Model, type ModelVersion, moveAlias, rollBackAlias } from './model.js';
import type { ModelStore } from './model.store.js';
import { aliasName, modelName, modelVersionName } from './names.js';
import { encodeAliasMoved, encodeVersionRegistered } from './registry.events.js';
import { toSignature } from './registry.wire.js';

/** A version with the aliases that point at it. */
export interface NamedVersion {
  readonly version: ModelVersion;
  readonly aliases: readonly string[];
}

/** Loads, asks and saves models, versions and aliases. */
export class ModelService {
  constructor(
    private readonly store: ModelStore,
    private readonly objects: ObjectStore,
    private readonly clock: () => Date,
  ) {}

  create(model: string, description: string): Promise<Model> {
    return this.store.ensure(this.#newModel(model, description));
  }

  async get(model: string): Promise<Model> {
    const found = await this.store.find(model);
    if (!found) throw errors.MODEL_NOT_FOUND({ name: modelName.format({ model }) });
    return found;
  }

  list(page: PageRequest): Promise<readonly Model[]> {
    return this.store.list(page);
  }

  /** Registers an immutable version; its signature is read from the artefact, and everything that it needs is kept from collection. */
  async register(model: string, draft: ModelVersionMessage, requestId: string): Promise<NamedVersion> {
    const known = await this.store.findByRequest(model, requestId);
    if (known) return this.#named(known);
    const digest = draft.artifact?.digest ?? '';
    if (digest === '') throw errors.ARTIFACT_MISSING({ name: modelName.format({ model }) });
    const artifact = await readArtifact(this.objects, digest);
    const needed = [...(await artifactObjects(this.objects, digest)), ...[draft.reference, draft.paritySample].flatMap((object) => (object ? [object.digest] : []))];
    const content: ModelVersionMessage = { ...draft, modelDigest: artifact.modelDigest, planDigest: artifact.planDigest, signature: toSignature(artifact.signature), certificate: undefined, aliases: [] };
    await keepObjects(this.objects, modelName.format({ model }), needed);
    const version = await this.store.addVersion(this.#newModel(model, ''), requestId, (number) => {
      const made: ModelVersion = { model, version: number, revision: 1, content, createTime: this.clock() };
      return { version: made, events: [encodeVersionRegistered(made)] };
    });
    return this.#named(version);
  }

  async getVersion(model: string, version: string): Promise<NamedVersion> {
    const number = version === 'latest' ? (await this.get(model)).latestVersion : /^[1-9]\d{0,8}$/.test(version) ? Number(version) : 0;
    const found = await this.store.findVersion(model, number);
    if (!found) throw errors.MODEL_VERSION_NOT_FOUND({ name: modelVersionName.format({ model, version }) });
    return this.#named(found);
  }

  async getAliasedVersion(model: string, alias: string): Promise<NamedVersion> {
    const { version } = await this.getAlias(model, alias);
    return this.getVersion(model, String(version));
  }

  async listVersions(model: string, page: PageRequest): Promise<readonly NamedVersion[]> {
    await this.get(model);
    const aliases = await this.store.aliasesOf(model);
    return (await this.store.listVersions(model, page)).map((version) => ({ version, aliases: aliases.get(version.version) ?? [] }));
  }

  async certify(model: string, version: string, { certificate, etag }: { readonly certificate: ModelVersionMessage['certificate']; readonly etag: string }): Promise<NamedVersion> {
    const { version: found } = await this.getVersion(model, version);
    this.#checkEtag(etag, found.revision, modelVersionName.format({ model, version }));
    if (!certificate) throw errors.CERTIFICATE_MISSING({ name: modelVersionName.format({ model, version }) });
    const next = certify(found, { ...certificate, createTime: certificate.createTime ?? this.clock() });
    await this.store.saveVersion(next);
    return this.#named(next);
  }

  async moveAlias(model: string, alias: string, { version, reason, etag }: { readonly version: string; readonly reason: string; readonly etag: string }): Promise<Alias> {
    const target = modelVersionName.parse(version);
    if (target.model !== model) throw errors.ALIAS_OTHER_MODEL({ name: aliasName.format({ model, alias }), version });
    const { version: kept } = await this.getVersion(model, target.version);
    const found = await this.store.findAlias(model, alias);
    this.#checkEtag(etag, found?.revision ?? 0, aliasName.format({ model, alias }));
    return this.#save(found, moveAlias(found, { model, alias, version: kept.version, reason, time: this.clock().getTime() }));
  }

  async rollBackAlias(model: string, alias: string, { reason, etag }: { readonly reason: string; readonly etag: string }): Promise<Alias> {
    const found = await this.getAlias(model, alias);
    this.#checkEtag(etag, found.revision, aliasName.format(found));
    return this.#save(found, rollBackAlias(found, { reason, time: this.clock().getTime() }));
  }

  async getAlias(model: string, alias: string): Promise<Alias> {
    const found = await this.store.findAlias(model, alias);
    if (!found) throw errors.ALIAS_NOT_FOUND({ name: aliasName.format({ model, alias }) });
    return found;
  }

  async listAliases(model: string, page: PageRequest): Promise<readonly Alias[]> {
    await this.get(model);
    return this.store.listAliases(model, page);
  }

  async #save(found: Alias | undefined, next: Alias): Promise<Alias> {
    if (next !== found) await this.store.saveAlias(next, [encodeAliasMoved(next)]);
    return next;
  }

  async #named(version: ModelVersion): Promise<NamedVersion> {
    return { version, aliases: (await this.store.aliasesOf(version.model)).get(version.version) ?? [] };
  }

  #newModel(model: string, description: string): Model {
    return { model, description, latestVersion: 0, createTime: this.clock(), revision: 1 };
  }

  #checkEtag(etag: string, revision: number, name: string): void {
    if (etag !== '' && etag !== String(revision)) throw errors.CHANGED({ name });
  }
}
