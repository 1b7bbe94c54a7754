import { describe, expect, it } from 'vitest';
import { costOf, decisionsOf, errorsOf, f1Of, falseAlarmOf, leastCostAt, placeByKey, placeNearest, placeOf, precisionOf, recallOf, rowsOf } from './decision.js';

/** Ten rows, four of them positive. */
const DECISIONS = decisionsOf(
  ([[0.1, 4, 6], [0.4, 4, 2], [0.6, 3, 1], [0.9, 1, 0]] as const).map(([threshold, truePositives, falsePositives]) => ({
    threshold,
    truePositives: BigInt(truePositives),
    falsePositives: BigInt(falsePositives),
    falseNegatives: BigInt(4 - truePositives),
    trueNegatives: BigInt(6 - falsePositives),
  })),
);
const at = (place: number) => DECISIONS[place] ?? expect.unreachable();

describe('decisions', () => {
  it('go from calling every row positive to calling none so', () => {
    expect(DECISIONS.map(({ threshold }) => threshold)).toEqual([0.1, 0.4, 0.6, 0.9, undefined]);
    expect(at(4)).toEqual({ threshold: undefined, truePositives: 0, falsePositives: 0, falseNegatives: 4, trueNegatives: 6 });
    expect(DECISIONS.map(rowsOf)).toEqual([10, 10, 10, 10, 10]);
    expect(decisionsOf([])).toEqual([]);
  });

  it('have the shares that their counts have, and none of nothing', () => {
    expect([precisionOf(at(2)), recallOf(at(2)), falseAlarmOf(at(2)), f1Of(at(2)), errorsOf(at(2))]).toEqual([0.75, 0.75, 1 / 6, 0.75, 2]);
    expect([precisionOf(at(4)), recallOf(at(4))]).toEqual([undefined, 0]);
  });

  it('cost what their errors cost, and one of them costs least', () => {
    expect(costOf(at(1), { falsePositive: 3, falseNegative: 5 })).toBe(6);
    expect(leastCostAt(DECISIONS, { falsePositive: 1, falseNegative: 10 })).toBe(1);
    expect(leastCostAt(DECISIONS, { falsePositive: 10, falseNegative: 1 })).toBe(3);
    expect(leastCostAt(DECISIONS, { falsePositive: 0, falseNegative: 1 })).toBe(1);
    // Where two cost the same, the higher threshold disturbs fewer.
    expect(leastCostAt(DECISIONS, { falsePositive: 1, falseNegative: 1 })).toBe(2);
    expect(leastCostAt(DECISIONS, { falsePositive: 1, falseNegative: 0 })).toBe(4);
  });

  it('are found by a threshold that need not be one of theirs', () => {
    expect([0, 0.4, 0.5, 0.95].map((threshold) => placeOf(DECISIONS, threshold))).toEqual([0, 1, 2, 4]);
  });

  it('are found by the probability that they are nearest to, none positive by 1', () => {
    expect([-1, 0.24, 0.26, 0.5, 0.51, 0.94, 0.96, 2].map((probability) => placeNearest(DECISIONS, probability))).toEqual([0, 0, 1, 2, 2, 3, 4, 4]);
  });

  it('are reached one by one by keys, however near each other they are, and by tens and at the ends', () => {
    const keys = (place: number) => ['ArrowRight', 'ArrowUp', 'ArrowLeft', 'ArrowDown', 'PageUp', 'PageDown', 'Home', 'End', 'a'].map((key) => placeByKey(key, place, 30));
    expect(keys(12)).toEqual([13, 13, 11, 11, 22, 2, 0, 29, undefined]);
    expect(keys(0).slice(2, 6)).toEqual([0, 0, 10, 0]);
    expect(keys(29).slice(0, 2)).toEqual([29, 29]);
  });
});
