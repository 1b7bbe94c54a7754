import { resourceName } from '@millrace/core';
import type { Column } from '@millrace/core';
import type { ExpectationResult } from './cleaning/expectation.js';
import type { RowCounts, TableObject } from './table-object.js';
import type { ColumnProfile } from './profiling/column-profile.js';
import type { Partition, Partitioning } from './partition.js';
import type { KeptPartials } from './rollup/roll-up.js';
import type { CoMoments } from './profiling/correlation.js';

export const datasetName = resourceName('datasets/{dataset}');
export const datasetVersionName = resourceName('datasets/{dataset}/versions/{version}');

/** A named table that grows by immutable versions. */
export interface Dataset {
  readonly dataset: string;
  readonly description: string;
  /** 0 before the first. */
  readonly latestVersion: number;
  readonly createTime: Date;
  readonly revision: number;
}

/** One immutable state of a dataset. */
export interface DatasetVersion {
  readonly dataset: string;
  readonly version: number;
  readonly digest: string;
  readonly schema: readonly Column[];
  readonly objects: readonly TableObject[];
  /** How it is cut by time, and its parts, one for each object; absent where it is not. */
  readonly partitioning?: Partitioning;
  readonly partitions?: readonly Partition[];
  readonly rows: number;
  readonly counts: RowCounts;
  readonly eventTimeColumn: string;
  readonly eventTimeMin: bigint | undefined;
  readonly eventTimeMax: bigint | undefined;
  /** Of the whole version. */
  readonly profile: readonly ColumnProfile[];
  readonly coMoments?: readonly CoMoments[];
  readonly expectations: readonly ExpectationResult[];
  readonly quarantine: TableObject | undefined;
  readonly ledger: TableObject | undefined;
  /** Absent in versions of before they were kept. */
  readonly duplicates?: TableObject | undefined;
  /** Of a rollup. */
  readonly rollup?: KeptPartials | undefined;
  readonly run: string;
  /** The version that was appended to; 0 for none. */
  readonly parent: number;
  readonly createTime: Date;
}

/** The digest of every object that a version is made of. */
export const digestsOf = ({ objects, partitions = [], quarantine, ledger, duplicates, rollup }: DatasetVersion): readonly string[] => [...[...objects, quarantine, ledger, duplicates, rollup?.partials].flatMap((object) => object?.digest ?? []), ...partitions.map(({ profile }) => profile)];
