/** How far a subscription is behind in each of its topics, from what its partitions say. */
export function lagsOf(topics: readonly string[], places: Iterable<{ readonly topic: string; readonly lag: number }>): ReadonlyMap<string, number> {
  const lags = new Map(topics.map((topic) => [topic, 0]));
  for (const { topic, lag } of places) lags.set(topic, (lags.get(topic) ?? 0) + lag);
  return lags;
}
