import type { Cell, Schema } from '@millrace/core';
import { type Feature, type FeatureView, foldedColumns, isNewest, latestColumns, LOOK_BACK_ROWS, sourceType, windowLengths } from '../feature-view.js';
import { FIXED_POINT, isExact } from '../offline/view-sql.js';
import type { EntityState, Total } from './entity-state.js';
import { toDouble, toInt64, type Whole } from './exact-sum.js';
import { lookBack, type Seen } from './look-back.js';
import type { LatestRow, LatestValue } from './view-delta.js';

/** What a value is worth. */
export type FeatureStatus = 'PRESENT' | 'NOT_FOUND' | 'EXPIRED';

/** A feature as it is answered. */
export interface FeatureValue {
  readonly value: Cell;
  readonly status: FeatureStatus;
  /** Microsecond of the newest row that the value was made of; of an empty window, and of what has expired, that of the newest row of the key. Undefined where nothing was found. */
  readonly eventTime: number | undefined;
}

/** Answers of one key for a tile of time: nothing changes within it. */
export interface Answers {
  /** Who made them: another definition of the view has other features. */
  readonly by: ViewAnswers;
  readonly tile: number;
  /** Newest event; undefined where nothing can be said any more. */
  readonly last: number | undefined;
  readonly values: readonly FeatureValue[];
}

/** One key's state, with the answers that were last made of it. */
export interface HeldEntity {
  readonly state: EntityState;
  answers: Answers | undefined;
}

/** Makes answers of the state of a key, wherever that is held: the one place that knows what a window, a time to live and an aggregate mean online. */
export class ViewAnswers {
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
    this.#lengths = windowLengths(view);
    this.#extremes = view.features.some(({ aggregation }) => aggregation === 'MIN' || aggregation === 'MAX');
    this.#columns = foldedColumns(view).map((name) => ({ name, exact: isExact(view, name, schema) }));
    this.#latest = latestColumns(view).map((name) => ({ name, time: sourceType(schema, name) === 'TIMESTAMP' && !view.derived.some((derived) => derived.name === name) }));
    this.#places = new Map(view.features.map(({ name }, place) => [name, place]));
  }

  /** The features of one key as of a time in microseconds, in the order asked for. What is older than what is held is NOT_FOUND. */
  read(entity: HeldEntity | undefined, time: number, features: readonly Feature[]): readonly FeatureValue[] {
    if (!entity) return features.map(() => NOT_FOUND);
    const tile = Math.floor(time / this.view.tile);
    if (entity.answers?.tile !== tile || entity.answers.by !== this) entity.answers = this.#answer(entity.state, tile);
    const { values, last } = entity.answers;
    return features.map((feature) => {
      if (isNewest(feature.aggregation)) return this.#readNewest(entity.state, time, feature);
      if (last === undefined || last === -Infinity) return NOT_FOUND;
      if (this.#expired(last, time)) return expired(last);
      return values[this.#places.get(feature.name) ?? -1] ?? NOT_FOUND;
    });
  }

  #expired(event: number, time: number): boolean {
    return this.view.ttl > 0 && event < time - this.view.ttl;
  }

  /** All windows at once: most keys are asked for all of their features. */
  #answer(entity: EntityState, now: number): Answers {
    const totals = entity.totals(now, this.#lengths, { columns: this.#columns.length, extremes: this.#extremes });
    const last = entity.newestBefore(now);
    const values = this.view.features.map((feature): FeatureValue => {
      const total = isNewest(feature.aggregation) ? undefined : totals[this.#lengths.indexOf(feature.window / this.view.tile)];
      return total ? found(this.#valueOf(feature, total), total.rows > 0 ? total.last : last) : NOT_FOUND;
    });
    return { by: this, tile: now, values, last };
  }

  #valueOf({ aggregation, column }: Feature, { rows, counts, sums, lows, highs }: Total): Cell {
    if (aggregation === 'COUNT') return BigInt(rows);
    const i = this.#columns.findIndex(({ name }) => name === column);
    const count = counts[i] ?? 0;
    if (count === 0) return undefined;
    const exact = this.#columns[i]?.exact === true;
    const sum = sums[i] ?? 0;
    const number = (value: Whole): Cell => (exact ? toInt64(value) : Number(value));
    switch (aggregation) {
      case 'SUM':
        return exact ? toInt64(sum) : toDouble(sum) / FIXED_POINT;
      case 'MEAN':
        return (exact ? toDouble(sum) : toDouble(sum) / FIXED_POINT) / count;
      case 'MIN':
        return number(lows[i] ?? Infinity);
      case 'MAX':
        return number(highs[i] ?? -Infinity);
      case 'LATEST':
      case 'LATEST_PRESENT':
      case 'PREVIOUS':
      case 'DIFFERENCE':
        return undefined;
    }
  }

  #readNewest(entity: EntityState, time: number, feature: Feature): FeatureValue {
    const place = this.#latest.findIndex(({ name }) => name === feature.column);
    const seen = feature.aggregation === 'LATEST' ? latestOf(entity.latestAt(time), place) : lookBack(feature, entity.newestAt(time, LOOK_BACK_ROWS) ?? [], place);
    if (!seen) return NOT_FOUND;
    if (this.#expired(seen.event, time)) return expired(seen.event);
    return found(toCell(seen.value, this.#latest[place]?.time === true), seen.event);
  }
}

const latestOf = (row: LatestRow | undefined, place: number): Seen | undefined => row && { value: row.values[place], event: row.event };

/** There is no value. */
export const NOT_FOUND: FeatureValue = { value: undefined, status: 'NOT_FOUND', eventTime: undefined };

const expired = (eventTime: number): FeatureValue => ({ value: undefined, status: 'EXPIRED', eventTime });
const found = (value: Cell, eventTime: number | undefined): FeatureValue => (value === undefined ? NOT_FOUND : { value, status: 'PRESENT', eventTime });

/** A kept value as a cell; JSON makes null of a missing one within a list. */
function toCell(value: LatestValue | null, time: boolean): Cell {
  if (value === null || !time) return value ?? undefined;
  return value === undefined ? undefined : new Date(Math.floor(Number(value) / 1000));
}
