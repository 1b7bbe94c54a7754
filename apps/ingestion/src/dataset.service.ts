import type { PageRequest } from '@millrace/core';
import { type Dataset, datasetName, type DatasetVersion, datasetVersionName } from './dataset.js';
import type { DatasetStore } from './dataset.store.js';
import { errors } from './errors.js';

/** Loads, asks and saves datasets. */
export class DatasetService {
  constructor(
    private readonly store: DatasetStore,
    private readonly clock: () => Date,
  ) {}

  /** A dataset without versions; a request id that came before gets the first one. */
  create(draft: Pick<Dataset, 'dataset' | 'description'>, requestId: string): Promise<Dataset> {
    return this.store.create({ ...draft, latestVersion: 0, createTime: this.clock(), revision: 1 }, requestId);
  }

  /** The dataset of this name, made when it is not there. */
  async ensure(dataset: string): Promise<void> {
    await this.store.ensure({ dataset, description: '', latestVersion: 0, createTime: this.clock(), revision: 1 });
  }

  async get(dataset: string): Promise<Dataset> {
    const found = await this.store.find(dataset);
    if (!found) throw errors.DATASET_NOT_FOUND({ name: datasetName.format({ dataset }) });
    return found;
  }

  /** All, or the one of a name. */
  list(dataset: string | undefined, page: PageRequest): Promise<readonly Dataset[]> {
    return this.store.list(dataset, page);
  }

  /** `latest` names the newest version. */
  async getVersion(dataset: string, version: string): Promise<DatasetVersion> {
    const found = version === 'latest' ? await this.store.findVersion(dataset, 0) : /^[1-9]\d{0,8}$/.test(version) ? await this.store.findVersion(dataset, Number(version)) : undefined;
    if (!found) throw errors.DATASET_VERSION_NOT_FOUND({ name: datasetVersionName.format({ dataset, version }) });
    return found;
  }

  async hasVersion({ dataset, version }: DatasetVersion): Promise<boolean> {
    return (await this.store.findVersion(dataset, version)) !== undefined;
  }

  findLatest(dataset: string): Promise<DatasetVersion | undefined> {
    return this.store.findVersion(dataset, 0);
  }

  async listVersions(dataset: string, page: PageRequest): Promise<readonly DatasetVersion[]> {
    await this.get(dataset);
    return this.store.listVersions(dataset, page);
  }
}
