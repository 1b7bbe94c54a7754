import { canonicalJson, uuidv7 } from '@millrace/core';
import type { JobRunner } from '@millrace/jobs';
import type { ObjectStore } from '@millrace/objects';
import { formulaColumns } from '@millrace/plan';
import type { CheckJobArgument } from './check-features.job.js';
import type { DefinitionService } from './definition.service.js';
import { errors } from './errors.js';
import { checkSource, featureViewName } from './feature-view.js';
import type { CheckedFeature, ServedVector } from './served-vector.js';
import { type Ingestion, latestVersion, readVersion, tableOf } from './source-table.js';
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
    for (const { keys, view } of resolved.reads) {
      const lacks = (vector: ServedVector | undefined, key: string): boolean => !vector || !Object.hasOwn(vector.keys, key) || vector.keys[key]?.[0] === undefined;
      const index = vectors.findIndex((vector) => keys.some((key) => lacks(vector, key)));
      const column = keys.find((key) => lacks(vectors[index], key)) ?? '';
      if (index >= 0) throw errors.KEY_MISSING({ index: String(index), column, key: view.joinKeys[keys.indexOf(column)] ?? column, view: featureViewName.format(view) });
    }
    for (const { columns, features, view } of resolved.computed) {
      const served = vectors.map((vector) => new Set(features.filter(({ as }) => Object.hasOwn(vector.values, as)).flatMap(({ feature }) => formulaColumns(feature.formula))));
      for (const column of columns) {
        const index = 'request' in column ? vectors.findIndex((vector, i) => served[i]?.has(column.name) === true && !Object.hasOwn(vector.keys, column.request)) : -1;
        if (index >= 0 && 'request' in column) throw errors.REQUEST_MISSING({ index: String(index), column: column.request, view: featureViewName.format(view) });
      }
    }
    const references = await Promise.all(
      resolved.reads.map(async (reference) => {
        const version = await readVersion(this.ingestion, { name: latestVersion(reference.view), reader: featureViewName.format(reference.view) });
        const source = tableOf(version);
        checkSource(reference.view, source.schema);
        return { reference, source, version: version.name };
      }),
    );
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
