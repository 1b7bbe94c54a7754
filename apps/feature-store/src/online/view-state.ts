import type { Cell, Schema } from '@millrace/core';
import { type Feature, type FeatureView, foldedColumns, latestColumns, longestWindow, sourceType, windowLengths } from '../feature-view.js';
import { FIXED_POINT, isExact } from '../offline/view-sql.js';
import { EntityState, type Total } from './entity-state.js';
import { toDouble, toInt64, type Whole } from './exact-sum.js';
import { type LatestRow, type LatestValue, type OlderRows, SPARE_TILES, type TileDelta, type ViewDelta } from './view-delta.js';

/** What a value is worth. */
export type FeatureStatus = 'PRESENT' | 'NOT_FOUND' | 'EXPIRED';

/** A feature as it is answered. */
export interface FeatureValue {
  readonly value: Cell;
  readonly status: FeatureStatus;
}

/** Answers of one key for a tile of time: nothing changes within it. */
interface Answers {
  readonly tile: number;
  /** Newest event; undefined where nothing can be said any more. */
  readonly last: number | undefined;
  readonly values: readonly FeatureValue[];
}

/** The online state of one feature view: pure, in memory; what makes it durable stands in the store. */
export class ViewState {
  readonly #entities = new Map<string, { readonly state: EntityState; answers: Answers | undefined }>();
  readonly #keep: number;
  readonly #columns: readonly { readonly name: string; readonly exact: boolean }[];
  /** Windows in tiles, shortest first. */
  readonly #lengths: readonly number[];
  readonly #extremes: boolean;
  readonly #latest: readonly { readonly name: string; readonly time: boolean }[];
  /** Place of each feature in the view: those that are asked for are often other objects of the same name. */
  readonly #places: ReadonlyMap<string, number>;

  constructor(
    readonly view: FeatureView,
    schema: Schema,
  ) {
    this.#keep = longestWindow(view) + SPARE_TILES;
    this.#lengths = windowLengths(view);
    this.#extremes = view.features.some(({ aggregation }) => aggregation === 'MIN' || aggregation === 'MAX');
    this.#columns = foldedColumns(view).map((name) => ({ name, exact: isExact(view, name, schema) }));
    this.#latest = latestColumns(view).map((name) => ({ name, time: sourceType(schema, name) === 'TIMESTAMP' && !view.derived.some((derived) => derived.name === name) }));
    this.#places = new Map(view.features.map(({ name }, place) => [name, place]));
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

  /** The features of one key as of a time in microseconds, in the order asked for. What is older than what is held is NOT_FOUND. */
  read(key: string, time: number, features: readonly Feature[]): readonly FeatureValue[] {
    const entity = this.#entities.get(key);
    if (!entity) return features.map(() => NOT_FOUND);
    const tile = Math.floor(time / this.view.tile);
    if (entity.answers?.tile !== tile) entity.answers = this.#answer(entity.state, tile);
    const { values, last } = entity.answers;
    return features.map((feature) => {
      if (feature.aggregation === 'LATEST') return this.#readLatest(entity.state, time, feature);
      if (last === undefined || last === -Infinity) return NOT_FOUND;
      if (this.#expired(last, time)) return EXPIRED;
      return values[this.#places.get(feature.name) ?? -1] ?? NOT_FOUND;
    });
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

  #expired(event: number, time: number): boolean {
    return this.view.ttl > 0 && event < time - this.view.ttl;
  }

  /** All windows at once: most keys are asked for all of their features. */
  #answer(entity: EntityState, now: number): Answers {
    const totals = entity.totals(now, this.#lengths, { columns: this.#columns.length, extremes: this.#extremes });
    const values = this.view.features.map((feature): FeatureValue => {
      const total = feature.aggregation === 'LATEST' ? undefined : totals[this.#lengths.indexOf(feature.window / this.view.tile)];
      return total ? this.#valueOf(feature, total) : NOT_FOUND;
    });
    return { tile: now, values, last: entity.newestBefore(now) };
  }

  #valueOf({ aggregation, column }: Feature, { rows, counts, sums, lows, highs }: Total): FeatureValue {
    if (aggregation === 'COUNT') return present(BigInt(rows));
    const i = this.#columns.findIndex(({ name }) => name === column);
    const count = counts[i] ?? 0;
    if (count === 0) return NOT_FOUND;
    const exact = this.#columns[i]?.exact === true;
    const sum = sums[i] ?? 0;
    const number = (value: Whole): Cell => (exact ? toInt64(value) : Number(value));
    switch (aggregation) {
      case 'SUM':
        return present(exact ? toInt64(sum) : toDouble(sum) / FIXED_POINT);
      case 'MEAN':
        return present((exact ? toDouble(sum) : toDouble(sum) / FIXED_POINT) / count);
      case 'MIN':
        return present(number(lows[i] ?? Infinity));
      case 'MAX':
        return present(number(highs[i] ?? -Infinity));
      case 'LATEST':
        return NOT_FOUND;
    }
  }

  #readLatest(entity: EntityState, time: number, { column }: Feature): FeatureValue {
    const best = entity.latestAt(time);
    if (!best) return NOT_FOUND;
    if (this.#expired(best.event, time)) return EXPIRED;
    const place = this.#latest.findIndex(({ name }) => name === column);
    return present(toCell(best.values[place], this.#latest[place]?.time === true));
  }
}

const NOT_FOUND: FeatureValue = { value: undefined, status: 'NOT_FOUND' };
const EXPIRED: FeatureValue = { value: undefined, status: 'EXPIRED' };

const present = (value: Cell): FeatureValue => (value === undefined ? NOT_FOUND : { value, status: 'PRESENT' });

/** A kept value as a cell; JSON makes null of a missing one within a list. */
function toCell(value: LatestValue | null, time: boolean): Cell {
  if (value === null || !time) return value ?? undefined;
  return value === undefined ? undefined : new Date(Math.floor(Number(value) / 1000));
}
