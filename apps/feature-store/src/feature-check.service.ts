import { canonicalJson, uuidv7 } from '@millrace/core';
import type { JobRunner } from '@millrace/jobs';
import type { ObjectStore } from '@millrace/objects';
import type { CheckJobArgument } from './check-features.job.js';
import type { DefinitionService } from './definition.service.js';
import { requireAsked } from './asked-cells.js';
import type { CheckedFeature, ServedVector } from './served-vector.js';
import { type Ingestion, readReferences } from './source-table.js';
import type { OfflineLimits } from './training-set.service.js';

/** How checks are run. */
export interface CheckOptions {
  readonly jobs: JobRunner;
  readonly entry: URL;
  readonly memoryMb: number;
  readonly timeoutMs: number;
  readonly limits: OfflineLimits;
}

/** Vectors of one check. */
export const MAX_VECTORS = 50_000;

/** Holds what was served against history. */
export class FeatureCheckService {
  constructor(
    private readonly definitions: DefinitionService,
    private readonly objects: ObjectStore,
    private readonly ingestion: Ingestion,
    private readonly options: CheckOptions,
  ) {}

  /** Computes the features of every vector from the newest version of each dataset, in a job of its own. Throws KEY_MISSING and REQUEST_MISSING with the index of the vector. */
  async check(service: string, vectors: readonly ServedVector[]): Promise<{ readonly features: readonly CheckedFeature[]; readonly datasetVersions: readonly string[] }> {
    const resolved = await this.definitions.resolve(service);
    requireAsked(resolved, vectors);
    const references = await readReferences(this.ingestion, resolved.reads);
    const datasetVersions = [...new Set(references.map(({ version }) => version))];
    if (vectors.length === 0) return { features: [], datasetVersions };
    const { jobs, limits, ...how } = this.options;
    const { digest } = await this.objects.put(Buffer.from(canonicalJson(vectors)));
    const argument: CheckJobArgument = { vectors: digest, service: resolved, references: references.map(({ reference, source }) => ({ reference, source })), objects: this.objects.place, ...limits };
    const id = `check-${uuidv7()}`;
    const handle = await jobs.start({ id, argument, ...how });
    const features = (await handle.result) as readonly CheckedFeature[];
    await jobs.forget(id);
    return { features, datasetVersions };
  }
}
