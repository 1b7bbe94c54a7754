import { expect, it } from 'vitest';
import { add, count, latencyAt, NO_TRAFFIC, windowOf } from './traffic.js';

const answered = (ms: number, predictions = 1) => ({ predictions, refused: 0, flags: {}, ms });

it('counts answers, refused rows, what the guard saw, and errors by reason', () => {
  const traffic = [answered(1, 5), { predictions: 1, refused: 2, flags: { MISSING: 2, UNSEEN_CATEGORY: 1 }, ms: 3 }, { predictions: 1, refused: 0, flags: { MISSING: 1 }, ms: 3 }, { error: 'NO_ROWS' }, { error: 'NO_ROWS' }].reduce(count, NO_TRAFFIC);
  expect(traffic).toMatchObject({ requests: 5, predictions: 7, refused: 2, flags: { MISSING: 3, UNSEEN_CATEGORY: 1 }, errors: { NO_ROWS: 2 } });
});

it('tells latencies within a tenth, of one instance and of several', () => {
  const first = Array.from({ length: 980 }, (_, i) => answered(1 + i / 980)).reduce(count, NO_TRAFFIC);
  const second = Array.from({ length: 20 }, () => answered(250)).reduce(count, NO_TRAFFIC);
  const both = add(first, second);
  for (const [share, ms] of [[0.5, 1.51], [0.95, 1.97], [0.99, 250]] as const) expect(Math.abs(latencyAt(both, share) / ms - 1), `${share}`).toBeLessThan(0.1);
  expect(latencyAt(NO_TRAFFIC, 0.5)).toBe(0);
  expect(latencyAt([answered(0)].reduce(count, NO_TRAFFIC), 0.5)).toBeLessThan(0.01);
});

it('cuts time into windows of ten seconds', () => {
  expect(windowOf(Date.parse('2001-01-01T00:00:19.999Z'))).toBe(Date.parse('2001-01-01T00:00:10Z'));
});
