import { chiSquare, jensenShannon, ks, ksP, psi, wasserstein } from './distances.js';
import type { ColumnReference, Reference } from './reference.js';
import type { ColumnCounts, WindowSummary } from './window-summary.js';

/** How far one column moved from its reference. */
export interface ColumnDrift {
  readonly column: string;
  /** psi and jensen_shannon; for numbers also ks, ks_p and wasserstein (in standard deviations of the reference), for texts chi2 and chi2_p. */
  readonly distances: Readonly<Record<string, number>>;
  readonly missingShare: number;
  readonly referenceMissingShare: number;
  /** Share of texts that the reference did not hold. */
  readonly unseenShare: number;
  readonly rows: number;
}

/** Every column, and the score, against the reference. */
export function compareWindow(reference: Reference, summary: WindowSummary): { readonly columns: readonly ColumnDrift[]; readonly score: ColumnDrift } {
  return {
    columns: reference.columns.flatMap((column) => {
      const counts = summary.columns[column.name];
      return counts ? [compareColumn(column, counts)] : [];
    }),
    score: compareColumn(reference.score, summary.score),
  };
}

function compareColumn(reference: ColumnReference, { counts, other, missing, unseen }: ColumnCounts): ColumnDrift {
  const before = reference.kind === 'numeric' ? reference.counts : [...reference.counts, reference.other];
  const now = reference.kind === 'numeric' ? counts : [...counts, other];
  const [known, knownBefore] = [total(now), total(before)];
  const share = (part: number, all: number): number => (all === 0 ? 0 : part / all);
  return {
    column: reference.name,
    distances: known === 0 || knownBefore === 0 ? {} : distancesOf(reference, before, now),
    missingShare: share(missing, known + missing),
    referenceMissingShare: share(reference.missing, knownBefore + reference.missing),
    unseenShare: share(unseen, known),
    rows: known + missing,
  };
}

function distancesOf(reference: ColumnReference, before: readonly number[], now: readonly number[]): Record<string, number> {
  const shared = { psi: psi(before, now), jensen_shannon: jensenShannon(before, now) };
  if (reference.kind === 'category') {
    const { statistic, p } = chiSquare(before, now);
    return finite({ ...shared, chi2: statistic, chi2_p: p });
  }
  const distance = ks(before, now);
  const bounds = [reference.min, ...reference.edges, reference.max];
  const widths = before.map((_, i) => Math.max(0, (bounds[i + 1] ?? 0) - (bounds[i] ?? 0)));
  return finite({ ...shared, ks: distance, ks_p: ksP(distance, total(before), total(now)), wasserstein: wasserstein(before, now, { widths, scale: reference.deviation }) });
}

/** What cannot be told is left out, rather than told as NaN. */
const finite = (distances: Readonly<Record<string, number>>): Record<string, number> => Object.fromEntries(Object.entries(distances).filter(([, value]) => Number.isFinite(value)));

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);
