import { createHash } from 'node:crypto';
import { canonicalJson, type Column, type ColumnType, type Schema } from '@millrace/core';
import { errors } from '../errors.js';

export const FOLDS = ['COUNT', 'SUM', 'MIN', 'MAX', 'MEAN', 'VARIANCE', 'STDDEV', 'QUANTILE', 'DISTINCT'] as const;
export type Fold = (typeof FOLDS)[number];

/** One column of a rollup. */
export interface RollupColumn {
  readonly name: string;
  readonly fold: Fold;
  /** Empty for COUNT of all rows. */
  readonly column: string;
  /** For QUANTILE. */
  readonly share: number;
}

/** A dataset that is made from a finer one: a row for each group in each window of time. */
export interface Rollup {
  /** The version that is rolled up, by its resource name. */
  readonly of: string;
  /** Columns whose values make the groups. */
  readonly by: readonly string[];
  /** Length of a window in microseconds; windows begin at whole multiples of it since 1970. */
  readonly every: number;
  readonly columns: readonly RollupColumn[];
}

/** What is rolled up. */
export interface Finer {
  readonly schema: Schema;
  readonly eventTime: string;
}

/** The bounds of a window: it holds the times from `since` to before `until`, and nobody knows a row of it before `until`. */
export const SINCE = 'since';
export const UNTIL = 'until';
const MAX_COLUMNS = 200;
const LEAST_WINDOW = 1_000_000;
const LONGEST_WINDOW = 366 * 86_400_000_000;
const NUMBERS: readonly ColumnType[] = ['INT64', 'FLOAT64', 'BOOL'];
const GROUPS: readonly ColumnType[] = ['STRING', 'INT64', 'BOOL', 'TIMESTAMP'];

/** Throws INVALID_SOURCE where a rollup asks what its dataset does not have. */
export function checkRollup({ of, by, every, columns }: Rollup, { schema, eventTime }: Finer): void {
  const fault = (place: string, why: string): Error => errors.INVALID_SOURCE({ why: `source.rollup${place} ${why}` });
  const types = new Map(schema.map(({ name, type }) => [name, type]));
  if (eventTime === '') throw fault('.of', `names ${of}, which has no event time to cut windows by; give its contract an event_time`);
  if (!Number.isInteger(every) || every < LEAST_WINDOW || every > LONGEST_WINDOW) throw fault('.every', 'must be from one second to 366 days');
  if (columns.length === 0 || columns.length > MAX_COLUMNS) throw fault('.columns', `must be 1 to ${MAX_COLUMNS}`);
  const taken = new Set([SINCE, UNTIL]);
  for (const name of [...by, ...columns.map((column) => column.name)]) {
    // Names differ in SQL by more than their case.
    if (name === '' || taken.has(name.toLowerCase())) throw fault('', name === '' ? 'has a column without a name' : `makes the column "${name}" twice; "${SINCE}" and "${UNTIL}" are its own`);
    taken.add(name.toLowerCase());
  }
  for (const name of by) if (!GROUPS.includes(types.get(name) ?? 'FLOAT64')) throw fault('.by', types.has(name) ? `"${name}" is ${types.get(name)} and tells no groups apart; name a STRING, INT64, BOOL or TIMESTAMP column` : `"${name}" is no column of ${of}`);
  for (const { name, fold, column, share } of columns) {
    const type = types.get(column);
    if (column === '' && fold === 'COUNT') continue;
    if (type === undefined) throw fault(`.columns.${name}`, `folds "${column}", which is no column of ${of}`);
    if (fold !== 'COUNT' && fold !== 'DISTINCT' && !NUMBERS.includes(type)) throw fault(`.columns.${name}`, `cannot fold "${column}" of type ${type} by ${fold}; count it, or count its different values`);
    if (fold === 'QUANTILE' && !(share >= 0 && share <= 1)) throw fault(`.columns.${name}`, 'needs a share from 0 to 1');
  }
}

/** The columns that a rollup makes. */
export function rollupSchema({ by, columns }: Rollup, { schema }: Finer): Schema {
  const typeOf = (name: string): ColumnType => schema.find((column) => column.name === name)?.type ?? 'FLOAT64';
  return [
    ...by.map((name): Column => ({ name, type: typeOf(name), nullable: true })),
    { name: SINCE, type: 'TIMESTAMP', nullable: false },
    { name: UNTIL, type: 'TIMESTAMP', nullable: false },
    ...columns.map(({ name, fold, column }): Column => ({ name, type: figureType(fold, typeOf(column)), nullable: fold !== 'COUNT' && fold !== 'DISTINCT' })),
  ];
}

/** The type of a figure. */
export function figureType(fold: Fold, type: ColumnType): ColumnType {
  switch (fold) {
    case 'COUNT':
    case 'DISTINCT':
      return 'INT64';
    case 'SUM':
    case 'MIN':
    case 'MAX':
      return type === 'FLOAT64' ? 'FLOAT64' : 'INT64';
    case 'MEAN':
    case 'VARIANCE':
    case 'STDDEV':
    case 'QUANTILE':
      return 'FLOAT64';
  }
}

/** The source columns that are folded, each once. */
export const foldedColumns = ({ columns }: Rollup): readonly string[] => [...new Set(columns.map(({ column }) => column).filter((column) => column !== ''))];

/** What partials hang on, as a digest: partials of equal meaning can be merged. Names of the figures, and quantiles of a column that has one, are no part of it. */
export const meaningOf = (rollup: Rollup, { eventTime }: Finer): string =>
  `sha256:${createHash('sha256').update(canonicalJson({ by: rollup.by, every: rollup.every, eventTime, parts: partsOf(rollup), version: 1 })).digest('hex')}`;

/** A kind of partial: rows, counts, sums, sums of squares and of what their rounding lost, extremes, buckets, hashes. */
export type PartKind = 'n' | 'c' | 's' | 'p' | 'q' | 'l' | 'h' | 'b' | 'd';

/** One partial: its kind, and its place among the folded columns. */
export interface Part {
  readonly kind: PartKind;
  readonly column: string;
  readonly name: string;
}

const PARTS: Readonly<Record<Fold, readonly PartKind[]>> = {
  COUNT: ['c'],
  SUM: ['c', 's'],
  MIN: ['l', 'h'],
  MAX: ['l', 'h'],
  MEAN: ['c', 's'],
  VARIANCE: ['c', 's', 'p', 'q'],
  STDDEV: ['c', 's', 'p', 'q'],
  QUANTILE: ['l', 'h', 'b'],
  DISTINCT: ['d'],
};

/** The partials that a rollup needs, each once. */
export function partsOf(rollup: Rollup): readonly Part[] {
  const folded = foldedColumns(rollup);
  const parts = folded.flatMap((column, i) => {
    const kinds = new Set(rollup.columns.filter((one) => one.column === column).flatMap(({ fold }) => PARTS[fold]));
    return [...kinds].sort().map((kind): Part => ({ kind, column, name: `${kind}${i}` }));
  });
  return [{ kind: 'n', column: '', name: 'n' }, ...parts];
}
