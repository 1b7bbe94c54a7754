import { expect, it } from 'vitest';
import { seededRandom } from '@millrace/core';
import { type EvaluationInput, evaluateModels, type ModelReport } from './evaluate-models.js';

const DAYS = 30;
const A_DAY = 15;

/** Days differ from each other: on each one another share, between 0.05 and 0.55, is late; two models that always say the same. */
function fewDays(seed: number): EvaluationInput {
  const random = seededRandom(seed);
  const rows = DAYS * A_DAY;
  const target = new Uint8Array(rows);
  const block = new Int32Array(rows);
  for (let day = 0; day < DAYS; day++) {
    const late = 0.05 + random() * 0.5;
    for (let i = 0; i < A_DAY; i++) {
      block[day * A_DAY + i] = 100 + day;
      target[day * A_DAY + i] = random() < late ? 1 : 0;
    }
  }
  return { target, block, seed, models: [{ name: 'high', scores: new Float64Array(rows).fill(0.4) }, { name: 'right', scores: new Float64Array(rows).fill(0.3) }] };
}

/** In the long run 0.3 are late: E[(0.4 − y)² − (0.3 − y)²] = 0.16 − 0.09 − 2 · 0.1 · 0.3. */
const TRUTH = 0.01;

const brier = ([, right]: readonly ModelReport[]) => right?.differences.find(({ baseline, difference }) => baseline === 'high' && difference.metric === 'brier')?.difference;

it('covers the true difference of two models about as often as the interval says', () => {
  const rounds = 60;
  let covered = 0;
  for (let round = 0; round < rounds; round++) {
    const { low = Number.NaN, high = Number.NaN } = brier(evaluateModels({ ...fewDays(round), resamples: 100 })) ?? {};
    if (low <= TRUTH && TRUTH <= high) covered++;
  }
  expect(covered / rounds).toBeGreaterThanOrEqual(0.85);
  expect(covered / rounds).toBeLessThan(1);
});

it('is less sure when the rows of a day go together than when each is drawn by itself', () => {
  const days = fewDays(1);
  const width = (input: EvaluationInput): number => {
    const { low = Number.NaN, high = Number.NaN } = brier(evaluateModels(input)) ?? {};
    return high - low;
  };
  expect(width(days)).toBeGreaterThan(1.3 * width({ ...days, block: days.block.map((_, row) => row) }));
});

it('gives the same interval for the same seed, and another for another', () => {
  const input = fewDays(4);
  expect(evaluateModels(input)).toEqual(evaluateModels(input));
  expect(brier(evaluateModels({ ...input, seed: 5 }))).not.toEqual(brier(evaluateModels(input)));
  expect(brier(evaluateModels({ ...input, seed: 5 }))?.value).toBe(brier(evaluateModels(input))?.value);
});

it('draws the same days for all models: a model differs from itself by nothing, on every draw', () => {
  const { models, ...input } = fewDays(2);
  const scores = models[0]?.scores ?? new Float64Array();
  const [, twin] = evaluateModels({ ...input, models: [{ name: 'one', scores }, { name: 'other', scores }] });
  expect(twin?.differences).toHaveLength(4);
  for (const { difference } of twin?.differences ?? []) expect([difference.value, difference.low, difference.high].map(Math.abs)).toEqual([0, 0, 0]);
});

it('calls it better to have more AUC and less of everything else', () => {
  const random = seededRandom(9);
  const good = Float64Array.from({ length: 600 }, random);
  const target = Uint8Array.from(good, (share) => (random() < share ? 1 : 0));
  const poor = good.map((score) => 1 - score);
  const [, second] = evaluateModels({ target, block: Int32Array.from(target, (_, row) => row % 20), models: [{ name: 'poor', scores: poor }, { name: 'good', scores: good }] });
  for (const { baseline, difference } of second?.differences ?? []) {
    expect(baseline).toBe('poor');
    expect(difference.low, difference.metric).toBeGreaterThan(0);
  }
});

it('refuses lists of unequal length, naming which', () => {
  const { target, block, models } = fewDays(0);
  expect(() => evaluateModels({ target, block, models: [...models, { name: 'short', scores: new Float64Array(3) }] })).toThrow('short has 3 rows, the target has 450.');
  expect(() => evaluateModels({ target, block: block.subarray(1), models })).toThrow('the list of blocks has 449 rows, the target has 450.');
});
