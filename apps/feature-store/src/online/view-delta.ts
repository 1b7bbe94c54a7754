import type { Whole } from './exact-sum.js';

/** What one key's rows of one tile add up to. By folded column: count, exact sum, smallest, largest. */
export interface TileDelta {
  readonly key: string;
  readonly tile: number;
  readonly rows: number;
  /** Newest event, in microseconds. */
  readonly last: number;
  readonly counts: readonly number[];
  readonly sums: readonly Whole[];
  readonly lows: readonly Whole[];
  readonly highs: readonly Whole[];
}

/** A cell of a LATEST column; times are microseconds. */
export type LatestValue = bigint | number | string | undefined;

/** A row that may be the newest of its key, for LATEST features. */
export interface LatestRow {
  readonly key: string;
  readonly known: number;
  readonly event: number;
  readonly values: readonly LatestValue[];
}

/** That a key had rows before a tile which are no longer held: only their newest event is known. */
export interface OlderRows {
  readonly key: string;
  readonly before: number;
  readonly last: number;
}

/** One change of a view's online state; what canonicalJson can say and give back. */
export interface ViewDelta {
  readonly tiles: readonly TileDelta[];
  readonly latest: readonly LatestRow[];
  readonly older: readonly OlderRows[];
}

/** Tiles held beyond the longest window, so that questions about the recent past are answered too. */
export const SPARE_TILES = 48;

/** Newest rows held of a key, for questions about the recent past. */
export const MAX_LATEST = 64;

/** One text for the values of several join keys. */
export const keyText = (values: readonly string[]): string => (values.length === 1 ? (values[0] ?? '') : JSON.stringify(values));
