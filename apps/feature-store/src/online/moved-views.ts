import { parseCanonicalJson } from '@millrace/core';
import type { JobRunner } from '@millrace/jobs';
import type { ObjectStore } from '@millrace/objects';
import { type JobStore, patiently } from '@millrace/service';
import type { Store } from '@millrace/store';
import type { Logger } from 'pino';
import type { DefinitionService } from '../definition.service.js';
import { errors } from '../errors.js';
import { featureViewName, meaningOf } from '../feature-view.js';
import type { Materialization } from '../materialization.js';
import type { MaterializeJobArgument } from '../materialize.job.js';
import type { MaterializeResult } from '../offline/materialize.js';
import type { OnlineService } from './online.service.js';
import { EMPTY, type OnlineTables, toMicros } from './online.store.js';
import type { ViewDelta } from './view-delta.js';

/** What making values again needs of its home. */
export interface MovedViewsOptions {
  readonly jobs: JobRunner;
  readonly entry: URL;
  readonly memoryMb: number;
  readonly timeoutMs: number;
  readonly objects: ObjectStore;
  readonly log: Logger;
  /** What the job of a materialisation is given. */
  readonly argument: (job: Materialization) => Promise<MaterializeJobArgument>;
}

const NEWEST = { size: 1, after: undefined } as const;

/** Makes the values of views that came from another home: their values did not come with them, so their last materialisation is done once more. What that says of itself stays as it is. */
export class MovedViews {
  readonly #open = new Set<Promise<void>>();
  readonly #closing = new AbortController();

  constructor(
    private readonly store: Store<OnlineTables>,
    private readonly definitions: DefinitionService,
    private readonly materializations: JobStore<Materialization>,
    private readonly online: OnlineService,
    private readonly options: MovedViewsOptions,
  ) {}

  /** Begins with every view that was materialised and of whose values nothing is known here. */
  async fill(): Promise<void> {
    for (const view of await this.definitions.allViews()) {
      const [job] = await this.materializations.list({ subject: view, state: 'SUCCEEDED' }, NEWEST);
      if (!job || !(await this.#lacksValues(view))) continue;
      const work = this.#fill(job).catch((error: unknown) => this.options.log.error({ err: error, view }, 'the values of a view could not be made again; materialise it'));
      this.#open.add(work);
      void work.finally(() => this.#open.delete(work));
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#open);
  }

  async #fill(job: Materialization): Promise<void> {
    const { jobs, entry, memoryMb, timeoutMs, objects } = this.options;
    const id = `moved-${job.id}`;
    const handle = await jobs.start({ id, entry, argument: await patiently(() => this.options.argument(job), this.#closing.signal), memoryMb, timeoutMs });
    const { state, meaning, schema, knownBefore } = (await handle.result) as MaterializeResult;
    const view = await this.definitions.getHoldingView(job.view, 'materialised');
    if (meaning !== meaningOf(view)) throw errors.VIEW_CHANGED({ view: featureViewName.format(view) });
    // Values that lack a push would be wrong; a view without values says so.
    if (await this.#hasForgotten(job.view, knownBefore)) throw errors.PUSHES_FORGOTTEN({ view: featureViewName.format(view), from: new Date(Math.floor(knownBefore / 1000)).toISOString(), through: 'some time after it' });
    const delta = parseCanonicalJson(Buffer.from(await objects.read(state)).toString('utf8')) as ViewDelta;
    await this.online.replace(view, { delta, base: state, schema, knownBefore });
    await jobs.forget(id);
  }

  /** Nothing is known of what the values are made of, wherever values are kept. */
  async #lacksValues(view: string): Promise<boolean> {
    const [state, filling] = await Promise.all([
      this.store.db.selectFrom('online_state').select('view').where('view', '=', view).executeTakeFirst(),
      this.store.db.selectFrom('online_filling').select('view').where('view', '=', view).executeTakeFirst(),
    ]);
    return state === undefined && filling === undefined;
  }

  /** A push of rows that were known at or after a microsecond is no longer kept. */
  async #hasForgotten(view: string, from: number): Promise<boolean> {
    const row = await this.store.db.selectFrom('online_push').select('sequence').where('view', '=', view).where('known_through', '>=', toMicros(from)).where('body', '=', EMPTY).limit(1).executeTakeFirst();
    return row !== undefined;
  }
}
