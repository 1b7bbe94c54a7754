import { ident, number } from '@millrace/tables';
import { isDrawn } from '../split.js';
import type { TrainingSpec } from '../training-spec.js';

export type Part = 'training' | 'evaluation';

/** SQL of whether a row stands on a side of the split. It looks at the row alone, so that neither threads nor other rows can move it. */
export function sideSql({ split, schema, eventTime }: Pick<TrainingSpec, 'split' | 'schema' | 'eventTime'>, part: Part): string {
  const time = ident(eventTime);
  if (!isDrawn(split)) {
    const [from, to] = part === 'training' ? [split.trainFrom, split.trainTo] : [split.evaluateFrom, split.evaluateTo];
    return `${time} >= make_timestamp(${from}) AND ${time} < make_timestamp(${to})`;
  }
  const begins = split.from === undefined ? '' : `${time} >= make_timestamp(${split.from}) AND `;
  const value = split.by === 'group' ? groupSql(split.column) : `concat_ws(chr(31), ${schema.map(({ name }) => groupSql(name)).join(', ')})`;
  const evaluates = `${drawSql(value, split.seed)} < ${number(split.share)}`;
  return `${begins}${time} < make_timestamp(${split.to}) AND ${part === 'evaluation' ? evaluates : `NOT (${evaluates})`}`;
}

/** SQL of a cell as a group; rows without one are one group. */
export const groupSql = (column: string): string => `coalesce(CAST(${ident(column)} AS VARCHAR), '')`;

/** SQL of a number in [0, 1) that hangs on seed and text alone: the first 52 bits of MD5 of `seed:text`, which any program can compute again. */
const drawSql = (text: string, seed: number): string => `(CAST('0x' || substr(md5('${Math.trunc(seed)}:' || ${text}), 1, 13) AS BIGINT) / ${number(2 ** 52)})`;
