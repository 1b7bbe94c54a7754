import type { EndpointTraffic, VersionTraffic } from '@millrace/contracts/millrace/inference/v1/traffic';

/** So many bars a span of time is cut into. */
export const BARS = 90;

/** What was asked within one bar. */
export interface Bar {
  readonly startMs: number;
  /** Requests by model version. */
  readonly requests: Readonly<Record<string, number>>;
  readonly predictions: number;
  readonly refused: number;
  /** Failed requests by reason. */
  readonly errors: Readonly<Record<string, number>>;
  /** What the input guard saw, by kind. */
  readonly flags: Readonly<Record<string, number>>;
  /** Of the windows and versions within, the highest, for percentiles cannot be added up; undefined where nothing was answered. */
  readonly p50: number | undefined;
  readonly p95: number | undefined;
  readonly p99: number | undefined;
}

/** Windows of ten seconds as the bars of a span that ends with the bar of `now`, oldest first; bars in which nothing was asked are there too. */
export function barsOf(windows: Iterable<EndpointTraffic>, { spanMs, nowMs }: { readonly spanMs: number; readonly nowMs: number }): readonly Bar[] {
  const barMs = spanMs / BARS;
  const end = Math.floor(nowMs / barMs) * barMs + barMs;
  const begin = end - spanMs;
  const within = Map.groupBy([...windows].filter(({ startTime }) => startTime !== undefined && startTime.getTime() >= begin && startTime.getTime() < end), ({ startTime }) => Math.floor(((startTime?.getTime() ?? 0) - begin) / barMs));
  return Array.from({ length: BARS }, (_, i) => barOf(begin + i * barMs, (within.get(i) ?? []).flatMap(({ versions }) => versions)));
}

function barOf(startMs: number, versions: readonly VersionTraffic[]): Bar {
  const answered = versions.filter(({ latencyP50Ms }) => latencyP50Ms > 0);
  const highest = (of: (version: VersionTraffic) => number): number | undefined => (answered.length === 0 ? undefined : Math.max(...answered.map(of)));
  return {
    startMs,
    requests: sums(versions.map(({ modelVersion, requests }) => ({ [modelVersion]: requests }))),
    predictions: versions.reduce((sum, { predictions }) => sum + Number(predictions), 0),
    refused: versions.reduce((sum, { refused }) => sum + Number(refused), 0),
    errors: sums(versions.map(({ errors }) => errors)),
    flags: sums(versions.map(({ flags }) => flags)),
    p50: highest(({ latencyP50Ms }) => latencyP50Ms),
    p95: highest(({ latencyP95Ms }) => latencyP95Ms),
    p99: highest(({ latencyP99Ms }) => latencyP99Ms),
  };
}

function sums(counts: readonly Readonly<Record<string, bigint>>[]): Readonly<Record<string, number>> {
  const sum: Record<string, number> = {};
  for (const each of counts) for (const [name, count] of Object.entries(each)) sum[name] = (sum[name] ?? 0) + Number(count);
  return sum;
}

/** The names that have counts in any bar, in the order of their sums, largest first. */
export function namesOf(bars: readonly Bar[], of: (bar: Bar) => Readonly<Record<string, number>>): readonly string[] {
  const totals = new Map<string, number>();
  for (const bar of bars) for (const [name, count] of Object.entries(of(bar))) totals.set(name, (totals.get(name) ?? 0) + count);
  return [...totals].filter(([, total]) => total > 0).sort(([a, left], [b, right]) => right - left || (a < b ? -1 : 1)).map(([name]) => name);
}
