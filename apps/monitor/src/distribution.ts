import type { Reference, WindowSummary } from '@millrace/ml';

/** Rows by bin or value, with those that lie in none. */
export interface Spread {
  readonly counts: readonly number[];
  readonly other: number;
  readonly missing: number;
}

/** One column over the bins or values of its reference, before and now. */
export interface Distribution {
  readonly column: string;
  /** Of a number: one more than there are bins. */
  readonly bounds: readonly number[];
  /** Of a text: those that are compared one by one. */
  readonly values: readonly string[];
  readonly before: Spread;
  readonly now: Spread;
}

/** All columns of a window beside the reference of a version. */
export interface Distributions {
  /** models/{model}/versions/{version}; empty where nothing was asked. */
  readonly version: string;
  readonly columns: readonly Distribution[];
  readonly score: Distribution | undefined;
}

/** Columns that the window has not counted are left out. */
export const distributionsOf = (reference: Reference, { columns, score }: WindowSummary): Omit<Distributions, 'version'> => ({
  columns: reference.columns.flatMap((column) => {
    const now = columns[column.name];
    return now ? [distribution(column, now)] : [];
  }),
  score: distribution(reference.score, score),
});

function distribution(column: Reference['columns'][number], now: Spread): Distribution {
  const { name, counts, missing } = column;
  const isNumber = column.kind === 'numeric';
  return {
    column: name,
    bounds: isNumber ? [column.min, ...column.edges, column.max] : [],
    values: isNumber ? [] : column.values,
    before: { counts, missing, other: isNumber ? 0 : column.other },
    now,
  };
}
