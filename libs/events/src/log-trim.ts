import type { LogFile } from './log-file.js';
import type { PartitionInfo, TrimReply, TrimRequest } from './log-message.js';

/** Rows removed from one partition before the next one is looked at. */
const STEP = 500;
/** Pages given back to the disk after a trim (1 MiB). */
const SHRINK_PAGES = 256;

/**
 * Removes what is too old or too much, oldest first.
 * What a group has not read is kept up to `hold` times the age and the size: a group that is gone for good must not fill the disk.
 */
export function trim(log: LogFile, request: Omit<TrimRequest, 'file'>): TrimReply {
  let removed = 0;
  const unread: { topic: string; records: number }[] = [];
  log.transaction(() => {
    for (const { name } of log.topics()) {
      let lost = 0;
      for (let step = nextStep(log, name, request); step && removed < request.budget; step = nextStep(log, name, request)) {
        removed += log.dropHead(step.partition, step.before);
        lost += Math.max(0, step.before - Math.max(step.floor, step.partition.start));
      }
      if (lost > 0) unread.push({ topic: name, records: lost });
    }
  });
  if (removed > 0) log.shrink(SHRINK_PAGES);
  return { removed, unread };
}

interface Step {
  readonly partition: PartitionInfo;
  readonly before: number;
  /** What the slowest group has not read begins here. */
  readonly floor: number;
}

function nextStep(log: LogFile, name: string, { now, maxAgeMs, maxBytes, hold }: Omit<TrimRequest, 'file'>): Step | undefined {
  const partitions = log.find(name)?.partitions ?? [];
  const bytes = partitions.reduce((sum, partition) => sum + partition.bytes, 0);
  const largestFirst = partitions.filter(({ start, end }) => start < end).sort((a, b) => b.bytes - a.bytes);
  for (const partition of largestFirst) {
    const surplusEnd = (factor: number): number => {
      const tooOld = log.seek(partition.id, now - maxAgeMs * factor);
      return bytes > maxBytes * factor ? Math.max(tooOld, partition.start + rowsOf(partition, bytes - maxBytes * factor)) : tooOld;
    };
    const floor = Math.min(partition.end, ...log.groups(partition.id).map(({ offset }) => offset));
    const before = Math.min(partition.end, partition.start + STEP, Math.max(Math.min(surplusEnd(1), floor), surplusEnd(hold)));
    if (before > partition.start) return { partition, before, floor };
  }
  return undefined;
}

/** About how many rows of a partition hold so many bytes, at least one. */
const rowsOf = ({ start, end, bytes }: PartitionInfo, surplus: number): number => Math.max(1, Math.ceil((surplus / Math.max(1, bytes)) * (end - start)));
