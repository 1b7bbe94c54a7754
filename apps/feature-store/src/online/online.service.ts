import type { Table } from '@millrace/contracts/millrace/type/v1/value';
import { uuidv7 } from '@millrace/core';
import { errors } from '../errors.js';
import type { ResolvedReference } from '../feature-service.js';
import { type FeatureView, featureViewName } from '../feature-view.js';
import { foldRows } from './fold.js';
import type { OnlineStore } from './online.store.js';
import { type FeatureValue, keyText, type ViewDelta, ViewState } from './view-state.js';

/** After so many changes of a view its state is kept as a whole. */
const SNAPSHOT_EVERY = 400;

/** Tells, for a view, which of its folded columns are summed as they are. */
export type ExactColumns = (view: FeatureView) => Promise<readonly boolean[]>;

/** Holds the online state of every view, keeps its changes, and answers. */
export class OnlineService {
  readonly #states = new Map<string, { readonly digest: string; readonly state: Promise<ViewState>; readonly exact: Promise<readonly boolean[]>; changes: number }>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly store: OnlineStore,
    private readonly exactColumns: ExactColumns,
  ) {}

  /** Adds source rows to views; false when the request had been applied before. Durable when it resolves. */
  async push(views: readonly FeatureView[], table: Table, requestId: string): Promise<boolean> {
    // Changes are applied in the order in which they are kept.
    const turn = this.#last.then(() => this.#push(views, table, requestId === '' ? uuidv7() : requestId));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** The features of one reference for one row of key cells as of a time in microseconds. */
  async read({ view, features, keys }: ResolvedReference, cell: (column: string) => string | undefined, { time, index }: { time: number; index: number }): Promise<readonly FeatureValue[]> {
    const values = keys.map((column, i) => {
      const value = cell(column);
      if (value === undefined) throw errors.KEY_MISSING({ index: String(index), column, key: view.joinKeys[i] ?? column, view: featureViewName.format(view) });
      return value;
    });
    const state = await this.#state(view).state;
    return state.read(keyText(values), time, features.map(({ feature }) => feature));
  }

  /** Puts a whole state in the place of what a view had. */
  async replace(view: FeatureView, delta: ViewDelta): Promise<number> {
    const exact = await this.exactColumns(view);
    const state = new ViewState(view, exact);
    state.apply(delta);
    const turn = this.#last.then(async () => {
      await this.store.replace(view.view, state.snapshot());
      this.#states.set(view.view, { digest: digestOf(view), state: Promise.resolve(state), exact: Promise.resolve(exact), changes: 0 });
    });
    this.#last = turn.catch(() => undefined);
    await turn;
    return state.size;
  }

  async #push(views: readonly FeatureView[], table: Table, requestId: string): Promise<boolean> {
    const deltas = new Map<string, ViewDelta>();
    for (const view of views) deltas.set(view.view, foldRows(view, table, await this.#state(view).exact));
    if (!(await this.store.append(requestId, deltas))) return false;
    for (const view of views) {
      const entry = this.#state(view);
      const state = await entry.state;
      state.apply(deltas.get(view.view) ?? { tiles: [], latest: [] });
      if (++entry.changes >= SNAPSHOT_EVERY) {
        entry.changes = 0;
        await this.store.replace(view.view, state.snapshot());
      }
    }
    return true;
  }

  #state(view: FeatureView) {
    const digest = digestOf(view);
    const found = this.#states.get(view.view);
    if (found?.digest === digest) return found;
    const exact = this.exactColumns(view);
    const state = exact.then(async (flags) => {
      const made = new ViewState(view, flags);
      for (const delta of await this.store.load(view.view)) if (delta.tiles) made.apply(delta);
      return made;
    });
    const entry = { digest, state, exact, changes: 0 };
    this.#states.set(view.view, entry);
    return entry;
  }
}

const digests = new WeakMap<FeatureView, string>();

/** A state belongs to one meaning of a view; a changed view has to be materialised again. Every read asks, so it is written once a view. */
function digestOf(view: FeatureView): string {
  const known = digests.get(view);
  if (known !== undefined) return known;
  const { tile, features, keyColumns, knowledge, derived } = view;
  const digest = JSON.stringify([tile, keyColumns, knowledge, derived, features]);
  digests.set(view, digest);
  return digest;
}
