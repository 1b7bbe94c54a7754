import type { JobStore } from '@millrace/service';
import type { Store } from '@millrace/store';
import { type FeatureView, meaningOf } from './feature-view.js';
import type { Materialization } from './materialization.js';
import { isOnDemand } from './on-demand-view.js';
import type { OnlineTables } from './online/online.store.js';
import type { ViewVersionStore } from './view-version.store.js';

/** How new the online values of a view are; times in microseconds. */
export interface Freshness {
  readonly filled: { readonly time: Date | undefined; readonly datasetVersion: string; readonly knownBefore: number | undefined } | undefined;
  readonly pushedThrough: number | undefined;
  /** The view has come to mean something else since it was filled, so that its values are gone. */
  readonly outdated: boolean;
}

const NEWEST = { size: 1, after: undefined } as const;

/** Finds how new views are from what is kept, without reading a value. */
export class FreshnessReader {
  constructor(
    private readonly store: Store<OnlineTables>,
    private readonly materializations: JobStore<Materialization>,
    private readonly versions: ViewVersionStore,
  ) {}

  async of(definition: FeatureView): Promise<Freshness> {
    const { view } = definition;
    const [[job], push] = await Promise.all([
      this.materializations.list({ subject: view, state: 'SUCCEEDED' }, NEWEST),
      this.store.db.selectFrom('online_push').select('known_through').where('view', '=', view).orderBy('sequence', 'desc').limit(1).executeTakeFirst(),
    ]);
    return {
      filled: job && { time: job.status.endTime, datasetVersion: job.datasetVersion, knownBefore: job.knownThrough ?? (job.knownBefore === undefined ? undefined : Number(job.knownBefore)) },
      pushedThrough: push && Number(push.known_through),
      outdated: job?.status.endTime !== undefined && (await this.#isOutdated(definition, job.status.endTime)),
    };
  }

  /** A filling only ends well where the view means what it meant when it began: so it has the meaning that the view had at its end. */
  async #isOutdated(view: FeatureView, filled: Date): Promise<boolean> {
    const then = await this.versions.at(view.view, filled);
    return then !== undefined && !isOnDemand(then) && meaningOf(then) !== meaningOf(view);
  }
}
