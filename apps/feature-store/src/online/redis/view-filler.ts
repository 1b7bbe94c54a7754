import { setImmediate as breathe } from 'node:timers/promises';
import { AppError, isError, parseCanonicalJson, type Schema } from '@millrace/core';
import type { ObjectStore } from '@millrace/objects';
import { errors } from '../../errors.js';
import { type FeatureView, featureViewName, meaningOf, readSchema } from '../../feature-view.js';
import { foldRows } from '../fold.js';
import type { Filling } from '../online.js';
import type { ViewDelta } from '../view-delta.js';
import { ViewState } from '../view-state.js';
import { expiryOf } from './expiry.js';
import { newGeneration } from './key-layout.js';
import type { Marker } from './marker.js';
import { shapeOf } from './opened-views.js';
import { packEntity } from './packed-entity.js';
import { inBatches, type Progress, type PushApplier, type Target } from './push-applier.js';
import type { FillingRow, PushLogStore, ViewLog } from './push-log.store.js';
import type { ValuesStore } from './values.store.js';

/** What a generation of values is made of. */
interface Sources {
  readonly schema: Schema;
  readonly delta: ViewDelta;
  readonly knownBefore: number;
  readonly through: bigint;
}

/** A generation that is whole up to a push, and that nobody reads yet. */
interface Built extends Target {
  readonly progress: Progress;
  readonly size: number;
}

/** What a filler works with. */
export interface FillerOptions {
  readonly objects: ObjectStore;
  readonly onFault: (view: string, error: unknown) => void;
  readonly clock: () => Date;
}

const NOTHING: ViewDelta = { tiles: [], latest: [], older: [] };

/** Makes all values of a view under keys that nobody reads, and then makes them the current ones in one step. */
export class ViewFiller {
  constructor(
    private readonly log: PushLogStore,
    private readonly values: ValuesStore,
    private readonly applier: PushApplier,
    private readonly options: FillerOptions,
  ) {}

  /** Fills a view from what a materialisation brings; gives the number of keys. Throws PUSHES_FORGOTTEN. */
  async fill(view: FeatureView, { delta, base, schema, knownBefore }: Filling): Promise<number> {
    const before = await this.log.find(view.view);
    const through = before?.last ?? 0n;
    checkKept(view, before, knownBefore);
    const built = await this.#build(view, { schema: readSchema(view, schema), delta, knownBefore, through });
    checkKept(view, await this.log.find(view.view), knownBefore);
    // Named before it is recorded: what a filling is made of must not be collected.
    await this.options.objects.writeManifest(manifestOf(view.view, base), { objects: [base], body: {} });
    const { number, former } = await this.log.record(view.view, { meaning: meaningOf(view), schema: built.schema, base, knownBefore, through });
    await this.#show(built, number);
    if (former !== undefined && (await this.log.find(view.view))?.filling.base !== former) await this.options.objects.deleteManifest(manifestOf(view.view, former));
    return built.size;
  }

  /** Makes the values of a view again from what it was last filled from, and from the pushes since; throws ONLINE_NOT_RESTORABLE. */
  async restore(view: FeatureView, filling: FillingRow): Promise<void> {
    checkRestorable(filling);
    const { schema, knownBefore, through } = filling;
    const built = await this.#build(view, { schema, delta: await this.#base(filling), knownBefore, through });
    await this.#show(built, filling.number);
  }

  async #build(view: FeatureView, { schema, delta, knownBefore, through }: Sources): Promise<Built> {
    const state = new ViewState(view, schema);
    state.apply(delta);
    for await (const table of this.log.knownSince(view.view, { from: knownBefore, through })) {
      try {
        state.apply(foldRows(view, table, { schema, from: knownBefore }).delta);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        this.options.onFault(view.view, error);
      }
      await breathe();
    }
    const generation = newGeneration();
    const now = this.options.clock().getTime();
    let expires = Infinity;
    const packed = function* () {
      for (const [key, entity] of state.entities()) {
        const value = { key, bytes: packEntity({ stamp: through, state: entity }), expires: expiryOf(view, entity.newest(view.tile), now) };
        expires = Math.min(expires, value.expires);
        yield value;
      }
    };
    await this.#dropOnFault(view.view, generation, async () => {
      for (const batch of inBatches(packed())) await this.values.put(view.view, generation, batch);
    });
    return { view, schema, generation, progress: { through, expires }, size: state.size };
  }

  /** Makes a generation the current one as soon as it has every push that the current one has. Of two fillings the one that was recorded last wins. */
  #show(built: Built, number: bigint): Promise<void> {
    return this.#dropOnFault(built.view.view, built.generation, () => this.#catchUp(built, number));
  }

  async #catchUp(built: Built, number: bigint): Promise<void> {
    const { view, schema, generation } = built;
    let { progress } = built;
    for (;;) {
      const [current] = await this.values.markers([view.view]);
      for (let next = await this.applier.step(built, progress); next; next = await this.applier.step(built, next)) progress = next;
      const kept = await this.log.find(view.view);
      if (!kept || kept.filling.number !== number) return this.#drop(view.view, generation);
      if (current && current.filling === number) return this.#drop(view.view, generation);
      if (forgetsSince(kept.filling)) throw errors.ONLINE_NOT_RESTORABLE({ view: featureViewName.format(view), why: 'rows that were pushed since are no longer kept' });
      const next: Marker = { generation, filling: number, shape: shapeOf(meaningOf(view), schema), ...progress };
      if (!(await this.values.swap(view.view, current, next))) continue;
      if (current) await this.#drop(view.view, current.generation);
      return;
    }
  }

  /** What nobody will ever read must not fill the server; what stays for all that is collected some days later. */
  async #dropOnFault(view: string, generation: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      await this.#drop(view, generation).catch((cause: unknown) => this.options.onFault(view, cause));
      throw error;
    }
  }

  async #drop(view: string, generation: string): Promise<void> {
    await this.values.deleteGenerations(view, (found) => found === generation);
  }

  async #base({ view, base }: FillingRow): Promise<ViewDelta> {
    if (base === undefined) return NOTHING;
    try {
      return parseCanonicalJson(Buffer.from(await this.options.objects.read(base)).toString('utf8')) as ViewDelta;
    } catch (cause) {
      if (!isError(cause, 'objects.millrace', 'OBJECT_NOT_FOUND')) throw cause;
      throw errors.ONLINE_NOT_RESTORABLE({ view: featureViewName.format({ view }), why: `the object ${base} that it was filled from is gone` }, { cause });
    }
  }
}

const manifestOf = (view: string, base: string): string => `features/online/${view}/${base.replace(/^.*:/, '')}`;

function checkKept(view: FeatureView, log: ViewLog | undefined, knownBefore: number): void {
  const forgotten = log?.filling.forgotten;
  if (forgotten !== undefined && forgotten >= knownBefore) throw errors.PUSHES_FORGOTTEN({ view: featureViewName.format(view), from: iso(knownBefore), through: iso(forgotten) });
}

/** Whether pushes that the filling needs beside its base are no longer kept. */
const forgetsSince = ({ forgotten, forgottenThrough, knownBefore, through }: FillingRow): boolean => forgottenThrough > through || (forgotten !== undefined && forgotten >= knownBefore);

function checkRestorable(filling: FillingRow): void {
  if (forgetsSince(filling)) throw errors.ONLINE_NOT_RESTORABLE({ view: featureViewName.format(filling), why: `rows that were pushed since it was filled, and known up to ${iso(filling.forgotten ?? 0)}, are no longer kept` });
}

const iso = (micros: number): string => (Math.abs(micros) <= 8.64e18 ? new Date(Math.floor(micros / 1000)).toISOString() : 'ever');
