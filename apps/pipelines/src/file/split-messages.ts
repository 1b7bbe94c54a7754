import { type Split, Split_By } from '@millrace/contracts/millrace/trainer/v1/training_job';
import type { DrawnSplit, TimeSplit } from './training-split.js';

const BY = { group: Split_By.GROUP, random: Split_By.RANDOM };
const NOTHING: Split = { trainFrom: undefined, trainTo: undefined, evaluateFrom: undefined, evaluateTo: undefined, by: Split_By.TIME, column: '', evaluateShare: 0, seed: 0n };

/** The rule of a split without its times, as the trainer checks a plan by it. */
export const splitRuleMessage = (split: TimeSplit | DrawnSplit): Split => (split.by === undefined ? NOTHING : { ...NOTHING, by: BY[split.by], column: split.column, evaluateShare: split.evaluate, seed: BigInt(split.seed) });

/** The split of a file as the trainer takes it, counted back from the end of the data in milliseconds since 1970. */
export function splitMessage(split: TimeSplit | DrawnSplit, end: number): Split {
  const rule = { ...splitRuleMessage(split), evaluateTo: new Date(end) };
  if (split.by !== undefined) return rule;
  const evaluateFrom = end - split.evaluate / 1_000;
  const trainTo = evaluateFrom - (split.gap ?? 0) / 1_000;
  return { ...rule, trainFrom: new Date(trainTo - split.train / 1_000), trainTo: new Date(trainTo), evaluateFrom: new Date(evaluateFrom) };
}

/** The first moment that a split reads, in milliseconds since 1970; undefined where it reads all rows. */
export const firstOf = (split: TimeSplit | DrawnSplit, end: number): Date | undefined => splitMessage(split, end).trainFrom;
