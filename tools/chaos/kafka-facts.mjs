import { openKafkaBus } from '@millrace/events';
import { toAnnouncement } from '../faults/announcements.mjs';

const DEAD_LETTERS = '.dlq';
/** The ids of events that a row has planted begin so: they announce nothing, and may be dead letters. */
export const PLANTED = 'chaos-';

/** What the topics of one installation hold: announcements, holes in their partitions, dead letters, and how far each group is behind. */
export async function readTopics({ brokers, prefix }) {
  const bus = await openKafkaBus({ brokers: brokers.split(','), prefix });
  try {
    const topics = await bus.topics();
    const read = await Promise.all(topics.map(({ name, records }) => readTopic(bus, name, records)));
    const lags = topics.flatMap(({ name, groups }) => groups.map(({ group, lag }) => ({ group, topic: name, lag })));
    return { announcements: read.flatMap(({ announcements }) => announcements), holes: read.flatMap(({ holes }) => holes), deadLetters: read.flatMap(({ deadLetters }) => deadLetters), lags };
  } finally {
    await bus.close();
  }
}

async function readTopic(bus, topic, records) {
  const facts = { announcements: [], holes: [], deadLetters: [] };
  const next = new Map();
  let found = 0;
  for await (const record of bus.replay(topic, { from: 0n })) {
    found++;
    const expected = next.get(record.partition);
    if (expected !== undefined && record.offset !== expected) facts.holes.push(`bus: ${topic}/${record.partition} goes from ${expected - 1n} to ${record.offset}`);
    next.set(record.partition, record.offset + 1n);
    if (record.headers.ce_id?.startsWith(PLANTED)) continue;
    const announcement = toAnnouncement({ ...record, headers: JSON.stringify(record.headers) }, 'bus');
    if (topic.endsWith(DEAD_LETTERS)) facts.deadLetters.push({ topic, id: announcement.id, kind: announcement.kind, why: record.headers.dlq_message ?? '' });
    else facts.announcements.push(announcement);
  }
  if (found < records) facts.holes.push(`bus: ${topic} says ${records} records and gives ${found}`);
  return facts;
}
