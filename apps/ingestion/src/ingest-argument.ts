import type { Column } from '@millrace/core';
import type { ObjectStore } from '@millrace/objects';
import type { Tables } from '@millrace/tables';
import type { Checkpoints } from './checkpoints.js';
import type { Contract } from './contract.js';
import type { Partition, Partitioning } from './partition.js';
import type { Cursor, Source } from './reading/source.js';
import type { SourceRules } from './reading/source-kind.js';
import type { RollupInput } from './rollup/roll-up.js';
import type { TableObject } from './table-object.js';

/** What is to be read. The path has been resolved against the allowed roots. */
export interface IngestArgument {
  readonly source: Source;
  readonly contract: Contract;
  /** What is appended to, or filled anew in part; undefined where the new rows stand alone. */
  readonly parent: Base | undefined;
  /** The parts within the time filter of the source are replaced. */
  readonly backfill: boolean;
  /** Where the last run stopped that read this source; undefined where all of it is read. */
  readonly cursor: Cursor | undefined;
  /** Of a rollup: what is rolled up, and what the version before kept. */
  readonly finer?: RollupInput | undefined;
  /** When the run was asked for, in milliseconds: freshness is judged by it. */
  readonly now: number;
  /** It is only looked at: columns that are inferred get names that a contract takes, where theirs are refused. */
  readonly renames?: boolean;
  /** Where buckets of sources are. */
  readonly s3: SourceRules['s3'];
}

/** The version that a run appends to. */
export interface Base {
  /** Its resource name. */
  readonly version: string;
  readonly schema: readonly Column[];
  readonly objects: readonly TableObject[];
  readonly eventTimeColumn: string;
  readonly partitioning: Partitioning | undefined;
  /** One for each object, where it is cut by time. */
  readonly partitions: readonly Partition[];
}

/** What a run works with. */
export interface IngestOptions {
  readonly tables: Tables;
  readonly objects: ObjectStore;
  /** Where finished parts are kept; without it an interrupted run begins anew. */
  readonly checkpoints?: Checkpoints;
  /** An empty folder that the tables may read, for what does not lie on this machine. */
  readonly directory: string;
  readonly signal: AbortSignal;
  readonly progress: (step: string, done: number, total: number) => void;
}
