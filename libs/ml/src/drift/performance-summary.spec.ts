import fc from 'fast-check';
import { expect, it } from 'vitest';
import { evaluateModels } from '../evaluation/evaluate-models.js';
import { auc } from '../evaluation/metrics.js';
import { seededRandom } from '@millrace/core';
import { addOutcome, emptyPerformance, mergePerformance, performanceOf, type PerformanceSummary, SCORE_STEPS } from './performance-summary.js';

type Outcome = readonly [score: number, y: 0 | 1];

function summaryOf(outcomes: readonly Outcome[]): PerformanceSummary {
  const summary = emptyPerformance();
  for (const [score, y] of outcomes) addOutcome(summary, score, y);
  return summary;
}

const outcome = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom<0 | 1>(0, 1));

it('gives one summary to the last bit, however the labels are cut and in whichever order the parts are merged', () => {
  fc.assert(
    fc.property(fc.array(fc.array(outcome, { maxLength: 40 }), { minLength: 1, maxLength: 6 }), fc.infiniteStream(fc.nat()), (parts, order) => {
      const pool = parts.map(summaryOf);
      while (pool.length > 1) {
        const take = (): PerformanceSummary => pool.splice((order.next().value ?? 0) % pool.length, 1)[0] ?? emptyPerformance();
        pool.push(mergePerformance(take(), take()));
      }
      expect(pool[0]).toEqual(summaryOf(parts.flat()));
    }),
  );
});

function calibrated(rows: number, seed: number): readonly Outcome[] {
  const random = seededRandom(seed);
  return Array.from({ length: rows }, () => {
    const score = random();
    return [score, random() < score ? 1 : 0] as const;
  });
}

it('measures what an evaluation of the same rows measures, the AUC but for its grid', () => {
  const outcomes = calibrated(3_000, 11);
  const target = Uint8Array.from(outcomes, ([, y]) => y);
  const scores = Float64Array.from(outcomes, ([score]) => score);
  const [report] = evaluateModels({ target, models: [{ name: 'm', scores }], block: new Int32Array(target.length), resamples: 1 });
  const measured = performanceOf(summaryOf(outcomes));
  for (const { metric, value } of report?.metrics ?? []) {
    const found = measured.find((each) => each.metric === metric);
    expect(Math.abs((found?.value ?? Number.NaN) - value)).toBeLessThan(metric === 'auc' ? 2 / SCORE_STEPS : 1e-8);
    expect(found?.low).toBeLessThanOrEqual(found?.value ?? Number.NaN);
    expect(found?.high).toBeGreaterThanOrEqual(found?.value ?? Number.NaN);
  }
  expect(measured.map(({ metric }) => metric)).toEqual(['auc', 'log_loss', 'brier', 'ece']);
  expect(measured.find(({ metric }) => metric === 'auc')?.value).toBeCloseTo(auc(target, scores), 3);
});

it('covers the truth of a calibrated model with its intervals, about as often as they say', () => {
  // Of a score that is uniform and true: E[−y ln s − (1 − y) ln(1 − s)] = ½, E[(s − y)²] = 1/6, AUC = 5/6.
  const truth = { log_loss: 1 / 2, brier: 1 / 6, auc: 5 / 6 };
  const rounds = 200;
  const covered = { log_loss: 0, brier: 0, auc: 0 };
  for (let round = 0; round < rounds; round++) {
    for (const { metric, low, high } of performanceOf(summaryOf(calibrated(400, round)), round)) {
      if (metric !== 'ece' && low <= truth[metric] && truth[metric] <= high) covered[metric]++;
    }
  }
  for (const [metric, times] of Object.entries(covered)) expect(times / rounds, metric).toBeGreaterThan(0.9);
  for (const [metric, times] of Object.entries(covered)) expect(times / rounds, metric).toBeLessThan(1);
});

it('gives the same interval for the same seed', () => expect(performanceOf(summaryOf(calibrated(200, 3)), 5)).toEqual(performanceOf(summaryOf(calibrated(200, 3)), 5)));

it('leaves out the AUC where only one thing happened, and everything where there is nothing', () => {
  expect(performanceOf(summaryOf([[0.2, 0], [0.9, 0]])).map(({ metric }) => metric)).toEqual(['log_loss', 'brier', 'ece']);
  expect(performanceOf(emptyPerformance())).toEqual([]);
});
