import type { Column } from '@millrace/core';
import type { ObjectRef, ObjectStore } from '@millrace/objects';
import type { Tables } from '@millrace/tables';
import type { Checkpoints } from './checkpoints.js';
import type { ExpectationResult } from './cleaning/expectation.js';
import { refuseBadPatterns } from './cleaning/whole-rules.js';
import type { Contract } from './contract.js';
import { errors } from './errors.js';
import { ingestPartitions } from './ingest-partitions.js';
import { ingestWhole, INGEST_STEPS } from './ingest-whole.js';
import { type Partition, type Partitioning, partitioningInWords } from './partition.js';
import type { Profile } from './profiling/merge-profiles.js';
import type { Cursor, Source } from './reading/source.js';
import type { SourceRules } from './reading/source-kind.js';
import type { KeptPartials, RollupInput } from './rollup/roll-up.js';

/** A Parquet object with its number of rows. */
export interface TableObject extends ObjectRef {
  readonly rows: number;
}

/** Where every input row went: read = kept + duplicates + quarantined. */
export interface RowCounts {
  readonly read: number;
  readonly kept: number;
  readonly duplicates: number;
  readonly quarantined: number;
  readonly repaired: number;
  readonly cellsRepaired: number;
}

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

/** Reads a source through its contract: one pass to typed rows, faults and duplicates set aside, the rest as one Parquet object, or as one for each part where the contract cuts by time. */
export async function ingest(argument: IngestArgument, options: IngestOptions): Promise<IngestResult> {
  options.progress('read', 0, INGEST_STEPS);
  await refuseBadPatterns(options.tables, argument.contract);
  const partitioning = partitioningOf(argument);
  if (partitioning) return ingestPartitions({ ...argument, contract: { ...argument.contract, partition: partitioning } }, options);
  if (argument.backfill) throw errors.INVALID_SOURCE({ why: 'a backfill replaces parts, and the dataset is not cut by time; say in contract.partition how it is to be, or append' });
  return ingestWhole(argument, options);
}

/** Cut as the contract says, else as the version is that is appended to; PARTITIONS_DIFFER where they say different things. */
function partitioningOf({ contract, parent: base }: IngestArgument): Partitioning | undefined {
  const [ours, theirs] = [contract.partition, base?.partitioning];
  if (base && ours && (ours.by !== theirs?.by || ours.column !== theirs.column)) throw errors.PARTITIONS_DIFFER({ version: base.version, theirs: partitioningInWords(theirs), ours: partitioningInWords(ours) });
  return ours ?? theirs;
}
