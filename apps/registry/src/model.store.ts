import { ModelVersion as ModelVersionCodec } from '@millrace/contracts/millrace/registry/v1/model';
import { canonicalJson, type EventRecord, type PageRequest, parseCanonicalJson } from '@millrace/core';
import { expectOneRow, type Store } from '@millrace/store';
import type { Kysely } from 'kysely';
import { errors } from './errors.js';
import type { RegistryTables } from './migrations.js';
import type { Alias, Model, ModelVersion } from './model.js';
import { aliasName, modelVersionName } from './names.js';

/** Where models, versions and aliases are kept. */
export class ModelStore {
  constructor(private readonly store: Store<RegistryTables>) {}

  /** The model, made when it is not there. */
  async ensure(model: Model): Promise<Model> {
    await insertModel(this.store.db, model);
    return (await this.find(model.model)) ?? model;
  }

  async find(model: string): Promise<Model | undefined> {
    const row = await this.store.db.selectFrom('model').select('body').where('model', '=', model).executeTakeFirst();
    return row && reviveModel(row.body);
  }

  /** By name, one more than the page holds. */
  async list(page: PageRequest): Promise<readonly Model[]> {
    const rows = await this.store.db.selectFrom('model').select('body').where('model', '>', page.after ?? '').orderBy('model').limit(page.size + 1).execute();
    return rows.map(({ body }) => reviveModel(body));
  }

  async findByRequest(model: string, requestId: string): Promise<ModelVersion | undefined> {
    if (requestId === '') return undefined;
    const row = await this.store.db.selectFrom('model_version').selectAll().where('model', '=', model).where('request_id', '=', requestId).executeTakeFirst();
    return row && reviveVersion(row);
  }

  /** Gives the next number of a model to `make`, and keeps what it makes with its events; numbers are given within the transaction, so no two are alike. */
  async addVersion(model: Model, requestId: string, make: (version: number) => { readonly version: ModelVersion; readonly events: readonly EventRecord[] }): Promise<ModelVersion> {
    return this.store.write(async (tx, emit) => {
      await insertModel(tx, model);
      if (requestId !== '') {
        const known = await tx.selectFrom('model_version').selectAll().where('model', '=', model.model).where('request_id', '=', requestId).executeTakeFirst();
        if (known) return reviveVersion(known);
      }
      const row = await tx.selectFrom('model').select('body').where('model', '=', model.model).executeTakeFirstOrThrow();
      const found = reviveModel(row.body);
      const next: Model = { ...found, latestVersion: found.latestVersion + 1, revision: found.revision + 1 };
      const changed = await tx.updateTable('model').set({ revision: next.revision, body: canonicalJson(next) }).where('model', '=', model.model).where('revision', '=', found.revision).execute();
      expectOneRow(changed, errors.CHANGED({ name: `models/${model.model}` }));
      const { version, events } = make(next.latestVersion);
      await tx.insertInto('model_version').values({ model: version.model, version: version.version, revision: version.revision, request_id: requestId === '' ? null : requestId, body: bodyOf(version) }).execute();
      events.forEach((event) => emit(event));
      return version;
    });
  }

  async findVersion(model: string, version: number): Promise<ModelVersion | undefined> {
    const row = await this.store.db.selectFrom('model_version').selectAll().where('model', '=', model).where('version', '=', version).executeTakeFirst();
    return row && reviveVersion(row);
  }

  /** Newest first, one more than the page holds. */
  async listVersions(model: string, page: PageRequest): Promise<readonly ModelVersion[]> {
    let query = this.store.db.selectFrom('model_version').selectAll().where('model', '=', model).orderBy('version', 'desc').limit(page.size + 1);
    if (page.after !== undefined) query = query.where('version', '<', Number(page.after));
    return (await query.execute()).map(reviveVersion);
  }

  async saveVersion(version: ModelVersion): Promise<void> {
    const result = await this.store.db
      .updateTable('model_version')
      .set({ revision: version.revision, body: bodyOf(version) })
      .where('model', '=', version.model)
      .where('version', '=', version.version)
      .where('revision', '=', version.revision - 1)
      .execute();
    expectOneRow(result, errors.CHANGED({ name: modelVersionName.format({ model: version.model, version: String(version.version) }) }));
  }

  async findAlias(model: string, alias: string): Promise<Alias | undefined> {
    const row = await this.store.db.selectFrom('alias').select('body').where('model', '=', model).where('alias', '=', alias).executeTakeFirst();
    return row && (parseCanonicalJson(row.body) as Alias);
  }

  /** By name, one more than the page holds. */
  async listAliases(model: string, page: PageRequest): Promise<readonly Alias[]> {
    const rows = await this.store.db.selectFrom('alias').select('body').where('model', '=', model).where('alias', '>', page.after ?? '').orderBy('alias').limit(page.size + 1).execute();
    return rows.map(({ body }) => parseCanonicalJson(body) as Alias);
  }

  /** Names of the aliases that point at each version. */
  async aliasesOf(model: string): Promise<ReadonlyMap<number, readonly string[]>> {
    const rows = await this.store.db.selectFrom('alias').select(['alias', 'version']).where('model', '=', model).orderBy('alias').execute();
    const found = new Map<number, string[]>();
    for (const { alias, version } of rows) found.set(version, [...(found.get(version) ?? []), alias]);
    return found;
  }

  /** Saves a moved alias with its event; CHANGED where somebody was faster. */
  async saveAlias(alias: Alias, events: readonly EventRecord[]): Promise<void> {
    const { model, revision, version } = alias;
    const body = canonicalJson(alias);
    const stale = errors.CHANGED({ name: aliasName.format(alias) });
    await this.store.write(async (tx, emit) => {
      if (revision === 1) {
        const [added] = await tx.insertInto('alias').values({ model, alias: alias.alias, revision, version, body }).onConflict((conflict) => conflict.columns(['model', 'alias']).doNothing()).execute();
        if (added?.numInsertedOrUpdatedRows === 0n) throw stale;
      } else {
        expectOneRow(await tx.updateTable('alias').set({ revision, version, body }).where('model', '=', model).where('alias', '=', alias.alias).where('revision', '=', revision - 1).execute(), stale);
      }
      events.forEach((event) => emit(event));
    });
  }
}

async function insertModel(db: Kysely<RegistryTables>, model: Model): Promise<void> {
  await db.insertInto('model').values({ model: model.model, revision: model.revision, body: canonicalJson(model) }).onConflict((conflict) => conflict.column('model').doNothing()).execute();
}

const bodyOf = ({ content, createTime }: ModelVersion): string => JSON.stringify({ content: ModelVersionCodec.toJSON(content), createTime });

function reviveVersion({ model, version, revision, body }: RegistryTables['model_version']): ModelVersion {
  const { content, createTime } = JSON.parse(body) as { content: unknown; createTime: string };
  return { model, version, revision, content: ModelVersionCodec.fromJSON(content), createTime: new Date(createTime) };
}

function reviveModel(body: string): Model {
  const model = parseCanonicalJson(body) as Model;
  return { ...model, createTime: new Date(model.createTime) };
}
