import { setImmediate as breathe } from 'node:timers/promises';
import type { Table } from '@millrace/contracts/millrace/type/v1/value';
import { AppError, canonicalJson, type Schema } from '@millrace/core';
import { errors } from '../errors.js';
import { type FeatureView, featureViewName, meaningOf, readSchema } from '../feature-view.js';
import { type Folded, foldRows } from './fold.js';
import { type Ask, type Filling, type Online, type OnlineOptions, RETAIN_MICROS } from './online.js';
import type { OnlineStore } from './online.store.js';
import type { FeatureValue } from './view-answers.js';
import { tilesHeld, ViewState } from './view-state.js';

/** After so many changes of a view its state is kept as a whole. */
const SNAPSHOT_EVERY = 400;

/** A view with its state in memory. */
interface Opened {
  readonly view: FeatureView;
  readonly schema: Schema;
  readonly state: ViewState;
  /** False for a view that means something else than what was kept: it has no values before it is materialised again. */
  readonly filled: boolean;
  knownThrough: number;
  changes: number;
}

interface Entry {
  readonly digest: string;
  readonly ready: Promise<Opened>;
  opened: Opened | undefined;
}

/** Holds the online state of every view in memory, keeps what is pushed, and answers. For one process: another one would not hear of what is pushed here. */
export class FileOnline implements Online {
  readonly #entries = new Map<string, Entry>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly store: OnlineStore,
    private readonly options: OnlineOptions,
  ) {}

  async push(views: readonly FeatureView[], table: Table, requestId: string): Promise<boolean> {
    const opened = await Promise.all(views.map((view) => this.#open(view)));
    // Changes are applied in the order in which they are kept.
    return this.#inTurn(() => this.#push(opened, table, requestId));
  }

  read(asks: readonly Ask[]): Promise<readonly (readonly FeatureValue[])[]> {
    return Promise.all(
      asks.map(async ({ view, key, time, features }) => {
        const { state } = await this.#open(view);
        return state.read(key, time, features);
      }),
    );
  }

  async replace(view: FeatureView, { delta, schema, knownBefore }: Filling): Promise<number> {
    return this.#inTurn(async () => {
      const forgotten = await this.store.forgotten(view.view);
      if (forgotten !== undefined && forgotten >= knownBefore) throw errors.PUSHES_FORGOTTEN({ view: featureViewName.format(view), from: iso(knownBefore), through: iso(forgotten) });
      const opened: Opened = { view, schema: readSchema(view, schema), state: new ViewState(view, schema), filled: true, knownThrough: -Infinity, changes: 0 };
      opened.state.apply(delta);
      for await (const table of this.store.pushedSince(view.view, knownBefore)) {
        this.#fold(opened, table, knownBefore);
        await breathe();
      }
      await this.#keep(opened);
      this.#entries.set(view.view, { digest: digestOf(view), ready: Promise.resolve(opened), opened });
      return opened.state.size;
    });
  }

  drop(view: string): Promise<void> {
    return this.#inTurn(async () => {
      await this.store.drop(view);
      this.#entries.delete(view);
    });
  }

  fault(): undefined {
    return undefined;
  }

  async collect(): Promise<string> {
    return 'nothing to do';
  }

  async close(): Promise<void> {
    await this.#last;
  }

  async #push(asked: readonly Opened[], table: Table, requestId: string): Promise<boolean> {
    // A view may have been defined or filled anew since it was opened.
    const current = asked.map((opened) => this.#entries.get(opened.view.view)?.opened ?? opened);
    const folded = current.map(({ view, schema }) => foldRows(view, table, { schema }));
    const pushes = new Map(current.map(({ view }, i) => [view.view, { table, knownThrough: folded[i]?.knownThrough ?? -Infinity }]));
    if (!(await this.store.append(requestId, pushes))) return false;
    current.forEach((opened, i) => {
      const added = folded[i];
      if (!added || !opened.filled) return;
      apply(opened, added);
      if (++opened.changes % SNAPSHOT_EVERY === 0) this.#keepLater(opened);
    });
    return true;
  }

  /** The push is durable without the snapshot, so its caller does not wait for it, nor hear of its failure. */
  #keepLater(opened: Opened): void {
    const { view } = opened.view;
    this.#inTurn(async () => {
      if (this.#entries.get(view)?.opened === opened) await this.#keep(opened);
    }).catch((error: unknown) => this.options.onFault(view, error));
  }

  #keep({ view, schema, state, knownThrough }: Opened): Promise<void> {
    const reach = tilesHeld(view) * view.tile;
    // A row from a far future must not make the tables of today old.
    const newest = Math.min(knownThrough, Date.now() * 1000);
    return this.store.keep(view.view, { meaning: meaningOf(view), schema, delta: state.snapshot() }, newest - Math.max(RETAIN_MICROS, reach));
  }

  #open(view: FeatureView): Promise<Opened> {
    const digest = digestOf(view);
    const found = this.#entries.get(view.view);
    if (found?.digest === digest) return found.ready;
    // In turn: between reading what is kept and having it in memory nothing may be added.
    const entry: Entry = { digest, ready: this.#inTurn(() => this.#load(view)), opened: undefined };
    this.#entries.set(view.view, entry);
    entry.ready.then(
      (opened) => (entry.opened = opened),
      () => {
        if (this.#entries.get(view.view) === entry) this.#entries.delete(view.view);
      },
    );
    return entry.ready;
  }

  async #load(view: FeatureView): Promise<Opened> {
    const { state: kept, elsewhere, pushed } = await this.store.load(view.view);
    const filled = !elsewhere && (kept === undefined || kept.meaning === meaningOf(view));
    const schema = kept && filled ? kept.schema : readSchema(view, await this.options.schemaOf(view));
    const opened: Opened = { view, schema, state: new ViewState(view, schema), filled, knownThrough: -Infinity, changes: 0 };
    if (!filled) return opened;
    if (kept) opened.state.apply(kept.delta);
    for (const table of pushed) this.#fold(opened, table, -Infinity);
    return opened;
  }

  /** Adds a table that was kept before; one that lacks what the view has come to read since is told, and adds nothing. */
  #fold(opened: Opened, table: Table, from: number): void {
    const { view, schema } = opened;
    try {
      apply(opened, foldRows(view, table, { schema, from }));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.options.onFault(view.view, error);
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

function apply(opened: Opened, { delta, knownThrough }: Folded): void {
  opened.state.apply(delta);
  opened.knownThrough = Math.max(opened.knownThrough, knownThrough);
}

const digests = new WeakMap<FeatureView, string>();

/** A state in memory answers for one definition. Every read asks, so it is written once a view. */
function digestOf(view: FeatureView): string {
  const known = digests.get(view) ?? canonicalJson([meaningOf(view), view.ttl, view.features]);
  digests.set(view, known);
  return known;
}

const iso = (micros: number): string => new Date(Math.floor(micros / 1000)).toISOString();
