import type { ObjectStore } from '@millrace/objects';
import type { RedisPlace } from '@millrace/service';
import type { Store } from '@millrace/store';
import type { Logger } from 'pino';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { FeatureView } from '../../feature-view.js';
import type { OnlineOptions } from '../online.js';
import type { OnlineTables } from '../online.store.js';
import { HeldValues } from './held-values.js';
import { OpenedViews } from './opened-views.js';
import { PushApplier } from './push-applier.js';
import { PushLogStore } from './push-log.store.js';
import { RedisHome } from './redis-home.js';
import { RedisOnline } from './redis-online.js';
import { ValuesStore } from './values.store.js';
import { ViewFiller } from './view-filler.js';
import { ViewKeeper } from './view-keeper.js';

/** What the online side in Redis is opened with. */
export interface RedisOnlineOptions extends OnlineOptions {
  readonly place: RedisPlace;
  readonly store: Store<OnlineTables>;
  readonly objects: ObjectStore;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly metrics: Registry;
  readonly clock: () => Date;
  /** The definition of a view by its name. */
  readonly viewOf: (view: string) => Promise<FeatureView>;
  readonly commandTimeoutMs?: number;
  readonly sweepMs?: number;
}

/** How often the values of all views are compared with the log. */
const SWEEP_MS = 5_000;
/** A start waits so long for a server that is there; one that is away is waited for behind the back of the start. */
const FIRST_CONNECT_MS = 2_000;

/** Opens the online side in Redis; a server that is away keeps it from answering, and not from starting. */
export async function openRedisOnline({ place, store, objects, log, metrics, clock, schemaOf, viewOf, onFault, commandTimeoutMs, sweepMs = SWEEP_MS }: RedisOnlineOptions): Promise<RedisOnline> {
  const up = new Gauge({ name: 'millrace_online_redis_up', help: 'Whether the Redis of the online features answers.', registers: [metrics] });
  const losses = new Counter({ name: 'millrace_online_views_lost_total', help: 'How often the online values of a view were found to be lost.', labelNames: ['view'], registers: [metrics] });
  const restored = new Counter({ name: 'millrace_online_views_restored_total', help: 'How often the online values of a view were made again.', labelNames: ['view'], registers: [metrics] });
  const home = new RedisHome(place, {
    ...(commandTimeoutMs === undefined ? {} : { commandTimeoutMs }),
    onChange: (fault) => {
      up.set(fault === undefined ? 1 : 0);
      if (fault === undefined) log.info('the Redis of the online features answers');
      else log.error({ why: fault }, 'the Redis of the online features is away: online features are unavailable until it is back');
    },
  });
  const [pushLog, values] = [new PushLogStore(store), new ValuesStore(home, new HeldValues())];
  const applier = new PushApplier(pushLog, values, { onFault, clock });
  const filler = new ViewFiller(pushLog, values, applier, { objects, onFault, clock });
  const keeper = new ViewKeeper(pushLog, values, applier, filler, {
    onLost: (view) => {
      losses.inc({ view });
      log.error({ view }, 'the online values of a view are lost; they are made again from its last materialisation and what was pushed since, and until then there are none');
    },
    onRestored: (view) => {
      restored.inc({ view });
      log.info({ view }, 'the online values of a view are whole again');
    },
    onFault,
  });
  new Gauge({
    name: 'millrace_online_views_lost',
    help: 'Views whose online values are lost at this moment.',
    registers: [metrics],
    collect() {
      this.set(keeper.lost.size);
    },
  });
  await home.settled(FIRST_CONNECT_MS);
  return new RedisOnline({ home, log: pushLog, values, views: new OpenedViews(pushLog, schemaOf), filler, keeper, viewOf, onFault, clock, sweepMs });
}
