import { addWhole, type Whole } from './exact-sum.js';
import { type LatestRow, MAX_LATEST, type OlderRows, type TileDelta } from './view-delta.js';

/** Tiles are let go in batches. */
const TRIM_EVERY = 64;

interface Tile {
  rows: number;
  last: number;
  counts: number[];
  sums: Whole[];
  lows: Whole[];
  highs: Whole[];
}

/** Rows that stand between two tiles, added up. */
export interface Total {
  readonly rows: number;
  readonly counts: readonly number[];
  readonly sums: readonly Whole[];
  readonly lows: readonly Whole[];
  readonly highs: readonly Whole[];
}

/** What is held of one key: its newest tiles, its newest rows, and that there was something before. */
export class EntityState {
  readonly #tiles = new Map<number, Tile>();
  /** By knowledge; events never go back, so the last that was known at a time is the newest. */
  #latest: LatestRow[] = [];
  #before = -Infinity;
  #lastBefore = -Infinity;

  addTile({ tile, rows, last, counts, sums, lows, highs }: TileDelta, keep: number): void {
    const state = this.#tiles.get(tile);
    if (!state) {
      this.#tiles.set(tile, { rows, last, counts: [...counts], sums: [...sums], lows: [...lows], highs: [...highs] });
      if (this.#tiles.size > keep + TRIM_EVERY) this.#trim(keep);
      return;
    }
    state.rows += rows;
    state.last = Math.max(state.last, last);
    addUp(state, { counts, sums, lows, highs });
  }

  addOlder({ before, last }: OlderRows): void {
    this.#before = Math.max(this.#before, before);
    this.#lastBefore = Math.max(this.#lastBefore, last);
  }

  addLatest(row: LatestRow): void {
    const rows = this.#latest;
    let at = rows.length;
    while (at > 0 && (rows[at - 1]?.known ?? -Infinity) > row.known) at--;
    // A newer event was known already: this row is the latest at no time.
    if ((rows[at - 1]?.event ?? -Infinity) > row.event) return;
    let start = at;
    while (start > 0 && rows[start - 1]?.known === row.known) start--;
    let end = at;
    while (end < rows.length && (rows[end]?.event ?? Infinity) < row.event) end++;
    rows.splice(start, end - start, row);
    if (rows.length > MAX_LATEST) this.#latest = rows.slice(-MAX_LATEST);
  }

  /** The newest event of the rows known before a tile; -Infinity when there is none, undefined when that can no longer be said. */
  newestBefore(now: number): number | undefined {
    if (now < this.#before) return undefined;
    let last = this.#lastBefore;
    for (const [tile, state] of this.#tiles) if (tile < now && state.last > last) last = state.last;
    return last;
  }

  /** The tiles before `now`, added up for each number of them, which ascend; undefined where some of them are no longer held. */
  totals(now: number, lengths: readonly number[], columns: number): readonly (Total | undefined)[] {
    const sum = { rows: 0, counts: fill(columns, 0), sums: fill<Whole>(columns, 0), lows: fill<Whole>(columns, Infinity), highs: fill<Whole>(columns, -Infinity) };
    const totals: (Total | undefined)[] = [];
    let tile = now;
    for (const length of lengths) {
      const from = now - length;
      if (from < this.#before) {
        totals.push(undefined);
        continue;
      }
      while (tile > from) {
        const state = this.#tiles.get(--tile);
        if (state === undefined) continue;
        sum.rows += state.rows;
        addUp(sum, state);
      }
      totals.push({ rows: sum.rows, counts: [...sum.counts], sums: [...sum.sums], lows: [...sum.lows], highs: [...sum.highs] });
    }
    return totals;
  }

  /** The newest row that was known at a time. */
  latestAt(time: number): LatestRow | undefined {
    return this.#latest.findLast(({ known }) => known <= time);
  }

  tileDeltas(key: string): readonly TileDelta[] {
    return [...this.#tiles].map(([tile, state]) => ({ key, tile, ...state }));
  }

  latestRows(): readonly LatestRow[] {
    return this.#latest;
  }

  olderRows(key: string): readonly OlderRows[] {
    return this.#before > -Infinity ? [{ key, before: this.#before, last: this.#lastBefore }] : [];
  }

  /** Lets the oldest tiles go. They are counted, not measured from the newest: one row from a far future must not push out all others. */
  #trim(keep: number): void {
    const order = [...this.#tiles.keys()].sort((a, b) => a - b);
    const before = order[order.length - keep] ?? -Infinity;
    for (const [tile, { last }] of this.#tiles) {
      if (tile >= before) continue;
      this.addOlder({ key: '', before, last });
      this.#tiles.delete(tile);
    }
  }
}

const fill = <T>(length: number, value: T): T[] => new Array<T>(length).fill(value);

type Columns = Pick<Tile, 'counts' | 'sums' | 'lows' | 'highs'>;

function addUp(to: Columns, { counts, sums, lows, highs }: { readonly [Name in keyof Columns]: Readonly<Columns[Name]> }): void {
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i] ?? 0;
    // Nothing to fold: the extremes stand at their infinities.
    if (count === 0) continue;
    to.counts[i] = (to.counts[i] ?? 0) + count;
    to.sums[i] = addWhole(to.sums[i] ?? 0, sums[i] ?? 0);
    const low = lows[i] ?? Infinity;
    if (low < (to.lows[i] ?? Infinity)) to.lows[i] = low;
    const high = highs[i] ?? -Infinity;
    if (high > (to.highs[i] ?? -Infinity)) to.highs[i] = high;
  }
}
