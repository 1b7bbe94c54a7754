import { ModelVersion } from '@millrace/contracts/millrace/registry/v1/model';
import { ListModelVersionsResponse } from '@millrace/contracts/millrace/registry/v1/registry_service';
import { TrainingJob } from '@millrace/contracts/millrace/trainer/v1/training_job';
import { call, type Deed, page } from '../client/rest.js';

/** What the page asks about the versions of a model, and what made them. Names are resource names, such as `models/late`. */
export const modelCalls = {
  versions: (model: string, token = '') => call(`/v1/${model}/versions?${page(token, 25)}`, ListModelVersionsResponse),
  /** Only names and metrics, of the newest: signatures are long. */
  figures: (model: string) => call(`/v1/${model}/versions?pageSize=100&$fields=${encodeURIComponent('modelVersions.name,modelVersions.metrics')}`, ListModelVersionsResponse),
  version: (name: string) => call(`/v1/${name}`, ModelVersion),
  trainingJob: (name: string) => call(`/v1/${name}`, TrainingJob),
} as const;

/** Why an alias moves, and what it was when somebody decided so: an alias that has moved meanwhile is not moved again. */
interface Decided {
  readonly reason: string;
  readonly etag: string;
}

/** What the page does to aliases. */
export const aliasDeeds = {
  move: (alias: string, { modelVersion, reason, etag }: Decided & { readonly modelVersion: string }): Deed => ({ path: `/v1/${alias}:move`, body: { modelVersion, reason, etag } }),
  rollBack: (alias: string, { reason, etag }: Decided): Deed => ({ path: `/v1/${alias}:rollBack`, body: { reason, etag } }),
} as const;
