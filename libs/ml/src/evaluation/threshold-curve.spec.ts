import { readFileSync } from 'node:fs';
import { seededRandom } from '@millrace/core';
import { describe, expect, it } from 'vitest';
import { wilson } from './slices.js';
import { type ThresholdCounts, thresholdCurve } from './threshold-curve.js';

/** What scikit-learn and scipy say of the same scores; tools/goldens/drift.py makes it. Counts are threshold, then true and false positives, false and true negatives. */
const { samples, wilson: shares } = JSON.parse(readFileSync(new URL('./goldens.json', import.meta.url), 'utf8')) as {
  readonly samples: readonly { readonly target: readonly number[]; readonly scores: readonly number[]; readonly averagePrecision: number; readonly counts: readonly (readonly number[])[]; readonly roc: readonly (readonly number[])[] }[];
  readonly wilson: readonly { readonly ones: number; readonly rows: number; readonly low: number; readonly high: number }[];
};

const plain = ({ threshold, truePositives, falsePositives, falseNegatives, trueNegatives }: ThresholdCounts) => [threshold, truePositives, falsePositives, falseNegatives, trueNegatives];
const rates = ({ truePositives, falsePositives, falseNegatives, trueNegatives }: ThresholdCounts) => [falsePositives / (falsePositives + trueNegatives), truePositives / (truePositives + falseNegatives)];

describe.each(samples.map((sample, i) => ({ ...sample, title: `sample ${i + 1}` })))('$title', ({ target, scores, averagePrecision, counts, roc }) => {
  const curve = thresholdCurve(Uint8Array.from(target), Float64Array.from(scores));

  it('average precision is what scikit-learn says', () => expect(curve.averagePrecision).toBeCloseTo(averagePrecision, 12));

  it('counts at every threshold that it keeps what scikit-learn counts there', () => {
    const golden = new Map(counts.map((each) => [each[0], each]));
    expect(curve.thresholds.map(plain)).toEqual(curve.thresholds.map(({ threshold }) => golden.get(threshold)));
    expect(curve.thresholds.length).toBeGreaterThan(1);
  });

  it('lies on the ROC curve of scikit-learn', () => {
    const golden = new Map(roc.map(([threshold, ...point]) => [threshold, point]));
    for (const each of curve.thresholds) rates(each).forEach((rate, axis) => expect(rate).toBeCloseTo(golden.get(each.threshold)?.[axis] ?? Number.NaN, 12));
  });

  it('begins where every row is positive, and ends at the highest score', () => {
    expect(curve.thresholds[0]).toMatchObject({ threshold: Math.min(...scores), falseNegatives: 0, trueNegatives: 0 });
    expect(curve.thresholds.at(-1)?.threshold).toBe(Math.max(...scores));
  });
});

it('keeps at most 201 of many different scores, and no step of a rate that is larger than a hundredth and a row', () => {
  const random = seededRandom(5);
  const scores = Float64Array.from({ length: 20_000 }, () => random());
  const target = Uint8Array.from(scores, (score) => (random() < score ** 2 ? 1 : 0));
  const { thresholds } = thresholdCurve(target, scores);
  expect(thresholds.length).toBeLessThanOrEqual(201);
  expect(thresholds.length).toBeGreaterThan(150);
  const points = [...thresholds.map(rates), [0, 0]];
  for (const [i, [fpr = 0, tpr = 0]] of points.slice(0, -1).entries()) {
    expect(fpr - (points[i + 1]?.[0] ?? 0)).toBeLessThan(0.0102);
    expect(tpr - (points[i + 1]?.[1] ?? 0)).toBeLessThan(0.0102);
  }
});

it('gives all that there is of rows of one class', () => {
  expect(thresholdCurve(Uint8Array.of(0, 0), Float64Array.of(0.1, 0.2)).averagePrecision).toBeNaN();
  expect(thresholdCurve(Uint8Array.of(1, 1), Float64Array.of(0.1, 0.2))).toMatchObject({ averagePrecision: 1, thresholds: [{ threshold: 0.1, truePositives: 2 }, { threshold: 0.2, truePositives: 1, falseNegatives: 1 }] });
});

it.each(shares)('a share of $ones in $rows has the interval of Wilson that scipy gives', ({ ones, rows, low, high }) => {
  const share = wilson(ones, rows);
  expect(share.value).toBe(ones / rows);
  expect(share.low).toBeCloseTo(low, 12);
  expect(share.high).toBeCloseTo(high, 12);
});
