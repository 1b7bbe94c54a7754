import { refuseBadPatterns } from './cleaning/whole-rules.js';
import { errors } from './errors.js';
import type { IngestArgument, IngestOptions } from './ingest-argument.js';
import { ingestPartitions } from './ingest-partitions.js';
import type { IngestResult } from './ingest-result.js';
import { ingestWhole, INGEST_STEPS } from './ingest-whole.js';
import { type Partitioning, partitioningInWords } from './partition.js';

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
