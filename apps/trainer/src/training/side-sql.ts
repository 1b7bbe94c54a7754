import { DUCKDB } from '@millrace/plan';
import { engine, ident, number } from '@millrace/tables';
import { isDrawn } from '../split.js';
import type { TrainingSpec } from '../training-spec.js';

export type Part = 'training' | 'evaluation';

/** SQL of whether a row stands on a side of the split. It looks at the row alone, so that neither threads nor other rows can move it. */
export function sideSql({ split, schema, eventTime }: Pick<TrainingSpec, 'split' | 'schema' | 'eventTime'>, part: Part): string {
  const time = ident(eventTime);
  if (!isDrawn(split)) {
    const [from, to] = part === 'training' ? [split.trainFrom, split.trainTo] : [split.evaluateFrom, split.evaluateTo];
    return `${time} >= ${engine.time(String(from))} AND ${time} < ${engine.time(String(to))}`;
  }
  const begins = split.from === undefined ? '' : `${time} >= ${engine.time(String(split.from))} AND `;
  const value = split.by === 'group' ? groupSql(split.column) : `concat_ws(chr(31), ${schema.map(({ name }) => groupSql(name)).join(', ')})`;
  const evaluates = `${DUCKDB.draw(`${Math.trunc(split.seed)}:`, value)} < ${number(split.share)}`;
  return `${begins}${time} < ${engine.time(String(split.to))} AND ${part === 'evaluation' ? evaluates : `NOT (${evaluates})`}`;
}

/** SQL of a cell as a group; rows without one are one group. */
export const groupSql = (column: string): string => `coalesce(${engine.text(ident(column))}, '')`;
