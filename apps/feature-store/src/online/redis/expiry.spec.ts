import { expect, it } from 'vitest';
import { DAY, HOUR, MINUTE, viewOf } from '../online-view.fixture.js';
import { expiryOf, isBeyondExpiry, newestOf } from './expiry.js';

const NOW = Date.UTC(2026, 0, 1);
const now = NOW * 1000;

/** The newest microsecond of a key whose only row was known when it happened. */
const newestAt = (time: number): number => newestOf({ tiles: [{ key: '', tile: Math.floor(time / MINUTE), rows: 1, last: time, counts: [], sums: [], lows: [], highs: [] }], latest: [], older: [] }, MINUTE);

it('lets a value go when neither its time to live nor any window of the last 31 days can reach it', () => {
  const view = viewOf({ ttl: 12 * HOUR });
  // One tile for the tile under way, 10 for the window and 48 to spare.
  expect(expiryOf(view, newestAt(now), NOW)).toBe((now + MINUTE + 12 * HOUR + 31 * DAY + 58 * MINUTE) / 1000);
});

it('never lets a value go without a time to live, or of a history that lies so far back that the clock on the wall says nothing about it', () => {
  expect(expiryOf(viewOf(), newestAt(now), NOW)).toBe(Infinity);
  expect(expiryOf(viewOf({ ttl: HOUR }), newestAt(Date.UTC(2001, 0, 1) * 1000), NOW)).toBe(Infinity);
  expect(expiryOf(viewOf({ ttl: HOUR }), newestAt(2 ** 63), NOW)).toBe(Infinity);
});

it('says nothing about a past in which values may have been that have expired since', () => {
  expect(isBeyondExpiry(NOW - 1, now - 32 * DAY, NOW)).toBe(true);
  expect(isBeyondExpiry(NOW - 1, now - 30 * DAY, NOW)).toBe(false);
  expect(isBeyondExpiry(NOW + 1, now - 32 * DAY, NOW)).toBe(false);
  expect(isBeyondExpiry(Infinity, 0, NOW)).toBe(false);
});
