import { binOf, type ColumnReference, type NumericReference, type Reference } from './reference.js';

/** One column of a window, counted by the bins or categories of its reference. Counts add, so summaries merge in any order. */
export interface ColumnCounts {
  readonly counts: number[];
  /** Texts that are not compared one by one. */
  other: number;
  missing: number;
  /** Texts that the reference did not hold; they count as `other` too. */
  unseen: number;
}

/** Inputs and scores of one window against one reference; plain JSON. */
export interface WindowSummary {
  rows: number;
  readonly columns: Record<string, ColumnCounts>;
  readonly score: ColumnCounts;
}

/** One input of one prediction. */
export type SummaryCell = number | string | undefined;

const emptyCounts = (bins: number): ColumnCounts => ({ counts: new Array<number>(bins).fill(0), other: 0, missing: 0, unseen: 0 });

const binsOf = (column: ColumnReference): number => column.counts.length;

export const emptySummary = (reference: Reference): WindowSummary => ({
  rows: 0,
  columns: Object.fromEntries(reference.columns.map((column) => [column.name, emptyCounts(binsOf(column))])),
  score: emptyCounts(binsOf(reference.score)),
});

/** Counts one prediction into a summary. */
export type Summarizer = (summary: WindowSummary, inputs: (column: string) => SummaryCell, score: number) => void;

const made = new WeakMap<Reference, Summarizer>();

/** Counts predictions into summaries of one reference; made once for each, because it looks up categories. */
export function summarizer(reference: Reference): Summarizer {
  const known = made.get(reference) ?? makeSummarizer(reference);
  made.set(reference, known);
  return known;
}

function makeSummarizer(reference: Reference): Summarizer {
  const columns = reference.columns.map((column) => {
    if (column.kind === 'numeric') return { name: column.name, add: (counts: ColumnCounts, cell: SummaryCell) => addNumber(column, counts, cell) };
    const places = new Map(column.values.map((value, i) => [value, i]));
    const seen = column.seen && new Set(column.seen);
    return {
      name: column.name,
      add: (counts: ColumnCounts, cell: SummaryCell) => {
        if (typeof cell !== 'string') return void counts.missing++;
        const place = places.get(cell);
        if (place !== undefined) counts.counts[place] = (counts.counts[place] ?? 0) + 1;
        else counts.other++;
        if (seen && !seen.has(cell)) counts.unseen++;
      },
    };
  });
  return (summary, inputs, score) => {
    summary.rows++;
    for (const { name, add } of columns) {
      const counts = summary.columns[name];
      if (counts) add(counts, inputs(name));
    }
    addNumber(reference.score, summary.score, score);
  };
}

function addNumber({ edges }: NumericReference, counts: ColumnCounts, cell: SummaryCell): void {
  // As in the reference: what is no finite number lies in no bin.
  if (typeof cell !== 'number' || !Number.isFinite(cell)) return void counts.missing++;
  const bin = binOf(edges, cell);
  counts.counts[bin] = (counts.counts[bin] ?? 0) + 1;
}

/** The same counts in lists of their own. */
export const copySummary = ({ rows, columns, score }: WindowSummary): WindowSummary => ({
  rows,
  columns: Object.fromEntries(Object.entries(columns).map(([name, counts]) => [name, copyCounts(counts)])),
  score: copyCounts(score),
});

const copyCounts = (counts: ColumnCounts): ColumnCounts => ({ ...counts, counts: [...counts.counts] });

/** Two summaries of the same reference as one. */
export const mergeSummaries = (a: WindowSummary, b: WindowSummary): WindowSummary => ({
  rows: a.rows + b.rows,
  columns: Object.fromEntries(Object.entries(a.columns).map(([name, counts]) => [name, mergeCounts(counts, b.columns[name])])),
  score: mergeCounts(a.score, b.score),
});

const mergeCounts = (a: ColumnCounts, b: ColumnCounts | undefined): ColumnCounts =>
  b ? { counts: a.counts.map((count, i) => count + (b.counts[i] ?? 0)), other: a.other + b.other, missing: a.missing + b.missing, unseen: a.unseen + b.unseen } : a;
