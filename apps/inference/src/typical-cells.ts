import type { ColumnType } from '@millrace/core';
import type { Reference } from '@millrace/ml';
import type { FeedCell } from '@millrace/plan';

const MICROS_A_MILLI = 1_000;

/** What was typical of each input in training: the median within the bins of its reference, or the most frequent text; undefined where most were missing. */
export const typicalCells = ({ columns }: Reference, types: ReadonlyMap<string, ColumnType>): ReadonlyMap<string, FeedCell> =>
  new Map(
    columns.flatMap((column) => {
      const type = types.get(column.name);
      return type === undefined ? [] : [[column.name, typicalOf(column, type)] as const];
    }),
  );

function typicalOf(column: Reference['columns'][number], type: ColumnType): FeedCell {
  const known = column.counts.reduce((sum, count) => sum + count, column.kind === 'category' ? column.other : 0);
  if (column.missing > known) return undefined;
  return column.kind === 'category' ? column.values[0] : cellOf(medianOf(column.counts, [column.min, ...column.edges, column.max]), type);
}

/** The upper bound of the bin in which the middle row lies: a value that the reference held. */
function medianOf(counts: readonly number[], bounds: readonly number[]): number {
  const half = counts.reduce((sum, count) => sum + count, 0) / 2;
  let rows = 0;
  const bin = counts.findIndex((count) => (rows += count) >= half);
  return bounds[bin + 1] ?? 0;
}

function cellOf(value: number, type: ColumnType): FeedCell {
  if (type === 'INT64') return BigInt(Math.round(value));
  if (type === 'BOOL') return value >= 0.5;
  return type === 'TIMESTAMP' ? new Date(Math.floor(value / MICROS_A_MILLI)) : value;
}
