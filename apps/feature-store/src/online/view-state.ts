import { type Cell } from '@millrace/core';
import { errors } from '../errors.js';
import { type Feature, type FeatureView, featureViewName, foldedColumns, latestColumns, longestWindow } from '../feature-view.js';
import { FIXED_POINT } from '../offline/view-sql.js';

/** What a value is worth. */
export type FeatureStatus = 'PRESENT' | 'NOT_FOUND' | 'EXPIRED';

/** A feature as it is answered. */
export interface FeatureValue {
  readonly value: Cell;
  readonly status: FeatureStatus;
}

/** What one key's rows of one tile add up to. By folded column: count, exact sum, smallest, largest. */
export interface TileDelta {
  readonly key: string;
  readonly tile: number;
  readonly rows: number;
  /** Newest event, in microseconds. */
  readonly last: number;
  readonly counts: readonly number[];
  readonly sums: readonly number[];
  readonly lows: readonly number[];
  readonly highs: readonly number[];
}

/** A row that may be the newest of its key, for LATEST features. */
export interface LatestRow {
  readonly key: string;
  readonly known: number;
  readonly event: number;
  readonly values: readonly Cell[];
}

/** One change of a view's online state. */
export interface ViewDelta {
  readonly tiles: readonly TileDelta[];
  readonly latest: readonly LatestRow[];
}

interface Tile {
  rows: number;
  last: number;
  counts: number[];
  sums: number[];
  lows: number[];
  highs: number[];
}

interface EntityState {
  readonly tiles: Map<number, Tile>;
  /** Newest event of the tiles that were let go. */
  lastBefore: number;
  latest: LatestRow[];
  /** Answers of the tile asked for last; cleared by every change. */
  answers: { readonly tile: number; readonly values: readonly FeatureValue[]; readonly last: number } | undefined;
}

const MAX_LATEST = 64;
/** Tiles kept beyond the longest window, so that questions about the recent past are answered too. */
const SPARE_TILES = 48;
/** Tiles are let go in batches. */
const TRIM_EVERY = 64;

/** The online state of one feature view: pure, in memory; what makes it durable stands in the store. */
export class ViewState {
  readonly #entities = new Map<string, EntityState>();
  readonly #exact: readonly boolean[];
  readonly #keep: number;
  /** Place of each feature in the view: those that are asked for are often other objects of the same name. */
  readonly #places: ReadonlyMap<string, number>;

  constructor(
    readonly view: FeatureView,
    exact: readonly boolean[],
  ) {
    this.#exact = exact;
    this.#keep = longestWindow(view) + SPARE_TILES;
    this.#places = new Map(view.features.map(({ name }, place) => [name, place]));
  }

  get size(): number {
    return this.#entities.size;
  }

  /** Adds what came. Applying a delta twice counts it twice: the store sees to it that this does not happen. */
  apply({ tiles, latest }: ViewDelta): void {
    for (const delta of tiles) this.#addTile(delta);
    for (const row of latest) this.#addLatest(row);
  }

  /** The features of one key as of a time in microseconds, in the order asked for. */
  read(key: string, time: number, features: readonly Feature[]): readonly FeatureValue[] {
    const entity = this.#entities.get(key);
    if (!entity) return features.map(() => NOT_FOUND);
    const tile = Math.floor(time / this.view.tile);
    if (entity.answers?.tile !== tile) entity.answers = this.#answer(entity, tile);
    const { values, last } = entity.answers;
    return features.map((feature) => {
      if (feature.aggregation === 'LATEST') return this.#readLatest(entity, time, feature);
      if (last === -Infinity) return NOT_FOUND;
      if (this.view.ttl > 0 && last < time - this.view.ttl) return EXPIRED;
      return values[this.#places.get(feature.name) ?? -1] ?? NOT_FOUND;
    });
  }

  /** Everything that must be kept to make this state again. */
  snapshot(): ViewDelta {
    const tiles: TileDelta[] = [];
    const latest: LatestRow[] = [];
    for (const [key, entity] of this.#entities) {
      for (const [tile, state] of entity.tiles) tiles.push({ key, tile, ...state });
      if (entity.lastBefore > -Infinity && entity.tiles.size === 0) latest.push({ key, known: entity.lastBefore, event: entity.lastBefore, values: [] });
      latest.push(...entity.latest);
    }
    return { tiles, latest };
  }

  #entity(key: string): EntityState {
    const found = this.#entities.get(key) ?? { tiles: new Map<number, Tile>(), lastBefore: -Infinity, latest: [], answers: undefined };
    this.#entities.set(key, found);
    found.answers = undefined;
    return found;
  }

  #addTile({ key, tile, rows, last, counts, sums, lows, highs }: TileDelta): void {
    const entity = this.#entity(key);
    const state = entity.tiles.get(tile);
    if (!state) {
      entity.tiles.set(tile, { rows, last, counts: [...counts], sums: [...sums], lows: [...lows], highs: [...highs] });
      if (entity.tiles.size > this.#keep + TRIM_EVERY) this.#trim(entity);
      return;
    }
    state.rows += rows;
    state.last = Math.max(state.last, last);
    for (let i = 0; i < counts.length; i++) {
      state.counts[i] = (state.counts[i] ?? 0) + (counts[i] ?? 0);
      state.sums[i] = this.#exactSum((state.sums[i] ?? 0) + (sums[i] ?? 0), i);
      state.lows[i] = Math.min(state.lows[i] ?? Infinity, lows[i] ?? Infinity);
      state.highs[i] = Math.max(state.highs[i] ?? -Infinity, highs[i] ?? -Infinity);
    }
  }

  #exactSum(sum: number, column: number): number {
    if (Number.isSafeInteger(sum)) return sum;
    throw errors.SUM_OVERFLOW({ column: foldedColumns(this.view)[column] ?? '', view: featureViewName.format(this.view) });
  }

  #trim(entity: EntityState): void {
    const newest = Math.max(...entity.tiles.keys());
    for (const [tile, state] of entity.tiles) {
      if (tile >= newest - this.#keep) continue;
      entity.lastBefore = Math.max(entity.lastBefore, state.last);
      entity.tiles.delete(tile);
    }
  }

  #addLatest(row: LatestRow): void {
    const entity = this.#entity(row.key);
    if (row.values.length === 0) {
      entity.lastBefore = Math.max(entity.lastBefore, row.event);
      return;
    }
    entity.latest = [...entity.latest, row].sort((a, b) => a.known - b.known || a.event - b.event).slice(-MAX_LATEST);
  }

  /** Folds the tiles of every window once; the answer holds for the whole tile of time. */
  #answer(entity: EntityState, now: number): NonNullable<EntityState['answers']> {
    const folded = foldedColumns(this.view);
    let last = entity.lastBefore;
    for (const [tile, state] of entity.tiles) if (tile < now && state.last > last) last = state.last;
    const values = this.view.features.map((feature): FeatureValue => {
      if (feature.aggregation === 'LATEST') return NOT_FOUND;
      const i = folded.indexOf(feature.column);
      let [rows, count, sum, low, high] = [0, 0, 0, Infinity, -Infinity];
      for (let tile = now - feature.window / this.view.tile; tile < now; tile++) {
        const state = entity.tiles.get(tile);
        if (!state) continue;
        rows += state.rows;
        if (i < 0) continue;
        count += state.counts[i] ?? 0;
        sum += state.sums[i] ?? 0;
        low = Math.min(low, state.lows[i] ?? Infinity);
        high = Math.max(high, state.highs[i] ?? -Infinity);
      }
      if (feature.aggregation === 'COUNT') return { value: BigInt(rows), status: 'PRESENT' };
      if (count === 0) return NOT_FOUND;
      const exact = this.#exact[i] === true;
      const total = exact ? sum : sum / FIXED_POINT;
      switch (feature.aggregation) {
        case 'MEAN':
          return { value: total / count, status: 'PRESENT' };
        case 'SUM':
          return { value: exact ? BigInt(sum) : total, status: 'PRESENT' };
        case 'MIN':
          return { value: exact ? BigInt(low) : low, status: 'PRESENT' };
        case 'MAX':
          return { value: exact ? BigInt(high) : high, status: 'PRESENT' };
      }
    });
    return { tile: now, values, last };
  }

  #readLatest({ latest }: EntityState, time: number, { column }: Feature): FeatureValue {
    let best: LatestRow | undefined;
    for (const row of latest) if (row.known <= time && (!best || row.event >= best.event)) best = row;
    if (!best) return NOT_FOUND;
    if (this.view.ttl > 0 && best.event < time - this.view.ttl) return EXPIRED;
    const value = best.values[latestColumns(this.view).indexOf(column)];
    return value === undefined ? NOT_FOUND : { value, status: 'PRESENT' };
  }
}

const NOT_FOUND: FeatureValue = { value: undefined, status: 'NOT_FOUND' };
const EXPIRED: FeatureValue = { value: undefined, status: 'EXPIRED' };

/** One text for the values of several join keys. */
export const keyText = (values: readonly string[]): string => (values.length === 1 ? (values[0] ?? '') : JSON.stringify(values));
