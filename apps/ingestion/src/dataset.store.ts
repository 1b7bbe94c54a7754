import { canonicalJson, type PageRequest, parseCanonicalJson } from '@millrace/core';
import { expectOneRow, isUniqueViolation, type Store } from '@millrace/store';
import type { Kysely } from 'kysely';
import { type Dataset, datasetName, type DatasetVersion } from './dataset.js';
import { errors } from './errors.js';

/** The tables of this service beside its jobs. */
export interface IngestionTables {
  dataset: DatasetRow;
  dataset_version: { dataset: string; version: number; digest: string; body: string; create_time: Date };
  source_cursor: { dataset: string; source: string; body: string };
  /** `bytes` is 0, and `body` empty, once a version holds the rows. */
  push: { dataset: string; sequence: number; push_key: string; digest: string; rows: number; bytes: number; body: string; create_time: Date };
}

/** Where datasets and their versions are kept. */
export class DatasetStore {
  constructor(private readonly store: Store<IngestionTables>) {}

  /** Keeps a new dataset; where its request id was used before, that dataset is given back instead. Throws DATASET_EXISTS where the name is taken. */
  async create(dataset: Dataset, requestId: string): Promise<Dataset> {
    const request_id = requestId === '' ? null : requestId;
    try {
      await this.store.db.insertInto('dataset').values(toRow(dataset, request_id)).execute();
      return dataset;
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      const first = request_id === null ? undefined : await this.store.db.selectFrom('dataset').selectAll().where('request_id', '=', request_id).executeTakeFirst();
      if (first) return fromRow(first);
      throw errors.DATASET_EXISTS({ name: datasetName.format(dataset) }, { cause: error });
    }
  }

  async ensure(dataset: Dataset): Promise<void> {
    await this.store.db.insertInto('dataset').values(toRow(dataset)).onConflict((conflict) => conflict.column('dataset').doNothing()).execute();
  }

  async find(dataset: string): Promise<Dataset | undefined> {
    const row = await this.store.db.selectFrom('dataset').selectAll().where('dataset', '=', dataset).executeTakeFirst();
    return row && fromRow(row);
  }

  /** By name, one more than the page holds. */
  async list(dataset: string | undefined, page: PageRequest): Promise<readonly Dataset[]> {
    const query = this.store.db.selectFrom('dataset').selectAll().where('dataset', '>', page.after ?? '').orderBy('dataset').limit(page.size + 1);
    return (await (dataset === undefined ? query : query.where('dataset', '=', dataset)).execute()).map(fromRow);
  }

  /** `version` 0 means the latest. */
  async findVersion(dataset: string, version: number): Promise<DatasetVersion | undefined> {
    const query = this.store.db.selectFrom('dataset_version').select('body').where('dataset', '=', dataset);
    const row = await (version === 0 ? query.orderBy('version', 'desc').limit(1) : query.where('version', '=', version)).executeTakeFirst();
    return row && versionOf(row.body);
  }

  /** Newest first, one more than the page holds. */
  async listVersions(dataset: string, page: PageRequest): Promise<readonly DatasetVersion[]> {
    const query = this.store.db.selectFrom('dataset_version').select('body').where('dataset', '=', dataset);
    const rows = await (page.after === undefined ? query : query.where('version', '<', Number(page.after))).orderBy('version', 'desc').limit(page.size + 1).execute();
    return rows.map(({ body }) => versionOf(body));
  }

  /** Adds a version within a transaction; the dataset's revision makes sure that nobody else did so in between. */
  static async addVersion(tx: Kysely<IngestionTables>, dataset: Dataset, version: DatasetVersion): Promise<void> {
    const { dataset: name, version: number, digest, createTime } = version;
    await tx.insertInto('dataset_version').values({ dataset: name, version: number, digest, body: canonicalJson(version), create_time: createTime }).execute();
    const result = await tx.updateTable('dataset').set({ latest_version: number, revision: dataset.revision }).where('dataset', '=', name).where('revision', '=', dataset.revision - 1).execute();
    expectOneRow(result, errors.DATASET_CHANGED({ name: datasetName.format({ dataset: name }) }));
  }
}

interface DatasetRow {
  dataset: string;
  description: string;
  latest_version: number;
  create_time: Date;
  revision: number;
  request_id: string | null;
}

const toRow = ({ dataset, description, latestVersion, createTime, revision }: Dataset, requestId: string | null = null): DatasetRow => ({ dataset, description, latest_version: latestVersion, create_time: createTime, revision, request_id: requestId });
const fromRow = ({ dataset, description, latest_version, create_time, revision }: DatasetRow): Dataset => ({ dataset, description, latestVersion: latest_version, createTime: create_time, revision });

function versionOf(body: string): DatasetVersion {
  const version = parseCanonicalJson(body) as DatasetVersion;
  return { ...version, createTime: new Date(version.createTime) };
}
