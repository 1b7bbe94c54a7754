import type { Cell } from '@millrace/core';
import type { FeatureStatus } from './online/view-answers.js';

/** One feature of one key as of a time, with what it was made of. Times are microseconds. */
export interface ExplainedFeature {
  /** As people are told of it. */
  readonly feature: string;
  readonly value: Cell;
  readonly status: FeatureStatus;
  readonly view: string;
  /** Empty for a view on demand. */
  readonly datasetVersion: string;
  /** When rows could first be known that were folded; undefined where the newest rows were looked at. */
  readonly window: { readonly from: number; readonly to: number } | undefined;
  readonly rows: bigint;
  /** Of these, those that no version holds yet. */
  readonly pushed: bigint;
  /** Pushed rows that it may have been made of are no longer kept. */
  readonly incomplete: boolean;
  /** Undefined where no row could be known. */
  readonly newestEvent: number | undefined;
  /** Newest event of the version. */
  readonly through: number | undefined;
  /** What a formula reads. */
  readonly reads: readonly string[];
}

/** One row that a feature was made of. Times are microseconds. */
export interface SourceRow {
  /** In the version or in the push, from 1. */
  readonly place: bigint;
  /** The number of the push; 0 for a row of the version. */
  readonly push: bigint;
  readonly event: number;
  readonly known: number;
  readonly value: Cell;
  readonly cells: Readonly<Record<string, Cell>>;
}

/** What a value is worth: without one, whether the newest event is too old or there is nothing. */
export function statusOf(value: Cell, { newestEvent, time, ttl }: { readonly newestEvent: number | undefined; readonly time: number; readonly ttl: number }): FeatureStatus {
  if (value !== undefined) return 'PRESENT';
  return newestEvent !== undefined && ttl > 0 && newestEvent < time - ttl ? 'EXPIRED' : 'NOT_FOUND';
}

/** Whether rows may be lost that a value was made of: of events after the version, and known since the window began; what looks at the newest rows has no such begin. */
export const isIncomplete = ({ through, forgotten, from = -Infinity }: { readonly through: number | undefined; readonly forgotten: number | undefined; readonly from: number | undefined }): boolean => forgotten !== undefined && forgotten > Math.max(from, through ?? -Infinity);
