import { uuidv7 } from '@millrace/core';
import type { FeedCell, FeedRow } from '@millrace/plan';
import { errors } from './errors.js';
import type { GuardFlag } from './guard.js';
import type { LoadedEndpoint } from './loaded-endpoint.js';

export const MAX_ROWS = 10_000;

/** What a request asks, whatever door it came through. Cells are as the signature types them. */
export interface Question {
  readonly rows: readonly FeedRow[];
  /** None, or one a row. */
  readonly times: readonly Date[];
}

/** One answer. */
export interface Prediction {
  readonly id: string;
  /** NaN when refused. */
  readonly score: number;
  readonly flags: readonly GuardFlag[];
  readonly refused: string;
}

/** A prediction with all that the log keeps of it. */
export interface LoggedPrediction extends Prediction {
  readonly eventTime: Date;
  readonly predictTime: Date;
  readonly inputs: readonly FeedCell[];
}

/** Features by name with their status, for one row. */
export interface RowFeatures {
  readonly values: FeedRow;
  readonly flags: readonly GuardFlag[];
}

/** Reads the features that rows lack, by their keys, as of their times. */
export type ReadFeatures = (rows: readonly FeedRow[], times: readonly Date[]) => Promise<readonly RowFeatures[]>;

/** Answers a question: features, guard, model. Refused rows get no score; the others are scored together. */
export async function predict(loaded: LoadedEndpoint, { rows, times }: Question, { readFeatures, now }: { readFeatures: ReadFeatures | undefined; now: Date }): Promise<readonly LoggedPrediction[]> {
  const { inputs, scorer, check } = loaded;
  if (rows.length === 0) throw errors.NO_ROWS({});
  if (rows.length > MAX_ROWS) throw errors.TOO_MANY_ROWS({ rows: String(rows.length), limit: String(MAX_ROWS) });
  if (times.length > 0 && times.length !== rows.length) throw errors.TIMES_MISMATCH({ rows: String(rows.length), times: String(times.length) });
  const { eventTime } = scorer.artifact.signature;
  const when = rows.map((row, i) => times[i] ?? timeOf(row[eventTime]) ?? now);
  const timed = eventTime === '' ? rows : rows.map((row, i) => (row[eventTime] === undefined ? { ...row, [eventTime]: when[i] } : row));
  const features = readFeatures && timed.some((row) => inputs.some((name) => row[name] === undefined)) ? await readFeatures(timed, when) : undefined;
  const complete = features ? timed.map((row, i) => ({ ...features[i]?.values, ...row })) : timed;
  const verdicts = complete.map(check);
  const accepted = complete.filter((_, i) => verdicts[i]?.refused === '');
  const scores = await scorer.scoreRows(accepted);
  let next = 0;
  return complete.map((row, i) => {
    const refused = verdicts[i]?.refused ?? '';
    return {
      id: uuidv7(),
      score: refused === '' ? (scores[next++] ?? Number.NaN) : Number.NaN,
      flags: [...(features?.[i]?.flags ?? []), ...(verdicts[i]?.flags ?? [])],
      refused,
      eventTime: when[i] ?? now,
      predictTime: now,
      inputs: loaded.cells(row),
    };
  });
}

const timeOf = (cell: FeedCell | undefined): Date | undefined => (cell instanceof Date ? cell : typeof cell === 'bigint' ? new Date(Number(cell / 1000n)) : undefined);
