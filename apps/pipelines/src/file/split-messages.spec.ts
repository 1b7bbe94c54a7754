import { Split_By } from '@millrace/contracts/millrace/trainer/v1/training_job';
import { expect, it } from 'vitest';
import { firstOf, splitMessage, splitRuleMessage } from './split-messages.js';

const DAY = 86_400_000_000;
const END = Date.UTC(2001, 5, 30);
const before = (days: number) => new Date(END - days * 86_400_000);

it('counts a split by time back from the end of the data, with what is left out between', () => {
  expect(splitMessage({ evaluate: 7 * DAY, train: 21 * DAY }, END)).toMatchObject({ by: Split_By.TIME, trainFrom: before(28), trainTo: before(7), evaluateFrom: before(7), evaluateTo: before(0) });
  const gap = { evaluate: 7 * DAY, train: 21 * DAY, gap: 2 * DAY };
  expect(splitMessage(gap, END)).toMatchObject({ trainFrom: before(30), trainTo: before(9), evaluateFrom: before(7), evaluateTo: before(0) });
  expect(firstOf(gap, END)).toEqual(before(30));
});

it('draws from all rows up to the end of the data', () => {
  const split = { by: 'group', column: 'patient', evaluate: 0.2, seed: 7 } as const;
  expect(splitMessage(split, END)).toMatchObject({ by: Split_By.GROUP, column: 'patient', evaluateShare: 0.2, seed: 7n, trainFrom: undefined, trainTo: undefined, evaluateFrom: undefined, evaluateTo: before(0) });
  expect(firstOf(split, END)).toBeUndefined();
  expect(splitRuleMessage({ by: 'random', column: '', evaluate: 0.2, seed: 0 })).toMatchObject({ by: Split_By.RANDOM, evaluateTo: undefined });
});
