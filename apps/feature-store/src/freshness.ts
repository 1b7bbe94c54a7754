import type { JobStore } from '@millrace/service';
import type { Store } from '@millrace/store';
import type { Materialization } from './materialization.js';
import type { OnlineTables } from './online/online.store.js';

/** How new the online values of a view are; times in microseconds. */
export interface Freshness {
  readonly filled: { readonly time: Date | undefined; readonly datasetVersion: string; readonly knownBefore: number | undefined } | undefined;
  readonly pushedThrough: number | undefined;
}

const NEWEST = { size: 1, after: undefined } as const;

/** Finds how new views are from what is kept, without reading a value. */
export class FreshnessReader {
  constructor(
    private readonly store: Store<OnlineTables>,
    private readonly materializations: JobStore<Materialization>,
  ) {}

  async of(view: string): Promise<Freshness> {
    const [[job], push] = await Promise.all([
      this.materializations.list({ subject: view, state: 'SUCCEEDED' }, NEWEST),
      this.store.db.selectFrom('online_push').select('known_through').where('view', '=', view).orderBy('sequence', 'desc').limit(1).executeTakeFirst(),
    ]);
    return {
      filled: job && { time: job.status.endTime, datasetVersion: job.datasetVersion, knownBefore: job.knownThrough ?? (job.knownBefore === undefined ? undefined : Number(job.knownBefore)) },
      pushedThrough: push && Number(push.known_through),
    };
  }
}
