import type { RollupReport } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import { type Rollup as RollupMessage, RollupColumn_Fold as FoldMessage } from '@millrace/contracts/millrace/ingestion/v1/ingestion_run';
import type { ObjectRef } from '@millrace/contracts/millrace/type/v1/object';
import { errors } from './errors.js';
import type { KeptPartials } from './rollup/roll-up.js';
import { type Fold, FOLDS, type Rollup } from './rollup/rollup.js';

const FOLD_OF: Record<Fold, FoldMessage> = {
  COUNT: FoldMessage.COUNT,
  SUM: FoldMessage.SUM,
  MIN: FoldMessage.MIN,
  MAX: FoldMessage.MAX,
  MEAN: FoldMessage.MEAN,
  VARIANCE: FoldMessage.VARIANCE,
  STDDEV: FoldMessage.STDDEV,
  QUANTILE: FoldMessage.QUANTILE,
  DISTINCT: FoldMessage.DISTINCT,
};

/** The rollup of a request. */
export function parseRollup({ datasetVersion, by, every, columns }: RollupMessage): Rollup {
  return {
    of: datasetVersion,
    by,
    every: every ? Number(every.seconds) * 1_000_000 + Math.round(every.nanos / 1_000) : 0,
    columns: columns.map(({ name, fold, column, share }) => {
      const known = FOLDS.find((one) => FOLD_OF[one] === fold);
      if (known === undefined) throw errors.INVALID_SOURCE({ why: `source.rollup.columns.${name} does not say how it folds` });
      return { name, fold: known, column, share };
    }),
  };
}

export const toRollup = ({ of, by, every, columns }: Rollup): RollupMessage => ({
  datasetVersion: of,
  by: [...by],
  every: { seconds: BigInt(Math.floor(every / 1_000_000)), nanos: (every % 1_000_000) * 1_000 },
  columns: columns.map(({ name, fold, column, share }) => ({ name, fold: FOLD_OF[fold], column, share })),
});

export const toRollupReport = ({ of, objects, rowsWithoutTime, objectsRead }: KeptPartials, partials: ObjectRef): RollupReport => ({ datasetVersion: of, partials, rowsWithoutTime: BigInt(rowsWithoutTime), objects: BigInt(objects.length), objectsRead: BigInt(objectsRead) });
