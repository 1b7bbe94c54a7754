import type { ColumnType } from '@millrace/core';
import type { Histogram } from './histogram.js';

export type DistinctKind = 'EXACT' | 'ESTIMATED' | 'AT_LEAST';

/** How often one value stands in a column. */
export interface ValueCount {
  readonly value: string;
  readonly count: number;
}

/** What one column holds. Times are microseconds. What is optional beside figures of numbers is absent in versions of before it was kept. */
export interface ColumnProfile {
  readonly column: string;
  readonly type: ColumnType;
  readonly missing: number;
  readonly distinct: number;
  readonly distinctKind?: DistinctKind;
  readonly min?: number;
  readonly max?: number;
  /** Of INT64, to the last digit. */
  readonly minInt64?: bigint;
  readonly maxInt64?: bigint;
  readonly mean?: number;
  readonly stddev?: number;
  /** 0 %, 5 %, 25 %, 50 %, 75 %, 95 %, 100 %. */
  readonly quantiles: readonly number[];
  readonly quantilesExact?: boolean;
  readonly histogram?: Histogram;
  readonly top: readonly ValueCount[];
  readonly topComplete?: boolean;
}

export const PROFILE_QUANTILES = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1] as const;
export const MAX_TOP = 20;
