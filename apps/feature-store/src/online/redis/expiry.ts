import type { FeatureView } from '../../feature-view.js';
import { RETAIN_MICROS } from '../online.js';
import type { ViewDelta } from '../view-delta.js';
import { tilesHeld } from '../view-state.js';

/**
 * The millisecond at which a key's value may go: the newest microsecond that it tells of, the time to live, and room for questions about the recent past and for the windows of those.
 * Until then every answer is that of a state that is kept for ever. Infinity without a time to live, and for a history that lies so far back that the clock on the wall says nothing about it.
 */
export function expiryOf(view: FeatureView, newest: number, now: number): number {
  if (view.ttl === 0) return Infinity;
  const expires = Math.ceil((newest + view.ttl + RETAIN_MICROS + tilesHeld(view) * view.tile) / 1000);
  return expires > now && expires < LAST_DAY ? expires : Infinity;
}

/** The newest microsecond that a change tells of, with tiles of so many microseconds. */
export function newestOf({ tiles, latest }: ViewDelta, tile: number): number {
  let newest = -Infinity;
  for (const { tile: number, last } of tiles) newest = Math.max(newest, last, (number + 1) * tile);
  for (const { known, event } of latest) newest = Math.max(newest, known, event);
  return newest;
}

/** Whether a question is so old that values may have expired which it would have seen: then nothing is said, rather than something wrong. */
export const isBeyondExpiry = (expires: number, time: number, now: number): boolean => now >= expires && time < now * 1000 - RETAIN_MICROS;

/** Redis takes no later time than some millions of years from now; Date takes none beyond this. */
const LAST_DAY = 8.64e15;
