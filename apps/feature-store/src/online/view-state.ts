import type { Schema } from '@millrace/core';
import { type Feature, type FeatureView, longestWindow } from '../feature-view.js';
import { EntityState } from './entity-state.js';
import { type FeatureValue, type HeldEntity, ViewAnswers } from './view-answers.js';
import { type LatestRow, type OlderRows, SPARE_TILES, type TileDelta, type ViewDelta } from './view-delta.js';

/** How many tiles of a key are held. */
export const tilesHeld = (view: FeatureView): number => longestWindow(view) + SPARE_TILES;

/** The online state of one feature view: pure, in memory; what makes it durable stands elsewhere. */
export class ViewState {
  readonly #entities = new Map<string, HeldEntity>();
  readonly #keep: number;
  readonly #answers: ViewAnswers;

  constructor(
    readonly view: FeatureView,
    schema: Schema,
  ) {
    this.#keep = tilesHeld(view);
    this.#answers = new ViewAnswers(view, schema);
  }

  get size(): number {
    return this.#entities.size;
  }

  /** Adds what came. Applying a delta twice counts it twice: the store sees to it that this does not happen. */
  apply({ tiles, latest, older }: ViewDelta): void {
    for (const delta of tiles) this.#entity(delta.key).addTile(delta, this.#keep);
    for (const row of latest) this.#entity(row.key).addLatest(row);
    for (const rows of older) this.#entity(rows.key).addOlder(rows);
  }

  /** The features of one key as of a time in microseconds, in the order asked for. */
  read(key: string, time: number, features: readonly Feature[]): readonly FeatureValue[] {
    return this.#answers.read(this.#entities.get(key), time, features);
  }

  /** Every key with its state. */
  *entities(): Iterable<readonly [string, EntityState]> {
    for (const [key, { state }] of this.#entities) yield [key, state];
  }

  /** Everything that must be kept to make this state again. */
  snapshot(): ViewDelta {
    const tiles: TileDelta[] = [];
    const latest: LatestRow[] = [];
    const older: OlderRows[] = [];
    for (const [key, { state }] of this.#entities) {
      for (const delta of state.tileDeltas(key)) tiles.push(delta);
      for (const row of state.latestRows()) latest.push(row);
      older.push(...state.olderRows(key));
    }
    return { tiles, latest, older };
  }

  #entity(key: string): EntityState {
    const found = this.#entities.get(key) ?? { state: new EntityState(), answers: undefined };
    this.#entities.set(key, found);
    found.answers = undefined;
    return found.state;
  }
}
