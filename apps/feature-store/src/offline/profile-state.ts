import type { Cell, Schema } from '@millrace/core';
import type { FeatureView } from '../feature-view.js';
import type { ViewDelta } from '../online/view-delta.js';
import { ViewState } from '../online/view-state.js';

/** What one feature holds over all entities at one time. */
export interface FeatureProfile {
  readonly feature: string;
  readonly present: number;
  readonly missing: number;
  readonly distinct: number;
  /** Of finite numbers; undefined where there is none. */
  readonly numbers: { readonly min: number; readonly max: number; readonly mean: number; readonly stddev: number } | undefined;
}

/** What the features of a view hold as of a microsecond, over the entities of a state: the very answers of the online side. */
export function profileState(view: FeatureView, { delta, schema, time }: { readonly delta: ViewDelta; readonly schema: Schema; readonly time: number }): readonly FeatureProfile[] {
  const state = new ViewState(view, schema);
  state.apply(delta);
  const tallies = view.features.map(() => new Tally());
  for (const [key] of state.entities()) for (const [i, { value }] of state.read(key, time, view.features).entries()) tallies[i]?.add(value);
  return view.features.map(({ name }, i) => (tallies[i] ?? new Tally()).profile(name));
}

/** Counts values as they come; mean and deviation by Welford (1962). */
class Tally {
  readonly #different = new Set<unknown>();
  #present = 0;
  #missing = 0;
  #numbers = 0;
  #mean = 0;
  #squares = 0;
  #min = Infinity;
  #max = -Infinity;

  add(value: Cell): void {
    if (value === undefined) {
      this.#missing++;
      return;
    }
    this.#present++;
    this.#different.add(value instanceof Date ? value.getTime() : value);
    const number = typeof value === 'bigint' ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isFinite(number)) return;
    this.#numbers++;
    const before = this.#mean;
    this.#mean += (number - before) / this.#numbers;
    this.#squares += (number - before) * (number - this.#mean);
    this.#min = Math.min(this.#min, number);
    this.#max = Math.max(this.#max, number);
  }

  profile(feature: string): FeatureProfile {
    const numbers = this.#numbers === 0 ? undefined : { min: this.#min, max: this.#max, mean: this.#mean, stddev: Math.sqrt(this.#squares / Math.max(this.#numbers - 1, 1)) };
    return { feature, present: this.#present, missing: this.#missing, distinct: this.#different.size, numbers };
  }
}
