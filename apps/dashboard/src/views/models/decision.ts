import type { ThresholdCounts } from '@millrace/contracts/millrace/trainer/v1/evaluation';

/** What a model decides at one threshold, in rows. */
export interface Decision {
  /** Rows with at least this score are called positive; undefined calls none so. */
  readonly threshold: number | undefined;
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  readonly trueNegatives: number;
}

/** What one error of each kind costs, in any unit. */
export interface Costs {
  readonly falsePositive: number;
  readonly falseNegative: number;
}

/** From calling every row positive to calling none so: the counts of an evaluation, and the end above them that goes without saying. */
export function decisionsOf(thresholds: readonly ThresholdCounts[]): readonly Decision[] {
  const counted = thresholds.map((each) => ({ threshold: each.threshold, truePositives: Number(each.truePositives), falsePositives: Number(each.falsePositives), falseNegatives: Number(each.falseNegatives), trueNegatives: Number(each.trueNegatives) }));
  const [all] = counted;
  return all ? [...counted, { threshold: undefined, truePositives: 0, falsePositives: 0, falseNegatives: all.truePositives, trueNegatives: all.falsePositives }] : [];
}

/** Of the rows that are called positive, how many are; undefined where none is called so. */
export const precisionOf = ({ truePositives, falsePositives }: Decision): number | undefined => share(truePositives, truePositives + falsePositives);

/** Of the positive rows, how many are called so: the true positive rate. */
export const recallOf = ({ truePositives, falseNegatives }: Decision): number | undefined => share(truePositives, truePositives + falseNegatives);

/** Of the negative rows, how many are called positive. */
export const falseAlarmOf = ({ falsePositives, trueNegatives }: Decision): number | undefined => share(falsePositives, falsePositives + trueNegatives);

/** The harmonic mean of precision and recall. */
export const f1Of = ({ truePositives, falsePositives, falseNegatives }: Decision): number | undefined => share(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives);

/** The rows that are called what they are not. */
export const errorsOf = ({ falsePositives, falseNegatives }: Decision): number => falsePositives + falseNegatives;

/** How many rows there are. */
export const rowsOf = ({ truePositives, falsePositives, falseNegatives, trueNegatives }: Decision): number => truePositives + falsePositives + falseNegatives + trueNegatives;

/** What all errors of a decision cost. */
export const costOf = ({ falsePositives, falseNegatives }: Decision, costs: Costs): number => falsePositives * costs.falsePositive + falseNegatives * costs.falseNegative;

/** The place of the decision that costs least; of several, that with the highest threshold, which disturbs the fewest. */
export const leastCostAt = (decisions: readonly Decision[], costs: Costs): number =>
  decisions.reduce((best, decision, i) => (costOf(decision, costs) <= costOf(decisions[best] ?? decision, costs) ? i : best), 0);

/** The place of the lowest threshold that is at least so high. */
export const placeOf = (decisions: readonly Decision[], threshold: number): number => {
  const found = decisions.findIndex((decision) => (decision.threshold ?? Number.POSITIVE_INFINITY) >= threshold);
  return found < 0 ? decisions.length - 1 : found;
};

/** The place of the threshold that is nearest to a probability; none positive stands at 1, and of two as near the higher is meant. */
export const placeNearest = (decisions: readonly Decision[], probability: number): number => {
  const away = (decision: Decision | undefined): number => Math.abs(probabilityOf(decision) - probability);
  return decisions.reduce((best, decision, i) => (away(decision) <= away(decisions[best]) ? i : best), 0);
};

/** Where a decision stands between 0 and 1. */
export const probabilityOf = (decision: Decision | undefined): number => decision?.threshold ?? 1;

const STEPS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10, Home: Number.NEGATIVE_INFINITY, End: Number.POSITIVE_INFINITY };

/** The place that a key leads to, so that keys reach every threshold however near its neighbours are; undefined for a key that moves nothing. */
export const placeByKey = (key: string, place: number, places: number): number | undefined => {
  const step = STEPS[key];
  return step === undefined ? undefined : Math.min(Math.max(place + step, 0), places - 1);
};

const share = (part: number, whole: number): number | undefined => (whole === 0 ? undefined : part / whole);
