import { setTimeout as sleep } from 'node:timers/promises';
import { isError } from '@millrace/core';
import { errors } from '../../errors.js';
import { type FeatureView, featureViewName, meaningOf } from '../../feature-view.js';
import { isBehind, type Marker } from './marker.js';
import { shapeOf } from './opened-views.js';
import type { PushApplier } from './push-applier.js';
import { DROPPED } from '../online.store.js';
import { type FillingRow, isBegun, type PushLogStore, type ViewLog } from './push-log.store.js';
import type { ValuesStore } from './values.store.js';
import type { ViewFiller } from './view-filler.js';

/** A lease that nobody renews ends after so long: its holder is gone. */
const LEASE_MS = 15_000;
const RENEW_MS = 5_000;
/** A push waits at most so long for values that another instance is making again. */
const WAIT_MS = 20_000;
const PAUSE_MS = 50;
const KICK_MS = 250;

/** Told what happens to the values of a view that nobody asked for. */
export interface KeeperHooks {
  readonly onLost: (view: string) => void;
  readonly onRestored: (view: string) => void;
  readonly onFault: (view: string, error: unknown) => void;
}

/** Sees to it that the values in Redis are those that the log says: brings pushes online, notices that values are lost or have gone back, and makes them again. */
export class ViewKeeper {
  /** The newest state of each view that this process has told of or heard of: nothing older is ever answered. */
  readonly #known = new Map<string, Marker>();
  readonly #verified = new Map<string, number>();
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #mending = new Map<string, Promise<boolean>>();
  readonly #kicked = new Map<string, number>();
  readonly #fillings = new Map<string, FillingRow>();
  /** Views whose values are not there, and whether they cannot be made again from what is kept. */
  readonly #lost = new Map<string, { readonly forGood: boolean }>();

  constructor(
    private readonly log: PushLogStore,
    private readonly values: ValuesStore,
    private readonly applier: PushApplier,
    private readonly filler: ViewFiller,
    private readonly hooks: KeeperHooks,
  ) {}

  known(view: string): Marker | undefined {
    return this.#known.get(view);
  }

  /** Keeps the newer of what was known and what was read. */
  remember(view: string, marker: Marker): void {
    const known = this.#known.get(view);
    if (!known || !isBehind(marker, known)) this.#known.set(view, marker);
  }

  /** Views whose values are not there. */
  get lost(): ReadonlySet<string> {
    return new Set(this.#lost.keys());
  }

  /** Compares a view with the log, once for each connection: a server that was restarted or replaced may have lost its last writes. What is behind has caught up when it resolves. */
  async verify(view: FeatureView, connection: number): Promise<void> {
    if (this.#verified.get(view.view) === connection) return;
    const log = await this.log.find(view.view);
    if (log) await this.#inspect(view, log, (await this.values.markers([view.view]))[0]);
    this.#verified.set(view.view, connection);
  }

  /** Looks after all views that were ever filled or pushed into; `viewOf` gives the definition of one. */
  async sweep(viewOf: (view: string) => Promise<FeatureView>): Promise<void> {
    const logs = await this.log.all();
    const markers = await this.values.markers(logs.map(({ filling }) => filling.view));
    for (const [i, log] of logs.entries()) {
      const name = log.filling.view;
      try {
        if (log.filling.meaning === DROPPED) {
          await this.drop(name, log.filling.number, markers[i]);
          continue;
        }
        await this.#inspect(await viewOf(name), log, markers[i]);
        await this.#mending.get(name);
      } catch (error) {
        this.hooks.onFault(name, error);
      }
    }
  }

  /** From here on nothing of a view that was deleted is answered, and what it left in Redis goes. */
  async drop(view: string, filling: bigint, left: Marker | undefined): Promise<void> {
    this.remember(view, { generation: '', filling, shape: '', through: 0n, expires: Infinity });
    this.#lost.delete(view);
    if (left) await this.values.clear(view);
  }

  /** Brings the pushes of a view online, at least up to a number. Resolves at once for a view that waits to be materialised anew. */
  advance(view: FeatureView, until: bigint): Promise<void> {
    return this.#inTurn(view.view, () => this.#advance(view, until));
  }

  /** Begins to make lost values again, unless that is under way; true when they are whole. Never rejects. */
  mend(view: FeatureView): Promise<boolean> {
    const under = this.#mending.get(view.view);
    if (under) return under;
    const work = this.#mend(view)
      .catch((error: unknown) => {
        this.#tell(view.view, error);
        return false;
      })
      .finally(() => this.#mending.delete(view.view));
    this.#mending.set(view.view, work);
    return work;
  }

  /** As mend, for the many who come by and find nothing: at most once in a while, and not where it cannot help. */
  kick(view: FeatureView): void {
    const now = Date.now();
    if (this.#lost.get(view.view)?.forGood === true || now - (this.#kicked.get(view.view) ?? 0) < KICK_MS) return;
    this.#kicked.set(view.view, now);
    void this.mend(view);
  }

  /** Runs a filling under the lease of its view, where that is free: two at once would do no harm, but twice the work. */
  async filling<T>(view: string, work: () => Promise<T>): Promise<T> {
    return this.#leased(view, await this.values.lease(view, LEASE_MS), work);
  }

  /** What was filled is whole. */
  async filled(view: FeatureView): Promise<void> {
    const [marker] = await this.values.markers([view.view]);
    if (marker) this.remember(view.view, marker);
    this.#lost.delete(view.view);
  }

  async #inspect(view: FeatureView, { filling, last }: ViewLog, marker: Marker | undefined): Promise<void> {
    if (filling.meaning === DROPPED) return this.drop(view.view, filling.number, marker);
    if (filling.meaning !== meaningOf(view)) return;
    if (!marker || marker.filling !== filling.number) {
      // From here on nothing of an older filling is answered.
      this.remember(view.view, { generation: '', filling: filling.number, shape: '', through: 0n, expires: Infinity });
      void this.mend(view);
      return;
    }
    this.remember(view.view, marker);
    this.#lost.delete(view.view);
    if (marker.through < last) await this.advance(view, last);
  }

  async #advance(view: FeatureView, until: bigint): Promise<void> {
    let next: Marker | undefined;
    for (const end = Date.now() + WAIT_MS; ; ) {
      const marker = next ?? (await this.values.markers([view.view]))[0];
      next = undefined;
      const filling = await this.#fillingOf(view.view, marker);
      // Only values of the very same meaning may be added to; others wait to be materialised.
      if (!filling || filling.meaning !== meaningOf(view)) return;
      if (!marker || marker.filling !== filling.number) {
        if (await this.mend(view)) continue;
        if (this.#lost.get(view.view)?.forGood === true) return;
        if (Date.now() > end) throw errors.ONLINE_BUSY({ view: featureViewName.format(view) });
        await sleep(PAUSE_MS);
        continue;
      }
      if (marker.through >= until) return this.remember(view.view, marker);
      if (marker.shape !== shapeOf(filling.meaning, filling.schema)) return;
      const progress = await this.applier.step({ view, schema: filling.schema, generation: marker.generation }, marker);
      if (!progress) {
        // The log itself ends here, whatever was known: it is the truth.
        this.#known.set(view.view, marker);
        return;
      }
      const advanced = { ...marker, ...progress };
      if (await this.values.swap(view.view, marker, advanced)) next = advanced;
    }
  }

  /** What the values under a marker are made of; read once a filling. */
  async #fillingOf(view: string, marker: Marker | undefined): Promise<FillingRow | undefined> {
    const known = this.#fillings.get(view);
    if (marker && known?.number === marker.filling) return known;
    const found = (await this.log.find(view))?.filling;
    if (found) this.#fillings.set(view, found);
    return found;
  }

  async #mend(view: FeatureView): Promise<boolean> {
    const before = await this.#mendable(view);
    if (typeof before === 'boolean') return before;
    const holder = await this.values.lease(view.view, LEASE_MS);
    if (holder === undefined) return false;
    return this.#leased(view.view, holder, async () => {
      const filling = await this.#mendable(view);
      if (typeof filling === 'boolean') return filling;
      if (isBegun(filling)) await this.#begin(view, filling);
      else await this.#restore(view, filling);
      await this.filled(view);
      return true;
    });
  }

  /** What lost values are to be made again from; true when none are lost, false when nothing can be made of a view that was deleted or means something else by now. */
  async #mendable(view: FeatureView): Promise<FillingRow | boolean> {
    const [log, [marker]] = [await this.log.find(view.view), await this.values.markers([view.view])];
    if (!log || marker?.filling === log.filling.number) return true;
    return log.filling.meaning === meaningOf(view) && log.filling;
  }

  /** A view that was only pushed into has its first values. */
  async #begin(view: FeatureView, filling: FillingRow): Promise<void> {
    const begun = { ...filling, through: 0n };
    const { number } = await this.log.record(view.view, begun);
    await this.filler.restore(view, { ...begun, number });
  }

  async #restore(view: FeatureView, filling: FillingRow): Promise<void> {
    if (!this.#lost.has(view.view)) {
      this.#lost.set(view.view, { forGood: false });
      this.hooks.onLost(view.view);
    }
    await this.filler.restore(view, filling);
    this.hooks.onRestored(view.view);
  }

  async #leased<T>(view: string, holder: string | undefined, work: () => Promise<T>): Promise<T> {
    if (holder === undefined) return work();
    const renewal = setInterval(() => void this.values.renewLease(view, holder, LEASE_MS).catch((error: unknown) => this.hooks.onFault(view, error)), RENEW_MS);
    try {
      return await work();
    } finally {
      clearInterval(renewal);
      // Without the server the lease ends by itself.
      await this.values.endLease(view, holder).catch((error: unknown) => this.hooks.onFault(view, error));
    }
  }

  /** What cannot be made again is told once. */
  #tell(view: string, error: unknown): void {
    const forGood = isError(error, 'features.millrace', 'ONLINE_NOT_RESTORABLE');
    if (forGood && this.#lost.get(view)?.forGood === true) return;
    if (forGood) this.#lost.set(view, { forGood });
    this.hooks.onFault(view, error);
  }

  #inTurn<T>(view: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(view) ?? Promise.resolve()).then(work);
    const settled = turn.catch(() => undefined).finally(() => {
      if (this.#turns.get(view) === settled) this.#turns.delete(view);
    });
    this.#turns.set(view, settled);
    return turn;
  }
}
