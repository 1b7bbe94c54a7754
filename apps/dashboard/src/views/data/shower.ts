import { ColumnProfile_DistinctKind as DistinctKind } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import { bare } from '../../parts/meaning.js';
import { figure } from '../../text.js';

/** Whether the values of a column are times, which are microseconds in a profile. */
export const isTime = (type: string): boolean => bare(type) === 'TIMESTAMP';

/** A value of a column as a person reads it. */
export const shower = (type: string): ((value: number) => string) => (isTime(type) ? (value) => new Date(value / 1_000).toISOString().slice(0, 10) : (value) => figure(value, 3));

/** A value of a column as a file keeps it. */
export const plainOf = (type: string, value: number | undefined): number | Date | undefined => (value !== undefined && isTime(type) ? new Date(value / 1_000) : value);

/** How a number of distinct values is meant. */
export const ABOUT: Readonly<Record<DistinctKind, string>> = { [DistinctKind.UNSPECIFIED]: '', [DistinctKind.EXACT]: '', [DistinctKind.ESTIMATED]: '≈ ', [DistinctKind.AT_LEAST]: '≥ ' };

/** The shares that quantiles of a profile stand for, in their order. */
export const SHARES = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1] as const;
