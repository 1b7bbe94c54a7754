import { type Rollup, RollupColumn_Fold as Fold } from '@millrace/contracts/millrace/ingestion/v1/ingestion_run';
import { toDuration } from './duration.js';
import type { SourceSpec } from './pipeline-file.js';

export type RollupSpec = NonNullable<SourceSpec['rollup']>;

/** The bounds of a window: the last one is when its row can be known. */
export const [SINCE, UNTIL] = ['since', 'until'] as const;

const FOLDS = { count: Fold.COUNT, sum: Fold.SUM, min: Fold.MIN, max: Fold.MAX, mean: Fold.MEAN, variance: Fold.VARIANCE, stddev: Fold.STDDEV, quantile: Fold.QUANTILE, distinct: Fold.DISTINCT } as const;

/** How a column of a rollup folds, and which column; undefined for a count of rows. */
export function foldOf(spec: RollupSpec['columns'][string]): { readonly fold: Fold; readonly column: string | undefined } {
  for (const [name, fold] of Object.entries(FOLDS) as [keyof typeof FOLDS, Fold][]) {
    const column = spec[name];
    if (column !== undefined) return { fold, column: column === true ? undefined : column };
  }
  return { fold: Fold.UNSPECIFIED, column: undefined };
}

/** A rollup of a file as the ingestion service takes it, of one version of the finer dataset. */
export const rollupMessage = ({ by, every, columns }: RollupSpec, datasetVersion: string): Rollup => ({
  datasetVersion,
  by: [...by],
  every: toDuration(every),
  columns: Object.entries(columns).map(([name, spec]) => {
    const { fold, column = '' } = foldOf(spec);
    return { name, fold, column, share: spec.share ?? 0 };
  }),
});
