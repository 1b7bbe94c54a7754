import { addWhole, type Whole } from './exact-sum.js';

/** What is counted of one tile, and what was counted up to a tile. */
export interface Counted {
  readonly rows: number;
  /** Newest event. */
  readonly last: number;
  readonly counts: readonly number[];
  readonly sums: readonly Whole[];
}

const NOTHING: Counted = { rows: 0, last: -Infinity, counts: [], sums: [] };

/** Totals over the tiles of one key from its first one on, in the order of time. Rows come to the newest tiles, so almost nothing is ever added up again. */
export class RunningTotals {
  /** Tiles that are held, ascending. */
  readonly #order: number[] = [];
  /** Totals through each of them, as far as they are still right. */
  readonly #through: Counted[] = [];

  constructor(private readonly tiles: ReadonlyMap<number, Counted>) {}

  /** A tile has come, or has changed. */
  touch(tile: number): void {
    const at = this.#before(tile);
    if (this.#order[at] !== tile) this.#order.splice(at, 0, tile);
    if (this.#through.length > at) this.#through.length = at;
  }

  /** Tiles before this one are no longer held. */
  drop(before: number): void {
    this.#order.splice(0, this.#before(before));
    this.#through.length = 0;
  }

  /** The total of all tiles before one. */
  before(tile: number): Counted {
    const end = this.#before(tile);
    for (let at = this.#through.length; at < end; at++) {
      const next = this.tiles.get(this.#order[at] ?? 0);
      const sum = this.#through[at - 1] ?? NOTHING;
      this.#through.push(next ? add(sum, next) : sum);
    }
    return this.#through[end - 1] ?? NOTHING;
  }

  /** The newest event of the tiles from one on and before another; -Infinity when there is none. */
  newest(from: number, to: number): number {
    const [start, end] = [this.before(from), this.before(to)];
    if (end.last > start.last) return end.last;
    // Rows that came late are older than what was known before them: only then is there anything to look through.
    let newest = -Infinity;
    for (let at = this.#before(from); at < this.#before(to); at++) newest = Math.max(newest, this.tiles.get(this.#order[at] ?? 0)?.last ?? -Infinity);
    return newest;
  }

  /** How many tiles stand before one. */
  #before(tile: number): number {
    const order = this.#order;
    let [low, high] = [0, order.length];
    // The newest tiles are asked for first of all.
    if ((order[high - 1] ?? -Infinity) < tile) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((order[middle] ?? 0) < tile) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const add = (a: Counted, b: Counted): Counted => ({
  rows: a.rows + b.rows,
  last: Math.max(a.last, b.last),
  counts: b.counts.map((count, i) => (a.counts[i] ?? 0) + count),
  sums: b.sums.map((sum, i) => addWhole(a.sums[i] ?? 0, sum)),
});

/** What was counted after `start` and through `end`; exact, because all summands are whole numbers. */
export const between = (start: Counted, end: Counted): Pick<Counted, 'rows' | 'counts' | 'sums'> => ({
  rows: end.rows - start.rows,
  counts: end.counts.map((count, i) => count - (start.counts[i] ?? 0)),
  sums: end.sums.map((sum, i) => addWhole(sum, minus(start.sums[i] ?? 0))),
});

const minus = (value: Whole): Whole => (value === 0 ? 0 : -value);
