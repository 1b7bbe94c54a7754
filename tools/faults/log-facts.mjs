import { toAnnouncement } from './announcements.mjs';

/** Offsets of one partition; see libs/events log-file.ts. */
const OFFSETS = 2 ** 40;
const DEAD_LETTERS = '.dlq';

/** What one log file of the embedded bus, or a spool, holds: its announcements, holes in its partitions, dead letters, and how far each group is behind. */
export function readLog(databases, file, where) {
  const topics = new Map(databases.rows(file, 'topic').map(({ id, name }) => [id, name]));
  const partitions = new Map(databases.rows(file, 'partition').map((partition) => [partition.id, { ...partition, topic: topics.get(partition.topic) ?? '', found: 0 }]));
  const announcements = [];
  const holes = [];
  const deadLetters = [];
  for (const { position, key, headers, value } of databases.rows(file, 'record')) {
    const partition = partitions.get(Math.floor(position / OFFSETS));
    const offset = position % OFFSETS;
    if (!partition || offset < partition.start || offset >= partition.end) {
      holes.push(`${where}: a record at ${position} lies in no partition`);
      continue;
    }
    partition.found++;
    const announcement = toAnnouncement({ topic: partition.topic, key, headers, value }, where);
    if (partition.topic.endsWith(DEAD_LETTERS)) deadLetters.push({ topic: partition.topic, id: announcement.id, kind: announcement.kind, why: JSON.parse(headers).dlq_message ?? '' });
    else announcements.push(announcement);
  }
  for (const { topic, number, start, end, found } of partitions.values()) if (found !== end - start) holes.push(`${where}: ${topic}/${number} says ${end - start} records and holds ${found}`);
  const lags = databases.rows(file, 'group_offset').map(({ group, partition, offset }) => ({ group, topic: partitions.get(partition)?.topic ?? '', lag: (partitions.get(partition)?.end ?? 0) - offset }));
  return { announcements, holes, deadLetters, lags };
}

/** What the outboxes still hold. */
export function readOutboxes(databases, services) {
  return services.flatMap((service) => databases.rows(service, 'outbox').map((row) => ({ ...toAnnouncement(row, `outbox of ${service}`), service })));
}
