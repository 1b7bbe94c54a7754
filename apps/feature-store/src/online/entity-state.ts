import { addWhole, type Whole } from './exact-sum.js';
import { between, RunningTotals } from './running-totals.js';
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
  /** Newest event; -Infinity without rows. */
  readonly last: number;
  readonly counts: readonly number[];
  readonly sums: readonly Whole[];
  /** Empty where nobody asked for extremes. */
  readonly lows: readonly Whole[];
  readonly highs: readonly Whole[];
}

/** What is held of one key: its newest tiles, its newest rows, and that there was something before. */
export class EntityState {
  readonly #tiles = new Map<number, Tile>();
  readonly #running = new RunningTotals(this.#tiles);
  /** By knowledge; events never go back, so the last that was known at a time is the newest. */
  #latest: LatestRow[] = [];
  #before = -Infinity;
  #lastBefore = -Infinity;

  addTile({ tile, rows, last, counts, sums, lows, highs }: TileDelta, keep: number): void {
    const state = this.#tiles.get(tile);
    this.#running.touch(tile);
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
    return Math.max(this.#lastBefore, this.#running.before(now).last);
  }

  /** The tiles before `now`, added up for each number of them; undefined where some of them are no longer held. */
  totals(now: number, lengths: readonly number[], { columns, extremes }: { readonly columns: number; readonly extremes: boolean }): readonly (Total | undefined)[] {
    const end = this.#running.before(now);
    return lengths.map((length) => {
      const from = now - length;
      if (from < this.#before) return undefined;
      const { rows, counts, sums } = between(this.#running.before(from), end);
      return { rows, last: this.#running.newest(from, now), counts, sums, ...(extremes ? this.#extremes(from, now, columns) : NO_EXTREMES) };
    });
  }

  /** Extremes cannot be subtracted: they are looked up tile by tile. */
  #extremes(from: number, to: number, columns: number): Pick<Total, 'lows' | 'highs'> {
    const found = { lows: fill<Whole>(columns, Infinity), highs: fill<Whole>(columns, -Infinity) };
    for (let tile = from; tile < to; tile++) {
      const state = this.#tiles.get(tile);
      if (state) stretch(found, state);
    }
    return found;
  }

  /** The newest row that was known at a time. */
  latestAt(time: number): LatestRow | undefined {
    return this.#latest.findLast(({ known }) => known <= time);
  }

  /** The newest rows that were known at a time, at most so many, newest last; undefined where some of them may no longer be held. */
  newestAt(time: number, most: number): readonly LatestRow[] | undefined {
    const end = this.#latest.findLastIndex(({ known }) => known <= time) + 1;
    if (end < most && this.#latest.length >= MAX_LATEST) return undefined;
    return this.#latest.slice(Math.max(0, end - most), end);
  }

  /** The newest microsecond that anything held of the key tells of, with tiles of so many microseconds; -Infinity when nothing is held. */
  newest(tile: number): number {
    let newest = this.#lastBefore;
    for (const [number, { last }] of this.#tiles) newest = Math.max(newest, last, (number + 1) * tile);
    for (const { known, event } of this.#latest) newest = Math.max(newest, known, event);
    return newest;
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
    this.#running.drop(before);
  }
}

const NO_EXTREMES: Pick<Total, 'lows' | 'highs'> = { lows: [], highs: [] };

const fill = <T>(length: number, value: T): T[] => new Array<T>(length).fill(value);

type Columns = Pick<Tile, 'counts' | 'sums' | 'lows' | 'highs'>;
type Read<T> = { readonly [Name in keyof T]: Readonly<T[Name]> };

function addUp(to: Columns, from: Read<Columns>): void {
  for (let i = 0; i < from.counts.length; i++) {
    to.counts[i] = (to.counts[i] ?? 0) + (from.counts[i] ?? 0);
    to.sums[i] = addWhole(to.sums[i] ?? 0, from.sums[i] ?? 0);
  }
  stretch(to, from);
}

/** Where there is nothing to fold the extremes stand at their infinities, and move nothing. */
function stretch(to: Pick<Columns, 'lows' | 'highs'>, { lows, highs }: Read<Pick<Columns, 'lows' | 'highs'>>): void {
  for (let i = 0; i < lows.length; i++) {
    const [low, high] = [lows[i] ?? Infinity, highs[i] ?? -Infinity];
    if (low < (to.lows[i] ?? Infinity)) to.lows[i] = low;
    if (high > (to.highs[i] ?? -Infinity)) to.highs[i] = high;
  }
}
