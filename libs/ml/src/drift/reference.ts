import { z } from 'zod';
import { errors } from '../errors.js';

/** Bins of a number: each held the same share of the reference, ties apart. */
export const NUMERIC_BINS = 20;
/** Categories that are compared one by one; the others are compared as one. */
export const COMPARED_CATEGORIES = 50;
/** Beyond so many values a text column is not listed, and nothing counts as unseen. */
export const MAX_CATEGORIES = 5_000;

const count = z.number().int().min(0);
const numeric = z.strictObject({
  name: z.string(),
  kind: z.literal('numeric'),
  /** Inner edges, rising: a value belongs to the first bin whose edge it does not exceed. */
  edges: z.array(z.number()),
  counts: z.array(count),
  missing: count,
  min: z.number(),
  max: z.number(),
  deviation: z.number(),
});
const category = z.strictObject({
  name: z.string(),
  kind: z.literal('category'),
  /** Compared one by one, the most frequent first. */
  values: z.array(z.string()),
  counts: z.array(count),
  other: count,
  missing: count,
  /** Every value of the reference; undefined when there were too many. */
  seen: z.array(z.string()).optional(),
});
const reference = z.strictObject({ format: z.literal('millrace-reference/1'), columns: z.array(z.discriminatedUnion('kind', [numeric, category])), score: numeric });

export type NumericReference = z.infer<typeof numeric>;
export type CategoryReference = z.infer<typeof category>;
export type ColumnReference = NumericReference | CategoryReference;

/** What inputs and scores looked like when the model was judged: what later windows are compared with. Plain JSON. */
export type Reference = z.infer<typeof reference>;

/** Numbers of a column; NaN is missing. */
export function numericReference(name: string, values: Float64Array): NumericReference {
  const known = values.filter((value) => Number.isFinite(value)).sort();
  const edges: number[] = [];
  for (let i = 1; i < NUMERIC_BINS; i++) {
    const edge = known[Math.floor((i * known.length) / NUMERIC_BINS)];
    if (edge !== undefined && edge !== edges.at(-1) && edge < (known.at(-1) ?? 0)) edges.push(edge);
  }
  const counts = new Array<number>(edges.length + 1).fill(0);
  for (const value of known) {
    const bin = binOf(edges, value);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const mean = known.reduce((sum, value) => sum + value, 0) / Math.max(1, known.length);
  const variance = known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, known.length);
  return { name, kind: 'numeric', edges, counts, missing: values.length - known.length, min: known[0] ?? 0, max: known.at(-1) ?? 0, deviation: Math.sqrt(variance) };
}

/** Texts of a column; undefined is missing. */
export function categoryReference(name: string, values: Iterable<string | undefined>): CategoryReference {
  const counts = new Map<string, number>();
  let missing = 0;
  for (const value of values) {
    if (value === undefined) missing++;
    else counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const ranked = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const compared = ranked.slice(0, COMPARED_CATEGORIES);
  return {
    name,
    kind: 'category',
    values: compared.map(([value]) => value),
    counts: compared.map(([, each]) => each),
    other: ranked.slice(COMPARED_CATEGORIES).reduce((sum, [, each]) => sum + each, 0),
    missing,
    ...(ranked.length <= MAX_CATEGORIES ? { seen: ranked.map(([value]) => value).sort() } : {}),
  };
}

export const makeReference = (columns: readonly ColumnReference[], score: NumericReference): Reference => ({ format: 'millrace-reference/1', columns: [...columns], score });

/** Reads a reference; throws SUMMARY_INVALID. */
export function parseReference(value: unknown): Reference {
  const result = reference.safeParse(value);
  if (!result.success) throw errors.SUMMARY_INVALID({ what: 'reference', why: `${result.error.issues[0]?.path.join('.')}: ${result.error.issues[0]?.message}` });
  return result.data;
}

/** The bin of a value: how many edges lie below it. */
export function binOf(edges: readonly number[], value: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((edges[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
