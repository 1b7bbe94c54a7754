import { IngestionRun_Mode, RollupColumn_Fold as Fold } from '@millrace/contracts/millrace/ingestion/v1/ingestion_run';
import { fullName } from '../calls/names.js';
import { errors } from '../errors.js';
import type { ExitCode } from '../exit-code.js';
import type { Session } from '../session.js';
import { makeVersion } from './dataset-ingest.js';
import { spanOption } from './span.js';

/** What `millrace dataset rollup` may be told. */
export interface RollupOptions {
  readonly of: string;
  readonly version?: string;
  readonly by?: readonly string[];
  readonly every: string;
  readonly column: readonly string[];
  readonly wait: boolean;
}

const FOLDS: Readonly<Record<string, Fold>> = { count: Fold.COUNT, sum: Fold.SUM, min: Fold.MIN, max: Fold.MAX, mean: Fold.MEAN, variance: Fold.VARIANCE, stddev: Fold.STDDEV, quantile: Fold.QUANTILE, distinct: Fold.DISTINCT };

/** Rolls one dataset up into another and watches it. */
export async function rollUp(session: Session, name: string, { of, version = 'latest', by = [], every, column, wait }: RollupOptions): Promise<ExitCode> {
  const rollup = { datasetVersion: `${fullName('datasets', of)}/versions/${version.replace(/^v/, '')}`, by: [...by], every: { seconds: BigInt(spanOption(every, '--every')), nanos: 0 }, columns: column.map(columnOf) };
  return makeVersion(session, name, { ingestionRun: { dataset: fullName('datasets', name), source: { rollup }, contract: { eventTime: 'until' }, mode: IngestionRun_Mode.REPLACE }, wait });
}

/** Such as `flights=count`, `mean_delay=mean:delay`, `p95=quantile:delay:0.95`. */
function columnOf(text: string) {
  const [, name = '', fold = '', column = '', share = ''] = /^([^=]+)=([a-z]+)(?::([^:]+))?(?::([\d.]+))?$/.exec(text) ?? [];
  const known = Object.hasOwn(FOLDS, fold) ? FOLDS[fold] : undefined;
  if (known === undefined || (known === Fold.QUANTILE) !== (share !== '')) throw errors.WRONG_USE({ why: `--column ${text} is no figure; write NAME=FOLD:COLUMN, such as mean_delay=mean:delay, flights=count or p95=quantile:delay:0.95, with one of ${Object.keys(FOLDS).join(', ')}.` });
  return { name, fold: known, column, share: Number(share) };
}
