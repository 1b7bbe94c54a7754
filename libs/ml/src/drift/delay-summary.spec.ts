import { seededRandom } from '@millrace/core';
import { expect, it } from 'vitest';
import { addDelay, copyDelays, delayQuantile, emptyDelays } from './delay-summary.js';

it('tells quantiles within one per cent of the exact ones, in whatever order delays come', () => {
  const random = seededRandom(7);
  const delays = Array.from({ length: 5_000 }, () => 10 ** (random() * 8 - 2));
  const [there, back] = [emptyDelays(), emptyDelays()];
  for (const delay of delays) addDelay(there, delay);
  for (const delay of delays.toReversed()) addDelay(back, delay);
  expect(back).toEqual(there);
  const sorted = delays.toSorted((a, b) => a - b);
  for (const share of [0.01, 0.5, 0.9, 0.999, 1]) {
    const exact = sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
    expect(Math.abs(delayQuantile(there, share) / exact - 1), `at ${share}`).toBeLessThanOrEqual(0.01);
  }
  expect(there.max).toBe(sorted.at(-1));
});

it('counts what was known before its event as known at once, and says nothing of nothing', () => {
  expect(delayQuantile(emptyDelays(), 0.5)).toBeNaN();
  const delays = emptyDelays();
  for (const seconds of [-5, 0, 60]) addDelay(delays, seconds);
  expect([delayQuantile(delays, 0.5), Math.round(delayQuantile(delays, 1)), delays.max]).toEqual([0, 60, 60]);
});

it('is not changed by what is added to its copy', () => {
  const delays = emptyDelays();
  addDelay(copyDelays(delays), 3);
  expect(delays).toEqual(emptyDelays());
});
