/** How long a window of traffic is. */
export const WINDOW_MS = 10_000;
/** Latencies are told apart by so much of themselves, from LEAST_MS on. */
const STEP = 1.2;
const LEAST_MS = 0.01;

/** What was asked of one version within a window, as one instance or all have counted it. */
export interface Traffic {
  readonly requests: number;
  readonly predictions: number;
  readonly refused: number;
  /** What the input guard saw, by kind. */
  readonly flags: Readonly<Record<string, number>>;
  /** Requests that failed, by reason. */
  readonly errors: Readonly<Record<string, number>>;
  /** Answers by how long they took: `n` stands for up to LEAST_MS · STEP^n milliseconds. */
  readonly latencies: Readonly<Record<string, number>>;
}

/** What became of one request. */
export type Outcome = { readonly predictions: number; readonly refused: number; readonly flags: Readonly<Record<string, number>>; readonly ms: number } | { readonly error: string };

export const NO_TRAFFIC: Traffic = { requests: 0, predictions: 0, refused: 0, flags: {}, errors: {}, latencies: {} };

/** When the window of a time begins, in ms. */
export const windowOf = (timeMs: number): number => Math.floor(timeMs / WINDOW_MS) * WINDOW_MS;

/** The traffic with one request more. */
export function count(traffic: Traffic, outcome: Outcome): Traffic {
  if ('error' in outcome) return { ...traffic, requests: traffic.requests + 1, errors: plus(traffic.errors, { [outcome.error]: 1 }) };
  const bucket = Math.max(0, Math.ceil(Math.log(outcome.ms / LEAST_MS) / Math.log(STEP)));
  return { ...traffic, requests: traffic.requests + 1, predictions: traffic.predictions + outcome.predictions, refused: traffic.refused + outcome.refused, flags: plus(traffic.flags, outcome.flags), latencies: plus(traffic.latencies, { [bucket]: 1 }) };
}

/** What two instances have counted, together. */
export const add = (a: Traffic, b: Traffic): Traffic => ({ requests: a.requests + b.requests, predictions: a.predictions + b.predictions, refused: a.refused + b.refused, flags: plus(a.flags, b.flags), errors: plus(a.errors, b.errors), latencies: plus(a.latencies, b.latencies) });

/** The latency, in ms, that a share of the answers stayed within; 0 without an answer. */
export function latencyAt({ latencies }: Traffic, share: number): number {
  const buckets = Object.entries(latencies).map(([bucket, answers]) => [Number(bucket), answers] as const).toSorted(([a], [b]) => a - b);
  const answers = buckets.reduce((sum, [, more]) => sum + more, 0);
  let seen = 0;
  for (const [bucket, more] of buckets) {
    seen += more;
    // The middle of the bucket, by its share.
    if (seen >= answers * share) return LEAST_MS * STEP ** (bucket - 0.5);
  }
  return 0;
}

function plus(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  const sum = { ...a };
  for (const [key, more] of Object.entries(b)) sum[key] = (sum[key] ?? 0) + more;
  return sum;
}
