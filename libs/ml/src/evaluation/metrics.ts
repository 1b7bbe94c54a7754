/** What a probability model is judged by; of auc more is better, of the others less. */
export const METRICS = ['auc', 'log_loss', 'brier', 'ece'] as const;
export type Metric = (typeof METRICS)[number];

export const isMoreBetter = (metric: Metric): boolean => metric === 'auc';

/** A probability of exactly 0 or 1 would cost an infinite loss: it counts as this far from it. */
export const LOSS_LIMIT = 1e-15;
/** Equal-width bins of the reliability table. */
export const CALIBRATION_BINS = 10;

/** Area under the ROC curve by ranks, ties counting half (Mann and Whitney 1947); NaN without both classes. */
export function auc(target: Uint8Array, scores: Float64Array): number {
  // Sorting pairs as numbers is much faster than sorting objects: scores first, and where they stood.
  const order = Uint32Array.from(scores, (_, i) => i).sort((a, b) => (scores[a] as number) - (scores[b] as number));
  let positives = 0;
  let rankSum = 0;
  for (let i = 0; i < order.length; ) {
    let j = i;
    let ones = 0;
    while (j < order.length && scores[order[j] as number] === scores[order[i] as number]) ones += target[order[j++] as number] as number;
    positives += ones;
    rankSum += ones * ((i + 1 + j) / 2);
    i = j;
  }
  const negatives = target.length - positives;
  return positives === 0 || negatives === 0 ? Number.NaN : (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}

/** What one row costs: −ln of the probability that was given to what happened. */
export const lossOf = (y: number, score: number): number => -Math.log(Math.max(y === 1 ? score : 1 - score, LOSS_LIMIT));

/** The squared error of one row. */
export const squareOf = (y: number, score: number): number => (score - y) ** 2;

/** The bin of the reliability table that a score falls in. */
export const calibrationBin = (score: number): number => Math.min(CALIBRATION_BINS - 1, Math.max(0, Math.floor(score * CALIBRATION_BINS)));

/** Expected calibration error: how far predicted and observed shares lie apart, weighted by rows (Naeini et al. 2015). */
export function calibrationError(predicted: ArrayLike<number>, observed: ArrayLike<number>, rows: ArrayLike<number>): number {
  let error = 0;
  let all = 0;
  for (let bin = 0; bin < rows.length; bin++) {
    error += Math.abs((predicted[bin] ?? 0) - (observed[bin] ?? 0));
    all += rows[bin] ?? 0;
  }
  return all === 0 ? Number.NaN : error / all;
}
