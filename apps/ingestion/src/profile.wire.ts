import {
  type ColumnProfile as ProfileMessage,
  ColumnProfile_DistinctKind as DistinctMessage,
  type Correlation as CorrelationMessage,
  type Histogram as HistogramMessage,
} from '@millrace/contracts/millrace/ingestion/v1/dataset';
import { type DatasetComparison as ComparisonMessage, SchemaChange_Kind as ChangeMessage } from '@millrace/contracts/millrace/ingestion/v1/dataset_comparison';
import { columnTypeMessage } from './contract.wire.js';
import { type DatasetVersion, datasetVersionName } from './dataset.js';
import type { ColumnProfile, DistinctKind } from './profiling/column-profile.js';
import type { SchemaChangeKind, VersionComparison } from './profiling/compare-versions.js';
import { type CoMoments, correlationOf } from './profiling/correlation.js';
import type { Histogram } from './profiling/histogram.js';

const DISTINCT: Record<DistinctKind, DistinctMessage> = { EXACT: DistinctMessage.EXACT, ESTIMATED: DistinctMessage.ESTIMATED, AT_LEAST: DistinctMessage.AT_LEAST };
const CHANGES: Record<SchemaChangeKind, ChangeMessage> = { ADDED: ChangeMessage.ADDED, REMOVED: ChangeMessage.REMOVED, TYPE_CHANGED: ChangeMessage.TYPE_CHANGED, NULLABLE_CHANGED: ChangeMessage.NULLABLE_CHANGED };

export const toProfile = ({ column, type, missing, distinct, distinctKind, min, max, minInt64, maxInt64, mean, stddev, quantiles, quantilesExact, histogram, top, topComplete }: ColumnProfile): ProfileMessage => ({
  column,
  type: columnTypeMessage(type),
  missing: BigInt(missing),
  distinct: BigInt(distinct),
  distinctKind: toDistinctKind(distinctKind),
  min,
  max,
  minInt64,
  maxInt64,
  mean,
  stddev,
  quantiles: [...quantiles],
  quantilesExact: quantilesExact ?? false,
  histogram: histogram && toHistogram(histogram),
  top: top.map(({ value, count }) => ({ value, count: BigInt(count) })),
  topComplete: topComplete ?? false,
});

const toDistinctKind = (kind: DistinctKind | undefined): DistinctMessage => (kind === undefined ? DistinctMessage.UNSPECIFIED : DISTINCT[kind]);

const toHistogram = ({ exponent, first, counts }: Histogram): HistogramMessage => ({ width: 2 ** exponent, first: BigInt(first), counts: counts.map(BigInt) });

/** Pairs of which one never varies have no correlation. */
export const toCorrelations = (pairs: readonly CoMoments[]): CorrelationMessage[] =>
  pairs.flatMap((pair) => {
    const r = correlationOf(pair);
    return r === undefined ? [] : [{ left: pair.left, right: pair.right, r, rows: BigInt(Math.round(pair.rows)) }];
  });

export const toComparison = (base: DatasetVersion, other: DatasetVersion, { sameContent, schemaChanges, columns }: VersionComparison): ComparisonMessage => ({
  base: datasetVersionName.format(base),
  other: datasetVersionName.format(other),
  sameContent,
  baseRows: BigInt(base.rows),
  otherRows: BigInt(other.rows),
  schemaChanges: schemaChanges.map(({ kind, ...change }) => ({ ...change, kind: CHANGES[kind] })),
  columns: columns.map((shift) => ({
    column: shift.column,
    type: columnTypeMessage(shift.type),
    psi: shift.distances?.psi,
    js: shift.distances?.js,
    baseMissingShare: shift.missingShares[0],
    otherMissingShare: shift.missingShares[1],
    baseDistinct: BigInt(shift.base.distinct),
    otherDistinct: BigInt(shift.other.distinct),
    baseDistinctKind: toDistinctKind(shift.base.distinctKind),
    otherDistinctKind: toDistinctKind(shift.other.distinctKind),
    quantiles: shift.quantiles.map((quantile) => ({ ...quantile })),
    baseMean: shift.base.mean,
    otherMean: shift.other.mean,
  })),
});
