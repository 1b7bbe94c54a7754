import type { ColumnType } from '@millrace/core';
import { errors } from './errors.js';
import type { TableObject } from './table-object.js';
import type { TimeFilter } from './reading/source.js';

/** How long one part of a dataset is that is cut by time, in UTC. */
export type PartitionBy = 'DAY' | 'MONTH';

/** How a dataset is cut by time. */
export interface Partitioning {
  readonly by: PartitionBy;
  /** A TIMESTAMP column. */
  readonly column: string;
}

/** One part of a version: its rows as one object, sorted by time and then by all columns, so that the same rows are the same bytes. */
export interface Partition {
  /** `2001-01-10` or `2001-01`. */
  readonly key: string;
  readonly object: TableObject;
  /** The object that holds the profile of its rows. */
  readonly profile: string;
  /** In microseconds; of the event time, where there is one. */
  readonly eventTimeMin: bigint | undefined;
  readonly eventTimeMax: bigint | undefined;
  /** The version in which it became what it is; 0 before one is made of it. */
  readonly since: number;
}

/** A range of time in microseconds, its end not within. */
export interface TimeRange {
  readonly from: bigint;
  readonly to: bigint;
}

/** Of one version: each is an object, and all of them are named in one event. */
export const MAX_PARTITIONS = 4_000;

const DAY_MICROS = 86_400_000_000n;

/** The time that the part of this key covers. */
export function rangeOf(key: string): TimeRange {
  const [year = 0, month = 1, day] = key.split('-').map(Number);
  const [from, to] = day === undefined ? [utc(year, month, 1), utc(year, month + 1, 1)] : [utc(year, month, day), utc(year, month, day) + DAY_MICROS];
  return { from, to };
}

/** Whether the part of this key lies within a range that begins and ends where parts do. */
export function isWithin(key: string, { from, to }: TimeRange): boolean {
  const part = rangeOf(key);
  return part.from >= from && part.to <= to;
}

/** Ranges that touch are told as one. */
export function joined(ranges: readonly TimeRange[]): readonly TimeRange[] {
  const sorted = ranges.toSorted((a, b) => (a.from < b.from ? -1 : 1));
  return sorted.reduce<TimeRange[]>((all, range) => {
    const last = all.at(-1);
    return last !== undefined && last.to === range.from ? [...all.slice(0, -1), { from: last.from, to: range.to }] : [...all, range];
  }, []);
}

/** The range that a backfill replaces; INVALID_SOURCE where the time filter is none, or cuts a part in two. */
export function backfillRange(filter: TimeFilter | undefined, { by, column }: Partitioning): TimeRange {
  const why = `a backfill replaces whole ${WORDS[by]}s of "${column}"`;
  if (filter?.from === undefined || filter.to === undefined) throw errors.INVALID_SOURCE({ why: `${why}; give source.time_filter with from and to` });
  if (filter.column !== column) throw errors.INVALID_SOURCE({ why: `${why}, and source.time_filter is about "${filter.column}"` });
  for (const [end, micros] of [['from', filter.from], ['to', filter.to]] as const) {
    if (!begins(micros, by)) throw errors.INVALID_SOURCE({ why: `${why}, and source.time_filter.${end} is ${new Date(Number(micros / 1000n)).toISOString()}, where no ${WORDS[by]} begins in UTC` });
  }
  if (filter.from >= filter.to) throw errors.INVALID_SOURCE({ why: `${why}, and source.time_filter ends before it begins` });
  return { from: filter.from, to: filter.to };
}

/** Finds contradictions in how a dataset is to be cut; gives the place and the reason. */
export function partitionFault({ column }: Partitioning, types: ReadonlyMap<string, ColumnType>): string | undefined {
  const type = types.get(column);
  if (type === undefined) return `column "${column}" is not in the contract`;
  return type === 'TIMESTAMP' ? undefined : `column "${column}" is ${type}, and parts are cut by a TIMESTAMP`;
}

/** As people say it. */
export const partitioningInWords = (partitioning: Partitioning | undefined): string => (partitioning === undefined ? 'not cut by time' : `cut by ${WORDS[partitioning.by]} of "${partitioning.column}"`);

const WORDS: Record<PartitionBy, string> = { DAY: 'day', MONTH: 'month' };

function begins(micros: bigint, by: PartitionBy): boolean {
  if (micros % DAY_MICROS !== 0n) return false;
  return by === 'DAY' || new Date(Number(micros / 1000n)).getUTCDate() === 1;
}

function utc(year: number, month: number, day: number): bigint {
  const date = new Date(0);
  // Date.UTC takes the years 0 to 99 for those of the last century.
  date.setUTCFullYear(year, month - 1, day);
  return BigInt(date.getTime()) * 1000n;
}
