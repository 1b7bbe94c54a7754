import { createHash } from 'node:crypto';
import { canonicalJson, resourceName } from '@millrace/core';
import { begun, ended, isFinal, type JobResource, PENDING } from '@millrace/service';
import type { Contract } from './contract.js';
import { type Dataset, type DatasetVersion } from './dataset.js';
import { errors } from './errors.js';
import type { IngestResult } from './ingest-result.js';
import type { RowCounts } from './table-object.js';
import { mergeProfiles } from './profiling/merge-profiles.js';
import type { Partition, Partitioning } from './partition.js';
import type { Cursor, IngestionMode, Source } from './reading/source.js';

export const ingestionRunName = resourceName('ingestionRuns/{run}');

/** One reading of a source into a dataset. */
export interface IngestionRun extends JobResource {
  readonly dataset: string;
  readonly source: Source;
  readonly contract: Contract;
  readonly mode: IngestionMode;
  /** Set when SUCCEEDED. */
  readonly version: number | undefined;
  readonly counts: RowCounts | undefined;
  /** It found nothing new, and `version` was there before. */
  readonly unchanged?: boolean;
  /** Parts that an interrupted attempt had made. */
  readonly resumed?: number;
}

/** Rows and events that one decision changes, saved together. */
export interface Change {
  readonly run: IngestionRun;
  readonly dataset?: Dataset;
  readonly version?: DatasetVersion;
  readonly failed?: boolean;
  /** How far the source has been read now. */
  readonly cursor?: Cursor;
}

/** What a caller gives of a run. */
export type RunDraft = Pick<IngestionRun, 'dataset' | 'source' | 'contract' | 'mode' | 'requestId'>;

export const newRun = (id: string, draft: RunDraft, now: Date): IngestionRun => ({ ...draft, id, subject: draft.dataset, status: PENDING, version: undefined, counts: undefined, createTime: now });

export const beginRun = (run: IngestionRun, now: Date): Change => ({ run: { ...run, status: begun(run.status, now) } });

/** Ends a run without a version. */
export const failRun = (run: IngestionRun, error: unknown, now: Date): Change => ({ run: { ...run, status: ended(run.status, now, error) }, failed: true });

/** Refuses to cancel what has ended. */
export function refuseFinal({ id, status }: IngestionRun): void {
  if (isFinal(status)) throw errors.INGESTION_RUN_FINAL({ name: ingestionRunName.format({ run: id }), state: status.state });
}

/**
 * Ends a run with the version that it made. `latest` is the version that it appended to.
 * A run that added nothing to what is there makes no version: it points at the one that holds its rows already.
 */
export function completeRun(run: IngestionRun, { result, dataset, latest, now }: { result: IngestResult; dataset: Dataset; latest: DatasetVersion | undefined; now: Date }): Change {
  const done = (version: number, unchanged = false): IngestionRun => ({ ...run, contract: result.contract, status: ended(run.status, now), version, counts: result.counts, unchanged, resumed: result.resumed ?? 0 });
  // A backfill reads what others have read before or will read: it moves nobody's place.
  const cursor = result.cursor && run.mode !== 'BACKFILL' ? { cursor: result.cursor } : {};
  if (latest && result.counts.read === 0) return { run: done(latest.version, true), ...cursor };
  const base = run.mode === 'REPLACE' ? undefined : latest;
  const objects = result.partitions?.map(({ object }) => object) ?? [...(base?.objects ?? []), ...(result.object ? [result.object] : [])];
  // A column that may be empty in the old rows or in the new ones may be empty.
  const schema = result.schema.map((column, i) => ({ ...column, nullable: column.nullable || base?.schema[i]?.nullable === true }));
  const { partition } = result.contract;
  const digest = versionDigest({ schema, eventTime: result.contract.eventTime, objects: objects.map((object) => object.digest), ...(partition ? { partition } : {}) });
  if (latest && latest.digest === digest) return { run: done(latest.version, true), ...cursor };
  const number = dataset.latestVersion + 1;
  const profile = base && !result.partitions ? mergeProfiles({ rows: base.rows, columns: base.profile, coMoments: base.coMoments ?? [] }, result.profile) : result.profile;
  const version: DatasetVersion = {
    dataset: dataset.dataset,
    version: number,
    digest,
    schema,
    objects,
    ...(partition && result.partitions ? { partitioning: partition, partitions: sinceOf(result.partitions, { base, number }) } : {}),
    rows: objects.reduce((sum, object) => sum + object.rows, 0),
    counts: result.counts,
    eventTimeColumn: result.contract.eventTime,
    ...(result.partitions ? eventTimes(result.partitions) : { eventTimeMin: smallest(base?.eventTimeMin, result.eventTimeMin), eventTimeMax: largest(base?.eventTimeMax, result.eventTimeMax) }),
    profile: profile.columns,
    coMoments: profile.coMoments,
    expectations: result.expectations,
    quarantine: result.quarantine,
    ledger: result.ledger,
    duplicates: result.duplicates,
    ...(result.rollup ? { rollup: result.rollup } : {}),
    run: run.id,
    parent: base?.version ?? 0,
    createTime: now,
  };
  return { run: done(number), ...cursor, dataset: { ...dataset, latestVersion: number, revision: dataset.revision + 1 }, version };
}

/** Equal schema and equal objects in equal order give an equal digest, whenever and wherever they were ingested. */
const versionDigest = (content: Pick<DatasetVersion, 'schema'> & { readonly eventTime: string; readonly objects: readonly string[]; readonly partition?: Partitioning }): string => `sha256:${createHash('sha256').update(canonicalJson(content)).digest('hex')}`;

/** A part that the version before has just so has been what it is since then. */
function sinceOf(partitions: readonly Partition[], { base, number }: { base: DatasetVersion | undefined; number: number }): readonly Partition[] {
  const before = new Map((base?.partitions ?? []).map((partition) => [partition.key, partition]));
  return partitions.map((partition) => {
    const was = before.get(partition.key);
    return { ...partition, since: was?.object.digest === partition.object.digest ? was.since : number };
  });
}

const eventTimes = (partitions: readonly Partition[]): Pick<DatasetVersion, 'eventTimeMin' | 'eventTimeMax'> => ({
  eventTimeMin: partitions.reduce<bigint | undefined>((least, partition) => smallest(least, partition.eventTimeMin), undefined),
  eventTimeMax: partitions.reduce<bigint | undefined>((most, partition) => largest(most, partition.eventTimeMax), undefined),
});

const smallest = (a: bigint | undefined, b: bigint | undefined) => (a === undefined || (b !== undefined && b < a) ? b : a);
const largest = (a: bigint | undefined, b: bigint | undefined) => (a === undefined || (b !== undefined && b > a) ? b : a);
