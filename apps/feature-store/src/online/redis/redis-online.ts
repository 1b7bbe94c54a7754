import type { Table } from '@millrace/contracts/millrace/type/v1/value';
import { errors } from '../../errors.js';
import { type FeatureView, featureViewName, meaningOf } from '../../feature-view.js';
import { foldRows } from '../fold.js';
import { type Ask, type Filling, type Online, RETAIN_MICROS } from '../online.js';
import { type FeatureValue, NOT_FOUND } from '../view-answers.js';
import { tilesHeld } from '../view-state.js';
import { isBeyondExpiry } from './expiry.js';
import type { HeldValue } from './held-values.js';
import { begunAt } from './key-layout.js';
import { isBehind, type Marker } from './marker.js';
import type { OpenedView, OpenedViews } from './opened-views.js';
import type { PushLogStore } from './push-log.store.js';
import type { RedisHome } from './redis-home.js';
import { MAX_KEYS, type ValuesStore } from './values.store.js';
import type { ViewFiller } from './view-filler.js';
import type { ViewKeeper } from './view-keeper.js';

/** Values that one round trip asks for at most. */
const MAX_ROUND_TRIP = 16 * MAX_KEYS;
/** So often values are read again that changed while they were read. */
const MAX_READS = 20;
/** After so many pushes of a view through this process the log lets go of what is too old. */
const FORGET_EVERY = 400;
/** Values of a generation that was begun so long ago and is not current belong to a filling that never ended. */
const ORPHANED_MS = 2 * 24 * 3_600_000;

/** What the online side in Redis is made of. */
export interface RedisParts {
  readonly home: RedisHome;
  readonly log: PushLogStore;
  readonly values: ValuesStore;
  readonly views: OpenedViews;
  readonly filler: ViewFiller;
  readonly keeper: ViewKeeper;
  readonly viewOf: (view: string) => Promise<FeatureView>;
  readonly onFault: (view: string, error: unknown) => void;
  readonly clock: () => Date;
  /** How often the values of all views are compared with the log. */
  readonly sweepMs: number;
}

/** Keys of one view that are asked for together. */
interface Group {
  readonly opened: OpenedView;
  readonly generation: string;
  readonly asks: readonly { readonly ask: Ask; readonly place: number }[];
}

/** Online features in Redis, the same for every process: nothing is answered from the memory of one of them. */
export class RedisOnline implements Online {
  readonly #pushes = new Map<string, number>();

  readonly #timer: NodeJS.Timeout;
  #sweeping: Promise<void> | undefined;

  constructor(private readonly parts: RedisParts) {
    this.#timer = setInterval(() => void this.sweep(), parts.sweepMs).unref();
  }

  /** Compares the values of all views with the log, and mends what differs. Never rejects. */
  sweep(): Promise<void> {
    if (this.parts.home.fault !== undefined) return Promise.resolve();
    this.#sweeping ??= this.parts.keeper
      .sweep(this.parts.viewOf)
      .catch((error: unknown) => this.parts.onFault('', error))
      .finally(() => (this.#sweeping = undefined));
    return this.#sweeping;
  }

  async push(views: readonly FeatureView[], table: Table, requestId: string): Promise<boolean> {
    const { log, keeper } = this.parts;
    this.#checkReachable();
    const opened = await Promise.all(views.map((view) => this.parts.views.open(view)));
    const pushes = opened.map(({ view, schema }) => [view.view, { table, knownThrough: foldRows(view, table, { schema }).knownThrough, meaning: meaningOf(view), schema }] as const);
    const kept = await log.append(requestId, new Map(pushes));
    await Promise.all(
      views.map(async (view) => {
        const sequence = kept ? kept.get(view.view) : await log.sequenceOf(view.view, requestId);
        if (sequence !== undefined) await keeper.advance(view, sequence);
      }),
    );
    if (kept) for (const view of views) this.#count(view);
    return kept !== undefined;
  }

  async read(asks: readonly Ask[]): Promise<readonly (readonly FeatureValue[])[]> {
    this.#checkReachable();
    const opened = new Map<FeatureView, OpenedView>();
    for (const { view } of asks) {
      if (opened.has(view)) continue;
      opened.set(view, await this.parts.views.open(view));
      await this.parts.keeper.verify(view, this.parts.home.connections);
    }
    const answers: (readonly FeatureValue[])[] = new Array(asks.length);
    for (let start = 0; start < asks.length; start += MAX_ROUND_TRIP) await this.#readPart(asks, { start, end: Math.min(start + MAX_ROUND_TRIP, asks.length), opened, answers });
    return answers;
  }

  async replace(view: FeatureView, filling: Filling): Promise<number> {
    const { filler, keeper } = this.parts;
    this.#checkReachable();
    const keys = await keeper.filling(view.view, () => filler.fill(view, filling));
    await keeper.filled(view);
    await this.parts.views.reopen(view);
    await this.#forget(view);
    return keys;
  }

  async drop(view: string): Promise<void> {
    const { log, values, views, keeper } = this.parts;
    this.#checkReachable();
    const filling = await log.drop(view);
    views.forget(view);
    if (filling === undefined) return;
    await keeper.drop(view, filling, (await values.markers([view]))[0]);
  }

  fault(): string | undefined {
    return this.parts.home.fault;
  }

  async collect(): Promise<{ readonly deleted: number }> {
    const { log, values } = this.parts;
    let deleted = 0;
    for (const { filling } of await log.all()) {
      const [marker] = await values.markers([filling.view]);
      const before = this.parts.clock().getTime() - ORPHANED_MS;
      deleted += await values.deleteGenerations(filling.view, (generation) => generation !== marker?.generation && begunAt(generation) < before);
    }
    return { deleted };
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sweeping;
    await this.parts.home.close();
  }

  /** Refused before anything is kept: a push that is durable, but that nobody can read, would be in doubt. */
  #checkReachable(): void {
    const { fault } = this.parts.home;
    if (fault !== undefined) throw errors.ONLINE_UNREACHABLE({ why: fault });
  }

  async #readPart(asks: readonly Ask[], { start, end, opened, answers }: { start: number; end: number; opened: Map<FeatureView, OpenedView>; answers: (readonly FeatureValue[])[] }): Promise<void> {
    let left = Array.from({ length: end - start }, (_, i) => start + i);
    for (let reads = 0; left.length > 0; reads++) {
      const groups = this.#group(asks, left, opened);
      const [first] = groups;
      if (reads === MAX_READS && first) throw errors.ONLINE_BUSY({ view: featureViewName.format(first.opened.view) });
      const found = await this.parts.values.read(groups.map(({ opened: { view, keep }, generation, asks: of }) => ({ view: view.view, generation, keys: of.map(({ ask }) => ask.key), keep })));
      const again: number[] = [];
      for (const [i, group] of groups.entries()) {
        const read = found[i];
        const verdict = read ? await this.#judge(group, read.marker, opened) : 'AGAIN';
        if (verdict === 'AGAIN') again.push(...group.asks.map(({ place }) => place));
        else if (verdict === 'NOTHING') for (const { ask, place } of group.asks) answers[place] = ask.features.map(() => NOT_FOUND);
        else if (read?.marker) this.#answer(group, { marker: read.marker, values: read.values }, answers);
      }
      left = again;
    }
  }

  /** Whether what was read can be told: never a value of another meaning, and never one that is older than what was told before. */
  async #judge({ opened, generation }: Group, marker: Marker | undefined, all: Map<FeatureView, OpenedView>): Promise<'TOLD' | 'AGAIN' | 'NOTHING'> {
    const { keeper, views } = this.parts;
    const { view } = opened;
    const known = keeper.known(view.view);
    if (!marker || (known && marker.filling < known.filling)) {
      if (known) keeper.kick(view);
      return 'NOTHING';
    }
    if (known && isBehind(marker, known)) {
      await keeper.advance(view, known.through);
      return 'AGAIN';
    }
    keeper.remember(view.view, marker);
    if (marker.generation !== generation) return 'AGAIN';
    if (marker.shape === opened.shape) return 'TOLD';
    if (opened.filling >= marker.filling) return 'NOTHING';
    all.set(view, await views.reopen(view));
    return 'AGAIN';
  }

  #answer({ opened, asks }: Group, { marker, values }: { readonly marker: Marker; readonly values: readonly (HeldValue | undefined)[] }, answers: (readonly FeatureValue[])[]): void {
    const now = this.parts.clock().getTime();
    for (const [i, { ask, place }] of asks.entries()) {
      const { time, features } = ask;
      const value = isBeyondExpiry(marker.expires, time, now) ? undefined : values[i];
      answers[place] = opened.answers.read(value?.entity, time, features);
    }
  }

  #group(asks: readonly Ask[], places: readonly number[], opened: ReadonlyMap<FeatureView, OpenedView>): readonly Group[] {
    const groups = new Map<FeatureView, { ask: Ask; place: number }[][]>();
    for (const place of places) {
      const ask = asks[place];
      if (!ask) continue;
      const parts = groups.get(ask.view) ?? [];
      groups.set(ask.view, parts);
      const last = parts.at(-1);
      if (last && last.length < MAX_KEYS) last.push({ ask, place });
      else parts.push([{ ask, place }]);
    }
    return [...groups].flatMap(([view, parts]) => {
      const found = opened.get(view);
      return found ? parts.map((of) => ({ opened: found, generation: this.parts.keeper.known(view.view)?.generation ?? '', asks: of })) : [];
    });
  }

  #count(view: FeatureView): void {
    const pushes = (this.#pushes.get(view.view) ?? 0) + 1;
    this.#pushes.set(view.view, pushes);
    if (pushes % FORGET_EVERY === 0) void this.#forget(view);
  }

  /** The caller has been served: he does not hear of its failure. */
  async #forget(view: FeatureView): Promise<void> {
    const { log, values, clock, onFault } = this.parts;
    try {
      const [[marker], known] = await Promise.all([values.markers([view.view]), log.newest(view.view)]);
      if (!marker || known === undefined) return;
      // A row from a far future must not make the tables of today old.
      const newest = Math.min(known, clock().getTime() * 1000);
      await log.forget(view.view, { applied: marker.through, retain: newest - Math.max(RETAIN_MICROS, tilesHeld(view) * view.tile) });
    } catch (error) {
      onFault(view.view, error);
    }
  }
}
