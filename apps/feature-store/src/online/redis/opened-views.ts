import { createHash } from 'node:crypto';
import { canonicalJson, type Schema } from '@millrace/core';
import { type FeatureView, meaningOf, readSchema } from '../../feature-view.js';
import { ViewAnswers } from '../view-answers.js';
import { tilesHeld } from '../view-state.js';
import type { PushLogStore } from './push-log.store.js';

/** A view with the columns that its values were made from, ready to fold and to answer. */
export interface OpenedView {
  readonly view: FeatureView;
  readonly schema: Schema;
  readonly shape: string;
  /** Number of the filling that it was opened for; -1 when there was none. */
  readonly filling: bigint;
  readonly answers: ViewAnswers;
  /** Tiles that are held of a key. */
  readonly keep: number;
}

/** Definitions that are kept open at most: of each view usually one. */
const MAX_OPEN = 1_000;

/** What values are made of, as one short text. */
export const shapeOf = (meaning: string, schema: Schema): string => createHash('sha256').update(meaning).update(canonicalJson(schema)).digest('base64url').slice(0, 22);

/** Opens views; an opened one holds no values. */
export class OpenedViews {
  readonly #opened = new Map<string, { readonly digest: string; readonly opened: Promise<OpenedView> }>();

  constructor(
    private readonly log: PushLogStore,
    private readonly schemaOf: (view: FeatureView) => Promise<Schema>,
  ) {}

  /** The view with the columns that it was last filled or pushed from, else those of its source. */
  open(view: FeatureView): Promise<OpenedView> {
    const digest = digestOf(view);
    const found = this.#opened.get(view.view);
    if (found?.digest === digest) return found.opened;
    const entry = { digest, opened: this.#read(view) };
    if (this.#opened.size >= MAX_OPEN) this.#opened.clear();
    this.#opened.set(view.view, entry);
    entry.opened.catch(() => {
      if (this.#opened.get(view.view) === entry) this.#opened.delete(view.view);
    });
    return entry.opened;
  }

  /** Opens the view anew, because what it was filled from has changed. */
  reopen(view: FeatureView): Promise<OpenedView> {
    this.#opened.delete(view.view);
    return this.open(view);
  }

  /** A view of this name is another one now. */
  forget(view: string): void {
    this.#opened.delete(view);
  }

  async #read(view: FeatureView): Promise<OpenedView> {
    const meaning = meaningOf(view);
    const kept = await this.log.find(view.view);
    const schema = kept?.filling.meaning === meaning ? kept.filling.schema : readSchema(view, await this.schemaOf(view));
    return { view, schema, shape: shapeOf(meaning, schema), filling: kept?.filling.number ?? -1n, answers: new ViewAnswers(view, schema), keep: tilesHeld(view) };
  }
}

const digests = new WeakMap<FeatureView, string>();

/** Every read asks, so it is written once a view. */
function digestOf(view: FeatureView): string {
  const known = digests.get(view) ?? canonicalJson([meaningOf(view), view.ttl, view.features]);
  digests.set(view, known);
  return known;
}
