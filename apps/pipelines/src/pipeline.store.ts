import { canonicalJson, type PageRequest, parseCanonicalJson } from '@millrace/core';
import { expectOneRow, type Store } from '@millrace/store';
import type { Transaction } from 'kysely';
import { errors } from './errors.js';
import type { PipelinesTables } from './migrations.js';
import { type Pipeline, pipelineName, type PipelineVersion } from './pipeline.js';
import type { Outputs } from './pipeline-run.js';

/** Where pipelines, their versions and the outputs of their steps are kept. */
export class PipelineStore {
  constructor(private readonly store: Store<PipelinesTables>) {}

  async find(pipeline: string): Promise<Pipeline | undefined> {
    const row = await this.store.db.selectFrom('pipeline').select('body').where('pipeline', '=', pipeline).executeTakeFirst();
    return row && revivePipeline(row.body);
  }

  /** By name, one more than the page holds. */
  async list({ deleted }: { readonly deleted: boolean }, page: PageRequest): Promise<readonly Pipeline[]> {
    let query = this.store.db.selectFrom('pipeline').select('body').where('pipeline', '>', page.after ?? '').orderBy('pipeline').limit(page.size + 1);
    if (!deleted) query = query.where('delete_time', 'is', null);
    return (await query.execute()).map(({ body }) => revivePipeline(body));
  }

  /** All that were not deleted. */
  async all(): Promise<readonly Pipeline[]> {
    const rows = await this.store.db.selectFrom('pipeline').select('body').where('delete_time', 'is', null).orderBy('pipeline').execute();
    return rows.map(({ body }) => revivePipeline(body));
  }

  /** Saves a pipeline and its new version together; PIPELINE_CHANGED where somebody was faster. */
  async saveVersion(pipeline: Pipeline, version: PipelineVersion): Promise<void> {
    await this.store.write(async (tx) => {
      const body = canonicalJson(pipeline);
      if (pipeline.revision === 1) await tx.insertInto('pipeline').values({ pipeline: pipeline.pipeline, revision: 1, body, delete_time: null }).execute();
      else await this.#update(tx, pipeline);
      await tx.insertInto('pipeline_version').values({ pipeline: version.pipeline, version: version.version, body: canonicalJson(version) }).execute();
    });
  }

  /** Saves a pipeline, unless `refuse` throws over what the transaction sees. */
  async save(pipeline: Pipeline, refuse: (tx: Transaction<PipelinesTables>) => Promise<void> = async () => undefined): Promise<void> {
    await this.store.write(async (tx) => {
      await refuse(tx);
      await this.#update(tx, pipeline);
    });
  }

  async findVersion(pipeline: string, version: number): Promise<PipelineVersion | undefined> {
    const row = await this.store.db.selectFrom('pipeline_version').select('body').where('pipeline', '=', pipeline).where('version', '=', version).executeTakeFirst();
    return row && revive<PipelineVersion>(row.body);
  }

  /** Newest first, one more than the page holds. */
  async listVersions(pipeline: string, page: PageRequest): Promise<readonly PipelineVersion[]> {
    let query = this.store.db.selectFrom('pipeline_version').select('body').where('pipeline', '=', pipeline).orderBy('version', 'desc').limit(page.size + 1);
    if (page.after !== undefined) query = query.where('version', '<', Number(page.after));
    return (await query.execute()).map(({ body }) => revive<PipelineVersion>(body));
  }

  /** What a step of this pipeline made of the very same inputs before. */
  async findOutputs(pipeline: string, cacheKey: string): Promise<Outputs | undefined> {
    const row = await this.store.db.selectFrom('step_cache').select('outputs').where('pipeline', '=', pipeline).where('cache_key', '=', cacheKey).executeTakeFirst();
    return row && (parseCanonicalJson(row.outputs) as Outputs);
  }

  async keepOutputs(pipeline: string, cacheKey: string, outputs: Outputs): Promise<void> {
    const json = canonicalJson(outputs);
    await this.store.db.insertInto('step_cache').values({ pipeline, cache_key: cacheKey, outputs: json }).onConflict((conflict) => conflict.columns(['pipeline', 'cache_key']).doUpdateSet({ outputs: json })).execute();
  }

  async #update(db: Pick<Store<PipelinesTables>['db'], 'updateTable'>, pipeline: Pipeline): Promise<void> {
    const result = await db.updateTable('pipeline').set({ revision: pipeline.revision, body: canonicalJson(pipeline), delete_time: pipeline.deletion?.time ?? null }).where('pipeline', '=', pipeline.pipeline).where('revision', '=', pipeline.revision - 1).execute();
    expectOneRow(result, errors.PIPELINE_CHANGED({ name: pipelineName.format(pipeline) }));
  }
}

function revivePipeline(body: string): Pipeline {
  const { deletion, ...pipeline } = revive<Pipeline>(body);
  return deletion ? { ...pipeline, deletion: { ...deletion, time: new Date(deletion.time) } } : pipeline;
}

function revive<T extends { readonly createTime: Date }>(body: string): T {
  const value = parseCanonicalJson(body) as T;
  return { ...value, createTime: new Date(value.createTime) };
}
