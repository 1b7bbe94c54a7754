import { createHook } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { afterAll, expect, it } from 'vitest';
import { sharedBrokers } from './brokers.fixture.js';
import { busSuite } from './bus.suite.js';
import { layLine } from './cut-line.fixture.js';
import { type KafkaBus, type KafkaBusOptions, openBus, openKafkaBus, type StoredRecord } from './index.js';
import { collect, noteOf, poison, recordOf } from './records.fixture.js';

const run = `spec-${Date.now()}`;
let place = 0;
const brokers = sharedBrokers();
const open = (options: Partial<KafkaBusOptions> = {}): Promise<KafkaBus> => openKafkaBus({ brokers, prefix: `${run}.${++place}.`, ...options });
const foreign = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
const admin = foreign.admin();
afterAll(() => admin.disconnect());
const topicOf = (name: string): string => `${run}.${place}.${name}`;

busSuite('the bus on Kafka', (home, hooks) => openKafkaBus({ brokers, prefix: `${run}.suite.${home}.`, ...hooks }));

it('gives each key the partition that the embedded bus gives it', async () => {
  const homes = [await open(), await openBus({ file: ':memory:' })];
  const partitions = await Promise.all(
    homes.map(async (bus) => {
      await bus.publish(Array.from({ length: 200 }, (_, index) => recordOf('t', `models/m${index}`, index)));
      const records = await collect(bus.replay('t', { from: 0n }));
      await bus.close();
      return new Map(records.map(({ key, partition }) => [key, partition]));
    }),
  );
  expect(partitions[0]?.size).toBe(200);
  expect(Object.fromEntries(partitions[0] ?? [])).toEqual(Object.fromEntries(partitions[1] ?? []));
});

it('makes a topic once, with the partitions, copies and retention that were stated', async () => {
  const bus = await open({ topic: { partitions: 3, replication: 1, maxAgeMs: 3_600_000, maxBytes: 30_000_000 } });
  await Promise.all([bus.publish([recordOf('t', 'ATL', 1)]), bus.publish([recordOf('t', 'ORD', 2)])]);
  const { topics } = await admin.fetchTopicMetadata({ topics: [topicOf('t')] });
  expect(topics[0]?.partitions.map(({ replicas }) => replicas.length)).toEqual([1, 1, 1]);
  const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [{ type: 2, name: topicOf('t') }] });
  const settings = Object.fromEntries(resources[0]?.configEntries.map(({ configName, configValue }) => [configName, configValue]) ?? []);
  expect(settings).toMatchObject({ 'retention.ms': '3600000', 'retention.bytes': '10000000', 'cleanup.policy': 'delete', 'message.timestamp.type': 'LogAppendTime', 'min.insync.replicas': '1' });
  const other = await openKafkaBus({ brokers, prefix: topicOf(''), topic: { partitions: 7 } });
  await other.publish([recordOf('t', 'LAX', 3)]);
  expect((await other.topics())[0]).toMatchObject({ partitions: 3, records: 3 });
  await Promise.all([bus.close(), other.close()]);
});

it('makes a topic that many processes want at once', async () => {
  const first = await open();
  const others = await Promise.all(Array.from({ length: 5 }, () => openKafkaBus({ brokers, prefix: topicOf('') })));
  const buses = [first, ...others];
  await Promise.all(Array.from({ length: 8 }, (_, topic) => Promise.all(buses.map((bus, index) => bus.publish([recordOf(`t${topic}`, 'ATL', index)])))).flat());
  expect((await first.topics()).map(({ records }) => records)).toEqual(Array.from({ length: 8 }, () => buses.length));
  await Promise.all(buses.map((bus) => bus.close()));
});

it('shares the partitions of a group among its members, and hands them on when one leaves', async () => {
  const [one, two] = [await open(), await openKafkaBus({ brokers, prefix: topicOf('') })];
  const seen: string[] = [];
  const members = new Set<string>();
  const subscribe = (bus: KafkaBus, name: string) =>
    bus.subscribe({ group: 'g', topics: ['t'], handler: async (record) => { await sleep(1); members.add(name); seen.push(noteOf(record)); } });
  const first = await subscribe(one, 'one');
  const publish = (from: number): Promise<void> => one.publish(Array.from({ length: 300 }, (_, index) => recordOf('t', `k${index % 50}`, from + index)));
  await publish(0);
  const second = await subscribe(two, 'two');
  await publish(300);
  await Promise.all([first.idle(), second.idle()]);
  expect(members).toEqual(new Set(['one', 'two']));
  members.clear();
  await first.stop();
  await publish(600);
  await second.idle();
  expect(members).toEqual(new Set(['two']));
  expect(new Set(seen).size).toBe(900);
  // Orderly handing on repeats nothing but what was in hand at that moment.
  expect(seen.length).toBeLessThan(1_000);
  await second.stop();
  expect((await one.topics())[0]?.groups).toEqual([{ group: 'g', lag: 0 }]);
  await Promise.all([one.close(), two.close()]);
});

it('lets members of one group read different topics', async () => {
  const [old, young] = [await open(), await openKafkaBus({ brokers, prefix: topicOf('') })];
  const seen: string[] = [];
  const handler = async ({ topic, key }: StoredRecord): Promise<void> => void seen.push(`${topic} ${key}`);
  const subscriptions = [await old.subscribe({ group: 'g', topics: ['t'], handler }), await young.subscribe({ group: 'g', topics: ['t', 'u'], handler })];
  const keys = Array.from({ length: 40 }, (_, index) => `k${index}`);
  await old.publish(keys.flatMap((key) => [recordOf('t', key, 1), recordOf('u', key, 1)]));
  await Promise.all(subscriptions.map((subscription) => subscription.idle()));
  expect(new Set(seen).size).toBe(80);
  await Promise.all([old.close(), young.close()]);
});

it('reads what others write: no key, no value, many headers of one name, markers of transactions', async () => {
  const bus = await open({ topic: { partitions: 1 } });
  const seen: StoredRecord[] = [];
  const subscription = await bus.subscribe({ group: 'g', topics: ['t'], handler: async (record) => void seen.push(record) });
  const producer = foreign.producer({ idempotent: true, transactionalId: topicOf('tx'), createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const given = await producer.transaction();
  await given.send({ topic: topicOf('t'), messages: [{ value: 'ü', headers: { a: ['1', '2'], b: Buffer.from('ü') } }, { key: 'k', value: null }] });
  await given.commit();
  const taken = await producer.transaction();
  await taken.send({ topic: topicOf('t'), messages: [{ value: 'never' }] });
  await taken.abort();
  await subscription.idle();
  expect(seen.map(({ key, value, headers, offset }) => ({ key, value: Buffer.from(value).toString(), headers, offset }))).toEqual([
    { key: '', value: 'ü', headers: { a: '2', b: 'ü' }, offset: 0n },
    { key: 'k', value: '', headers: {}, offset: 1n },
  ]);
  expect(subscription.lag()).toBe(0);
  expect((await collect(bus.replay('t', { from: 0n }))).length).toBe(2);
  await producer.disconnect();
  await bus.close();
});

it('tells of what retention removed before it was read, and goes on behind it', async () => {
  const losses: unknown[] = [];
  const bus = await open({ topic: { partitions: 1 }, onUnreadRemoved: (loss) => losses.push(loss) });
  const seen: string[] = [];
  const subscribe = () => bus.subscribe({ group: 'g', topics: ['t'], handler: async (record) => void seen.push(noteOf(record)) });
  await bus.publish([recordOf('t', 'k', 0)]);
  const first = await subscribe();
  await first.idle();
  await first.stop();
  await bus.publish(Array.from({ length: 9 }, (_, index) => recordOf('t', 'k', index + 1)));
  await admin.fetchTopicOffsets(topicOf('t'));
  await admin.deleteTopicRecords({ topic: topicOf('t'), partitions: [{ partition: 0, offset: '5' }] });
  const second = await subscribe();
  await second.idle();
  expect(seen).toEqual(['0', '5', '6', '7', '8', '9']);
  expect(losses).toEqual([{ topic: 't', records: 4 }]);
  expect(second.lag()).toBe(0);
  await bus.close();
});

it('holds a bounded part of what a slow handler has not taken yet, and still knows how far it is behind', async () => {
  const topic = { partitions: 2 };
  const writer = await open({ topic });
  const bus = await openKafkaBus({ brokers, prefix: topicOf(''), topic });
  const gate = Promise.withResolvers<void>();
  let handled = 0;
  const subscription = await bus.subscribe({ group: 'g', topics: ['t'], handler: async () => { await gate.promise; handled++; } });
  const block = Array.from({ length: 200 }, (_, note) => ({ ...recordOf('t', `k${note}`, note), value: new Uint8Array(20_000) }));
  for (let round = 0; round < 20; round++) await writer.publish(block);
  while (subscription.lag() < 4_000) await sleep(20);
  const held = bus.held();
  expect(held).toBeGreaterThan(0);
  // Of 80 MB: in each partition up to the bound, and one fetch beyond.
  expect(held).toBeLessThan(2 * 2 * 1024 * 1024);
  gate.resolve();
  await subscription.idle();
  expect([handled, subscription.lag(), bus.held()]).toEqual([4_000, 0, 0]);
  await Promise.all([writer.close(), bus.close()]);
});

it('does not lose the next events when nobody knows what became of the last', async () => {
  const line = await layLine();
  const bus = await open({ topic: { partitions: 1 }, publishTimeoutMs: 1_000, socketFactory: line.socketFactory });
  await bus.publish([recordOf('t', 'k', 'before')]);
  line.cut();
  await expect(bus.publish([recordOf('t', 'k', 'unknown')])).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: 'KAFKA_UNREACHABLE', retryable: true });
  line.mend();
  // As many as those that were lost sight of: their sequence numbers would be the same.
  await bus.publish([recordOf('t', 'k', 'after')]);
  const notes = (await collect(bus.replay('t', { from: 0n }))).map(noteOf);
  expect(notes).toEqual(['before', 'unknown', 'after']);
  await bus.close();
  await line.close();
});

it('stores a batch once when its answer is lost and it is sent again', async () => {
  const line = await layLine();
  const bus = await open({ topic: { partitions: 1 }, socketFactory: line.socketFactory });
  await bus.publish([recordOf('t', 'k', 0)]);
  line.cut();
  const published = bus.publish([recordOf('t', 'k', 1), recordOf('t', 'k', 2)]);
  // Longer than kafkajs tries by itself.
  await sleep(5_000);
  line.mend();
  await published;
  await bus.publish([recordOf('t', 'k', 3)]);
  expect((await collect(bus.replay('t', { from: 0n }))).map(noteOf)).toEqual(['0', '1', '2', '3']);
  await bus.close();
  await line.close();
});

it('gives all that waits behind a lost batch back with it, so that sending again keeps the order', async () => {
  const line = await layLine();
  const bus = await open({ topic: { partitions: 1 }, publishTimeoutMs: 500, socketFactory: line.socketFactory });
  await bus.publish([recordOf('t', 'k', 0)]);
  line.cut();
  const first = bus.publish([recordOf('t', 'k', 1)]);
  await sleep(100);
  const others = Promise.allSettled([bus.publish([recordOf('t', 'k', 2)]), bus.publish([recordOf('t', 'k', 3)])]);
  await expect(first).rejects.toMatchObject({ reason: 'KAFKA_UNREACHABLE' });
  line.mend();
  expect((await others).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  for (const note of [1, 2, 3]) await bus.publish([recordOf('t', 'k', note)]);
  const notes = (await collect(bus.replay('t', { from: 0n }))).map(noteOf);
  expect(notes.slice(-3)).toEqual(['1', '2', '3']);
  await bus.close();
  await line.close();
});

it('keeps the original headers and the cause of what it buries, and the place behind it', async () => {
  const bus = await open();
  const handler = async (): Promise<void> => Promise.reject(poison);
  const first = await bus.subscribe({ group: 'g', topics: ['t'], handler });
  await bus.publish([recordOf('t', 'ATL', 1)]);
  await first.idle();
  await first.stop();
  const second = await bus.subscribe({ group: 'g', topics: ['t'], handler });
  await second.idle();
  const letters = await collect(bus.deadLetters('t'));
  expect(letters.map(({ headers }) => headers)).toEqual([expect.objectContaining({ ce_id: 'ATL-1', ce_type: 'test', note: 'ü1', dlq_reason: 'POISON', dlq_message: 'this cannot be read', dlq_topic: 't', dlq_group: 'g' })]);
  await bus.close();
});

it('refuses a second reader of the same group in one bus, and a cluster that is not there', async () => {
  const bus = await open();
  const first = await bus.subscribe({ group: 'g', topics: ['t', 'u'], handler: async () => {} });
  await expect(bus.subscribe({ group: 'g', topics: ['u'], handler: async () => {} })).rejects.toMatchObject({ reason: 'GROUP_TAKEN' });
  await first.stop();
  await (await bus.subscribe({ group: 'g', topics: ['u'], handler: async () => {} })).stop();
  await bus.close();
  await expect(bus.subscribe({ group: 'g', topics: ['u'], handler: async () => {} })).rejects.toMatchObject({ reason: 'BUS_CLOSED' });
  await expect(openKafkaBus({ brokers: ['127.0.0.1:1'] })).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: 'KAFKA_UNREACHABLE' });
});

it('leaves the processor alone when nothing happens', async () => {
  const bus = await open();
  await bus.publish([recordOf('t', 'k', 1)]);
  await sleep(200);
  let timers = 0;
  const hook = createHook({ init: (_, type) => void (type === 'Timeout' && timers++) }).enable();
  await sleep(1_000);
  hook.disable();
  // Without the mend each connection makes more than 800 timers in this time.
  expect(timers).toBeLessThan(50);
  await bus.close();
});
