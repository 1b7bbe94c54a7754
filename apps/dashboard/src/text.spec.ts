import { expect, it } from 'vitest';
import { age, figure, fixed, mainMetricOf, percent, plural, rough, shareOf, span, toldText } from './text.js';

it('says figures in as many digits as a person reads', () => {
  expect([0, 7, 1_234_567, 0.123456, 12.3456, 12_345.6, 0.00001234, -3.5].map((value) => figure(value))).toEqual(['0', '7', '1,234,567', '0.1235', '12.35', '12,346', '1.23e-5', '−3.5']);
  expect([figure(undefined), figure(Number.NaN), fixed(undefined), fixed(0.7), fixed(0.70004)]).toEqual(['–', '–', '–', '0.7000', '0.7000']);
  expect([rough(999_999n), rough(1_234_567n), rough(47_000_000n)]).toEqual(['999,999', '1.23 M', '47 M']);
});

it('says shares of nothing as none, and tiny ones not as none', () => {
  expect([shareOf(0n, 0n), shareOf(1n, 9_585n), percent(0.1918), percent(1)]).toEqual(['0.0 %', '0.010 %', '19.2 %', '100.0 %']);
  expect([plural(1, 'alert'), plural(2n, 'alert'), plural(0, 'window')]).toEqual(['1 alert', '2 alerts', '0 windows']);
});

it('says how long something took, and how long ago it was, in one unit', () => {
  expect([0.04, 5.94, 42, 90, 3_599, 7_200, 86_400, 604_800].map(span)).toEqual(['0.0 s', '5.9 s', '42 s', '1 min', '59 min', '2 h', '1 day', '7 days']);
  const now = new Date('2026-01-02T00:00:00Z');
  expect([undefined, now, new Date('2026-01-01T23:59:00Z'), new Date('2026-01-03T00:00:00Z')].map((time) => age(time, now))).toEqual(['', 'just now', '1 min ago', 'just now']);
});

it('takes for the main metric the first of those that say most, where a model has one', () => {
  expect([mainMetricOf({ ece: 0.1, log_loss: 0.5, auc: 0.7 }), mainMetricOf({ brier: 0 }), mainMetricOf({ rows: 3 }), mainMetricOf({})]).toEqual(['auc', 'brier', undefined, undefined]);
});

it('shows blanks at the ends of a text of the data, and that one is empty', () => {
  expect(['WEB', 'WEB ', '  4', ' ', '\tA\n', 'New York', ''].map(toldText)).toEqual(['WEB', '“WEB\u00a0”', '“\u00a0\u00a04”', '“\u00a0”', '“⇥A↵”', 'New York', '(empty)']);
});
