import fc from 'fast-check';
import { expect, it } from 'vitest';
import { deal } from './kafka-assigner.js';

const topics = ['a', 'b', 'c'];
const groups = fc.record({
  counts: fc.tuple(...topics.map(() => fc.integer({ min: 1, max: 20 }))),
  members: fc.uniqueArray(fc.record({ id: fc.stringMatching(/^[a-z]{1,6}$/), topics: fc.subarray(topics, { minLength: 1 }) }), { minLength: 1, maxLength: 6, selector: ({ id }) => id }),
});

it('gives each partition to one member that asked for its topic, and none to others', () => {
  fc.assert(
    fc.property(groups, ({ counts, members }) => {
      const partitions = new Map(topics.map((topic, index) => [topic, Array.from({ length: counts[index] ?? 0 }, (_, number) => number)]));
      const shares = deal(partitions, new Map(members.map(({ id, topics: wanted }) => [id, wanted])));
      for (const topic of topics) {
        const dealt = [...shares].flatMap(([member, share]) => (share[topic] ?? []).map((number) => ({ member, number })));
        const wanted = members.filter((member) => member.topics.includes(topic)).map(({ id }) => id);
        expect(dealt.map(({ number }) => number).toSorted((a, b) => a - b)).toEqual(wanted.length === 0 ? [] : partitions.get(topic));
        for (const { member } of dealt) expect(wanted).toContain(member);
      }
    }),
  );
});

it('gives members that want the same as many partitions as each other, but for one', () => {
  const shares = deal(new Map([['a', [0, 1, 2, 3, 4, 5, 6]], ['b', [0, 1, 2]]]), new Map(['x', 'y', 'z'].map((member) => [member, ['a', 'b']])));
  const counts = [...shares.values()].map((share) => Object.values(share).flat().length);
  expect(counts.toSorted()).toEqual([3, 3, 4]);
});

it('deals the same whoever is the leader', () => {
  const wanted: [string, string[]][] = [['x', ['a', 'b']], ['y', ['a']], ['z', ['b']]];
  const partitions = new Map([['a', [0, 1, 2, 3]], ['b', [0, 1, 2]]]);
  expect(deal(partitions, new Map(wanted.toReversed()))).toEqual(deal(partitions, new Map(wanted)));
});
