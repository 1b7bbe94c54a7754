import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { sharedBrokers } from './brokers.fixture.js';
import { layLine } from './cut-line.fixture.js';
import { openKafkaBus } from './index.js';
import { KafkaClient } from './kafka-client.js';
import { KafkaMember, type PartitionName } from './kafka-member.js';
import { DEFAULT_TOPIC, KafkaTopics } from './kafka-topics.js';
import { recordOf } from './records.fixture.js';

it('never says that it has committed when it has not, and comes back by itself', { timeout: 120_000 }, async () => {
  const line = await layLine();
  const client = new KafkaClient({ brokers: sharedBrokers(), prefix: `member-${Date.now()}.`, socketFactory: line.socketFactory });
  const topics = new KafkaTopics(client, { ...DEFAULT_TOPIC, partitions: 2 });
  await topics.ensure('t');
  const assignments: (readonly PartitionName[])[] = [];
  const errors: unknown[] = [];
  const member = new KafkaMember(client, { group: client.full('g'), topics: [client.full('t')], sessionTimeoutMs: 2_000 }, {
    onAssigned: (partitions) => assignments.push(partitions),
    onRebalance: () => {},
    onBatch: async () => {},
    onError: (error) => errors.push(error),
  });
  await member.start();
  expect(assignments[0]?.map(({ partition }) => partition).toSorted()).toEqual([0, 1]);
  await member.commit([{ topic: client.full('t'), partition: 0, offset: 0n }]);

  line.cut();
  const claims: string[] = [];
  const look = async (): Promise<void> => {
    const before = assignments.length;
    await member.commit([{ topic: client.full('t'), partition: 1, offset: 0n }]).then(() => claims.push(`of ${before}, at ${assignments.length}`), () => {});
  };
  for (let tries = 0; errors.length < 3 || tries < 100; tries++) {
    void look();
    await sleep(50);
  }
  expect(claims).toEqual([]);

  const before = assignments.length;
  line.mend();
  while (assignments.length === before) await sleep(20);
  await member.commit([{ topic: client.full('t'), partition: 1, offset: 0n }]);
  expect((await topics.committed('g', ['t'])).get('t')).toEqual(new Map([[0, 0n], [1, 0n]]));
  await member.stop();
  await client.close();
  await line.close();
});

it('builds a new consumer when kafkajs gives its own up, and is given the records again', { timeout: 60_000 }, async () => {
  const client = new KafkaClient({ brokers: sharedBrokers() });
  const topic = `member-${Date.now()}`;
  await new KafkaTopics(client, { ...DEFAULT_TOPIC, partitions: 1 }).ensure(topic);
  const taken: bigint[] = [];
  let faults = 1;
  const member = new KafkaMember(client, { group: topic, topics: [topic], sessionTimeoutMs: 2_000 }, {
    onAssigned: () => {},
    onRebalance: () => {},
    // kafkajs never restarts after an error of this kind.
    onBatch: async ({ next }) => { if (faults-- > 0) throw new TypeError('a bug'); taken.push(next); },
    onError: () => {},
  });
  await member.start();
  const writer = await openKafkaBus({ brokers: sharedBrokers() });
  await writer.publish([recordOf(topic, 'k', 1)]);
  while (taken.length === 0) await sleep(20);
  await writer.publish([recordOf(topic, 'k', 2)]);
  while (taken.at(-1) !== 2n) await sleep(20);
  expect(taken[0]).toBe(1n);
  await member.stop();
  await Promise.all([writer.close(), client.close()]);
});
