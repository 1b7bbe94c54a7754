import { AssignerProtocol, type PartitionAssigner } from 'kafkajs';

const { MemberAssignment, MemberMetadata } = AssignerProtocol;
const VERSION = 0;

/**
 * Deals the partitions of each topic out among the members that asked for this very topic. kafkajs's own assigner deals the leader's topics
 * out among all: in a rolling upgrade, members of the old version would be given topics that they do not read, and nobody would read them.
 */
export const byTopic: PartitionAssigner = ({ cluster }) => ({
  name: 'MillraceByTopic',
  version: VERSION,
  async assign({ members }) {
    const wanted = new Map(members.map(({ memberId, memberMetadata }) => [memberId, MemberMetadata.decode(memberMetadata)?.topics ?? []]));
    const topics = [...new Set([...wanted.values()].flat())].sort();
    await cluster.addMultipleTargetTopics(topics);
    const shares = deal(new Map(topics.map((topic) => [topic, cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId)])), wanted);
    return [...shares].map(([memberId, assignment]) => ({ memberId, memberAssignment: MemberAssignment.encode({ version: VERSION, assignment, userData: Buffer.alloc(0) }) }));
  },
  protocol: ({ topics }) => ({ name: 'MillraceByTopic', metadata: MemberMetadata.encode({ version: VERSION, topics, userData: Buffer.alloc(0) }) }),
});

/** Who gets what: each partition goes to the member with the fewest so far among those that want its topic; the same for every order of members. */
export function deal(partitions: ReadonlyMap<string, readonly number[]>, wanted: ReadonlyMap<string, readonly string[]>): Map<string, Record<string, number[]>> {
  const shares = new Map([...wanted.keys()].sort().map((member) => [member, { count: 0, topics: {} as Record<string, number[]> }]));
  for (const [topic, numbers] of partitions) {
    const candidates = [...shares].filter(([member]) => wanted.get(member)?.includes(topic)).map(([, share]) => share);
    for (const number of numbers.toSorted((a, b) => a - b)) {
      const next = candidates.reduce<(typeof candidates)[number] | undefined>((least, share) => (least === undefined || share.count < least.count ? share : least), undefined);
      if (next === undefined) break;
      (next.topics[topic] ??= []).push(number);
      next.count++;
    }
  }
  return new Map([...shares].map(([member, share]) => [member, share.topics]));
}
