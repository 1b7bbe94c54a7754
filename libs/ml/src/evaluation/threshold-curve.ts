/** What a model would decide at a threshold: rows whose score is at least that are called positive. */
export interface ThresholdCounts {
  readonly threshold: number;
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  readonly trueNegatives: number;
}

/** What a model decides from calling every row positive to calling the fewest so. */
export interface ThresholdCurve {
  /** Σ (Rₙ − Rₙ₋₁) Pₙ over every different score, not only those of `thresholds`; NaN without a positive row. */
  readonly averagePrecision: number;
  /** Lowest threshold first, at which every row is positive; above the last one lies the threshold at which none is. */
  readonly thresholds: readonly ThresholdCounts[];
}

/** Parts that the rates of true and of false positives are each cut into. */
const PARTS = 100;

/**
 * The ROC and the precision-recall curve of scores as counts (Fawcett 2006), exact at every threshold that is given. Of the different scores at most 2 × 100 + 1
 * are kept: the highest, and each at which one of the two rates enters another hundredth. Average precision is that of all rows, ties together, as scikit-learn has it.
 */
export function thresholdCurve(target: Uint8Array, scores: Float64Array): ThresholdCurve {
  const order = Uint32Array.from(scores, (_, i) => i).sort((a, b) => (scores[b] as number) - (scores[a] as number));
  const positives = target.reduce((sum, value) => sum + value, 0);
  const negatives = target.length - positives;
  const thresholds: ThresholdCounts[] = [];
  let [ones, zeros, area] = [0, 0, 0];
  let part = -1;
  for (let i = 0; i < order.length; ) {
    const threshold = scores[order[i] as number] as number;
    const before = ones;
    for (; i < order.length && scores[order[i] as number] === threshold; i++) {
      if (target[order[i] as number] === 1) ones++;
      else zeros++;
    }
    area += ((ones - before) * ones) / (ones + zeros);
    const reached = partOf(ones, positives) + partOf(zeros, negatives);
    if (reached === part) continue;
    part = reached;
    thresholds.push({ threshold, truePositives: ones, falsePositives: zeros, falseNegatives: positives - ones, trueNegatives: negatives - zeros });
  }
  return { averagePrecision: positives === 0 ? Number.NaN : area / positives, thresholds: thresholds.reverse() };
}

/** In which part of a rate a count lies; both rates only rise, so that their parts add up to one that only rises. */
const partOf = (count: number, all: number): number => (all === 0 ? 0 : Math.floor((count * PARTS) / all));
