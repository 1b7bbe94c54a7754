import { isError, uuidv7 } from '@millrace/core';
import type { FeedCell, FeedRow } from '@millrace/plan';
import { endpointName } from './endpoint.js';
import { errors } from './errors.js';
import type { GuardFlag } from './guard.js';
import type { LoadedEndpoint } from './loaded-endpoint.js';

export const MAX_ROWS = 10_000;

/** What a request asks, whatever door it came through. Cells are as the signature types them; those that are missing are not there. */
export interface Question {
  readonly rows: readonly FeedRow[];
  /** None, or one a row. */
  readonly times: readonly Date[];
  /** So many inputs that moved each score most are told; 0 means none. */
  readonly contributions?: number;
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
  /** Of the request; empty without a trace. */
  readonly traceId: string;
  readonly inputs: readonly FeedCell[];
  /** What the request brought beside the inputs, such as keys of features. */
  readonly asked: FeedRow;
}

/** Features by name with their status, for one row. */
export interface RowFeatures {
  readonly values: FeedRow;
  readonly flags: readonly GuardFlag[];
}

/** Reads features by the keys that rows have, as of their times. */
export type ReadFeatures = (rows: readonly FeedRow[], times: readonly Date[]) => Promise<readonly RowFeatures[]>;

/** Answers a question: features, model, guard. Refused rows get no score. */
export async function predict(loaded: LoadedEndpoint, { rows, times }: Question, { readFeatures, now, traceId = '' }: { readFeatures: ReadFeatures | undefined; now: Date; traceId?: string }): Promise<readonly LoggedPrediction[]> {
  const { scorer, check } = loaded;
  if (rows.length === 0) throw errors.NO_ROWS({});
  if (rows.length > MAX_ROWS) throw errors.TOO_MANY_ROWS({ rows: String(rows.length), limit: String(MAX_ROWS) });
  if (times.length > 0 && times.length !== rows.length) throw errors.TIMES_MISMATCH({ rows: String(rows.length), times: String(times.length) });
  const { eventTime } = scorer.artifact.signature;
  const when = rows.map((row, i) => times[i] ?? timeOf(row[eventTime]) ?? now);
  when.forEach((time, row) => {
    if (Number.isNaN(time.getTime())) throw errors.TIME_INVALID({ row: String(row) });
  });
  const timed = eventTime === '' ? rows : rows.map((row, i) => (row[eventTime] === undefined ? { ...row, [eventTime]: when[i] } : row));
  // Without a feature service every column is an input; with one, others may be keys.
  if (readFeatures === undefined) checkColumns(loaded, timed);
  const features = readFeatures && (await featuresOf(loaded, { rows: timed, when, readFeatures }));
  const complete = features ? timed.map((row, i) => ({ ...features.get(i)?.values, ...row })) : timed;
  // Also those that the guard refuses: so the rows keep their numbers in what the scorer says of a wrong cell.
  const scores = await scorer.scoreRows(complete);
  return complete.map((row, i) => {
    const { flags, refused: byGuard } = check(row);
    const found = features?.get(i)?.flags;
    const score = scores[i] ?? Number.NaN;
    const refused = byGuard === '' && Number.isNaN(score) ? NO_SCORE : byGuard;
    return {
      id: uuidv7(),
      score: refused === '' ? score : Number.NaN,
      flags: found ? [...found, ...flags] : flags,
      refused,
      eventTime: when[i] ?? now,
      predictTime: now,
      traceId,
      inputs: loaded.cells(row),
      asked: readFeatures === undefined ? {} : besideInputs(loaded, rows[i] ?? {}),
    };
  });
}

const besideInputs = ({ types }: LoadedEndpoint, row: FeedRow): FeedRow => Object.fromEntries(Object.entries(row).filter(([column]) => !types.has(column)));

/** Such as a linear model of a row that lacks what it was not fitted to lack. */
const NO_SCORE = 'the model gives no score for this row';
const MICROS_A_MILLI = 1_000;

/** A time of the event; microseconds before 1970 also go down to the millisecond that they lie in. */
function timeOf(cell: FeedCell | undefined): Date | undefined {
  if (cell instanceof Date) return cell;
  return typeof cell === 'bigint' || typeof cell === 'number' ? new Date(Math.floor(Number(cell) / MICROS_A_MILLI)) : undefined;
}

function checkColumns({ types, inputs, endpoint }: LoadedEndpoint, rows: readonly FeedRow[]): void {
  rows.forEach((row, index) => {
    for (const column in row) if (!types.has(column)) throw errors.COLUMN_UNKNOWN({ row: String(index), column, endpoint: endpointName.format(endpoint), inputs: inputs.join(', ') });
  });
}

/** Features of the rows that lack an input, by the number of the row; what a row brings itself is neither read nor flagged. */
async function featuresOf({ inputs, types }: LoadedEndpoint, { rows, when, readFeatures }: { rows: readonly FeedRow[]; when: readonly Date[]; readFeatures: ReadFeatures }): Promise<ReadonlyMap<number, RowFeatures>> {
  const lacking = rows.flatMap((row, i) => (inputs.some((name) => row[name] === undefined) ? [i] : []));
  if (lacking.length === 0) return new Map();
  const asked = lacking.map((i) => rows[i] ?? {});
  const found = await readFeatures(asked, lacking.map((i) => when[i] ?? new Date())).catch((error: unknown) => {
    if (!isError(error, 'features.millrace', 'KEY_MISSING')) throw error;
    const { index, column = '' } = error.metadata;
    throw errors.KEY_MISSING({ row: String(lacking[Number(index)]), column }, { cause: error });
  });
  return new Map(lacking.map((row, i) => [row, { values: found[i]?.values ?? {}, flags: (found[i]?.flags ?? []).filter(({ column }) => types.has(column) && asked[i]?.[column] === undefined) }]));
}
