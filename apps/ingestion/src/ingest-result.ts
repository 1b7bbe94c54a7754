import type { Column } from '@millrace/core';
import type { ExpectationResult } from './cleaning/expectation.js';
import type { Contract } from './contract.js';
import type { Partition } from './partition.js';
import type { Profile } from './profiling/merge-profiles.js';
import type { Cursor } from './reading/source.js';
import type { KeptPartials } from './rollup/roll-up.js';
import type { RowCounts, TableObject } from './table-object.js';

/** What came of a run that did not fail. */
export interface IngestResult {
  /** The contract with its columns, inferred where it named none. */
  readonly contract: Contract;
  readonly schema: readonly Column[];
  /** New rows; undefined when none was kept, and where the version is cut by time. */
  readonly object: TableObject | undefined;
  /** Every part of the new version, where it is cut by time. */
  readonly partitions?: readonly Partition[];
  /** Parts that an earlier attempt had made. */
  readonly resumed?: number;
  readonly counts: RowCounts;
  readonly quarantine: TableObject | undefined;
  readonly ledger: TableObject | undefined;
  /** Dropped rows with the row that stays. */
  readonly duplicates: TableObject | undefined;
  /** What a rollup keeps for the next one. */
  readonly rollup?: KeptPartials | undefined;
  /** Of the new rows; of the whole version, where it is cut by time. */
  readonly profile: Profile;
  readonly expectations: readonly ExpectationResult[];
  /** Of the new rows, in microseconds. */
  readonly eventTimeMin: bigint | undefined;
  readonly eventTimeMax: bigint | undefined;
  /** Where the next run goes on that reads this source. */
  readonly cursor: Cursor | undefined;
}
