import { jensenShannon, psi } from '@millrace/ml';
import type { Column, ColumnType } from '@millrace/core';
import type { DatasetVersion } from '../dataset.js';
import { type ColumnProfile, PROFILE_QUANTILES } from './column-profile.js';
import { pairedBars } from './histogram.js';

export type SchemaChangeKind = 'ADDED' | 'REMOVED' | 'TYPE_CHANGED' | 'NULLABLE_CHANGED';

/** How one column of the schema differs. */
export interface SchemaChange {
  readonly column: string;
  readonly kind: SchemaChangeKind;
  readonly was: string;
  readonly is: string;
}

/** How far one quantile moved; `shift` is a part of the distance between the quartiles of the base. */
export interface QuantileShift {
  readonly share: number;
  readonly was: number;
  readonly is: number;
  readonly shift: number | undefined;
}

/** How the values of one column differ. */
export interface ColumnShift {
  readonly column: string;
  readonly type: ColumnType;
  /** Undefined where one of the two has nothing to compare. */
  readonly distances: { readonly psi: number; readonly js: number } | undefined;
  readonly missingShares: readonly [number, number];
  readonly base: ColumnProfile;
  readonly other: ColumnProfile;
  readonly quantiles: readonly QuantileShift[];
}

/** What moved from one version to another. */
export interface VersionComparison {
  readonly sameContent: boolean;
  readonly schemaChanges: readonly SchemaChange[];
  /** Those that moved most first. */
  readonly columns: readonly ColumnShift[];
}

/** What moved, read from the schemas and profiles of the two alone. */
export function compareVersions(base: DatasetVersion, other: DatasetVersion): VersionComparison {
  const theirs = new Map(other.profile.map((column) => [column.column, column]));
  const columns = base.profile.flatMap((column) => {
    const now = theirs.get(column.column);
    return now?.type === column.type ? [shiftOf(column, now, [base.rows, other.rows])] : [];
  });
  const moved = ({ distances }: ColumnShift): number => distances?.psi ?? -1;
  return { sameContent: base.digest === other.digest, schemaChanges: schemaChanges(base.schema, other.schema), columns: columns.sort((a, b) => moved(b) - moved(a)) };
}

function schemaChanges(base: readonly Column[], other: readonly Column[]): readonly SchemaChange[] {
  const [was, is] = [base, other].map((schema) => new Map(schema.map((column) => [column.name, column])));
  return [...new Set([...base, ...other].map(({ name }) => name))].flatMap((column): readonly SchemaChange[] => {
    const [before, after] = [was?.get(column), is?.get(column)];
    const kind = before === undefined ? 'ADDED' : after === undefined ? 'REMOVED' : before.type !== after.type ? 'TYPE_CHANGED' : before.nullable !== after.nullable ? 'NULLABLE_CHANGED' : undefined;
    return kind === undefined ? [] : [{ column, kind, was: inWords(before), is: inWords(after) }];
  });
}

const inWords = (column: Column | undefined): string => (column === undefined ? '' : `${column.type}${column.nullable ? ', may be missing' : ''}`);

function shiftOf(base: ColumnProfile, other: ColumnProfile, rows: readonly [number, number]): ColumnShift {
  const bars = rows[0] === 0 || rows[1] === 0 ? undefined : barsOf(base, other, [rows[0] - base.missing, rows[1] - other.missing]);
  const counts = bars && [...bars, [base.missing, other.missing] as const];
  const [before, after] = [0, 1].map((side) => counts?.map((pair) => pair[side] ?? 0) ?? []);
  return {
    column: base.column,
    type: base.type,
    distances: before && after && counts ? { psi: psi(before, after), js: jensenShannon(before, after) } : undefined,
    missingShares: [base.missing / Math.max(1, rows[0]), other.missing / Math.max(1, rows[1])],
    base,
    other,
    quantiles: quantileShifts(base.quantiles, other.quantiles),
  };
}

/** Counts side by side. Of a value that only one of two cut lists names nobody knows how often the other has it, so it counts among all others. */
function barsOf(base: ColumnProfile, other: ColumnProfile, present: readonly [number, number]): readonly (readonly [number, number])[] | undefined {
  if (base.histogram && other.histogram) return pairedBars(base.histogram, other.histogram);
  if (base.type !== 'STRING' && base.type !== 'BOOL') return undefined;
  const [was, is] = [base, other].map(({ top }) => new Map(top.map(({ value, count }) => [value, count])));
  const known = [...new Set([...base.top, ...other.top].map(({ value }) => value))].filter((value) => (was?.has(value) || base.topComplete === true) && (is?.has(value) || other.topComplete === true));
  const bars = known.map((value) => [was?.get(value) ?? 0, is?.get(value) ?? 0] as const);
  const rest = ([0, 1] as const).map((side) => Math.max(0, present[side] - bars.reduce((sum, bar) => sum + bar[side], 0)));
  return [...bars, [rest[0] ?? 0, rest[1] ?? 0]];
}

function quantileShifts(was: readonly number[], is: readonly number[]): readonly QuantileShift[] {
  if (was.length !== PROFILE_QUANTILES.length || is.length !== PROFILE_QUANTILES.length) return [];
  const quartiles = (was[PROFILE_QUANTILES.indexOf(0.75)] ?? 0) - (was[PROFILE_QUANTILES.indexOf(0.25)] ?? 0);
  return PROFILE_QUANTILES.map((share, i) => {
    const [before, after] = [was[i] ?? 0, is[i] ?? 0];
    return { share, was: before, is: after, shift: quartiles > 0 ? (after - before) / quartiles : undefined };
  });
}
