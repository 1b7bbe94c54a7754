import { EndpointTraffic } from '@millrace/contracts/millrace/inference/v1/traffic';
import { expect, it } from 'vitest';
import { BARS, barsOf, namesOf } from './traffic.js';

const NOW = Date.UTC(2001, 0, 1, 12, 0, 4);
const SPAN = BARS * 10_000;
const window = (secondsAgo: number, versions: readonly object[]): EndpointTraffic => {
  const start = Math.floor((NOW - secondsAgo * 1_000) / 10_000) * 10_000;
  return EndpointTraffic.fromJSON({ endpoint: 'endpoints/late', startTime: new Date(start).toISOString(), versions });
};
const version = (number: number, rest: object) => ({ modelVersion: `models/late/versions/${number}`, requests: '3', predictions: '4', latencyP50Ms: 1, latencyP95Ms: 2, latencyP99Ms: 3, ...rest });

it('has a bar for every part of a span, those without traffic among them, and leaves out what is older', () => {
  const bars = barsOf([window(0, [version(1, {})]), window(100, [version(1, {})]), window(901, [version(1, {})])], { spanMs: SPAN, nowMs: NOW });
  expect(bars.length).toBe(BARS);
  expect(bars.flatMap(({ requests }, i) => (Object.keys(requests).length > 0 ? [i] : []))).toEqual([79, 89]);
  expect(bars.at(-1)?.startMs).toBe(Date.UTC(2001, 0, 1, 12, 0, 0));
  expect(bars[0]).toMatchObject({ requests: {}, predictions: 0, p50: undefined });
});

it('adds up what versions and windows have counted, and takes the highest of their latencies', () => {
  const bars = barsOf([window(0, [version(1, { errors: { NO_ROWS: '1' }, refused: '2', flags: { MISSING: '5' } }), version(2, { latencyP99Ms: 40 })]), window(-15, [version(1, { errors: { NO_ROWS: '1', KEY_MISSING: '3' }, flags: { MISSING: '2' } })])], { spanMs: BARS * 120_000, nowMs: NOW + 60_000 });
  const [bar] = bars.slice(-1);
  expect(bar).toMatchObject({ requests: { 'models/late/versions/1': 6, 'models/late/versions/2': 3 }, errors: { NO_ROWS: 2, KEY_MISSING: 3 }, refused: 2, flags: { MISSING: 7 }, predictions: 12, p50: 1, p99: 40 });
  expect(namesOf(bars, ({ errors }) => errors)).toEqual(['KEY_MISSING', 'NO_ROWS']);
});

it('says nothing of the latency of what failed', () => {
  const bars = barsOf([window(0, [version(1, { latencyP50Ms: 0, latencyP95Ms: 0, latencyP99Ms: 0, errors: { NO_ROWS: '3' } })])], { spanMs: SPAN, nowMs: NOW });
  expect(bars.at(-1)).toMatchObject({ p50: undefined, errors: { NO_ROWS: 3 } });
});
