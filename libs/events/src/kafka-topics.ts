import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_PARTITIONS, type TopicInfo } from './bus.js';
import { errors } from './errors.js';
import { type AskOptions, isUnknownTopic, type KafkaClient } from './kafka-client.js';

/** With what the bus makes topics that are not there. */
export interface TopicSettings {
  /** A topic keeps the number that it was made with. */
  readonly partitions: number;
  /** Copies of each partition; undefined leaves it, and how many of them must confirm, to the brokers. */
  readonly replication: number | undefined;
  readonly maxAgeMs: number;
  readonly maxBytes: number;
}

export const DEFAULT_TOPIC: TopicSettings = { partitions: DEFAULT_PARTITIONS, replication: undefined, maxAgeMs: 7 * 86_400_000, maxBytes: 1024 ** 3 };

/** Room for the largest record with its key and headers. */
const MAX_MESSAGE_BYTES = 2 * 1024 * 1024;
const CREATE_MS = 15_000;
const KNOWN_TRIES = 50;
const KNOWN_PAUSE_MS = 100;

/** What a partition holds: from `low` up to, not including, `high`. */
export interface PartitionEnds {
  readonly partition: number;
  readonly low: bigint;
  readonly high: bigint;
}

/** The committed offsets of a group: topic → partition → next to read. */
export type Committed = ReadonlyMap<string, ReadonlyMap<number, bigint>>;

/** The topics of a cluster, by their own names. */
export class KafkaTopics {
  readonly #partitions = new Map<string, Promise<number>>();

  constructor(
    private readonly client: KafkaClient,
    private readonly settings: TopicSettings,
  ) {}

  /** How many partitions the topic has; made if it is not there. */
  ensure(topic: string): Promise<number> {
    let known = this.#partitions.get(topic);
    if (!known) {
      known = this.#ensure(topic);
      this.#partitions.set(topic, known);
      known.catch(() => this.#partitions.delete(topic));
    }
    return known;
  }

  /** The ends of each partition; undefined when there is no such topic. One that was `made` is there, even if a broker has not heard of it yet. */
  async ends(topic: string, options: AskOptions = {}): Promise<readonly PartitionEnds[] | undefined> {
    const found = await this.#ifThere(`tell the ends of ${topic}`, topic, async (admin, name) => admin.fetchTopicOffsets(name), options);
    return found?.map(({ partition, low, high }) => ({ partition, low: BigInt(low), high: BigInt(high) })).toSorted((a, b) => a.partition - b.partition);
  }

  /** In each partition, the first offset that was taken at this time or later. */
  async offsetsAt(topic: string, time: Date): Promise<ReadonlyMap<number, bigint>> {
    const found = await this.client.ask(`find ${time.toISOString()} in ${topic}`, (admin) => admin.fetchTopicOffsetsByTimestamp(this.client.full(topic), time.getTime()));
    return new Map(found.map(({ partition, offset }) => [partition, BigInt(offset)]));
  }

  /** What a group has committed; of these topics, which were made, or of all. */
  async committed(group: string, topics?: readonly string[]): Promise<Committed> {
    const found = await this.client.ask(`tell how far ${group} has come`, (admin) => admin.fetchOffsets({ groupId: this.client.full(group), ...(topics ? { topics: topics.map((topic) => this.client.full(topic)) } : {}) }), { made: topics !== undefined });
    return new Map(
      found.map(({ topic, partitions }) => [
        this.client.own(topic) ?? '',
        new Map(partitions.filter(({ offset }) => BigInt(offset) >= 0n).map(({ partition, offset }) => [partition, BigInt(offset)])),
      ]),
    );
  }

  async list(): Promise<readonly TopicInfo[]> {
    const names = (await this.client.ask('list the topics', (admin) => admin.listTopics())).map((name) => this.client.own(name)).filter((name) => name !== undefined);
    const groups = await this.#groups();
    const infos: TopicInfo[] = [];
    for (const name of names.toSorted()) {
      const ends = await this.ends(name);
      if (!ends) continue;
      const records = ends.reduce((sum, { low, high }) => sum + Number(high - low), 0);
      const readers = groups.filter(({ committed }) => (committed.get(name)?.size ?? 0) > 0);
      infos.push({ name, partitions: ends.length, records, bytes: undefined, groups: readers.map(({ group, committed }) => ({ group, lag: lagOf(ends, committed.get(name)) })) });
    }
    return infos;
  }

  async #groups(): Promise<readonly { readonly group: string; readonly committed: Committed }[]> {
    const { groups } = await this.client.ask('list the groups', (admin) => admin.listGroups());
    const names = groups.map(({ groupId }) => this.client.own(groupId)).filter((name) => name !== undefined);
    return Promise.all([...new Set(names)].toSorted().map(async (group) => ({ group, committed: await this.committed(group) })));
  }

  async #ensure(topic: string): Promise<number> {
    const { partitions, replication, maxAgeMs, maxBytes } = this.settings;
    const there = await this.#count(topic);
    if (there !== undefined) return there;
    const settings = {
      'cleanup.policy': 'delete',
      'retention.ms': maxAgeMs,
      // Kafka counts by the partition.
      'retention.bytes': Math.ceil(maxBytes / partitions),
      'max.message.bytes': MAX_MESSAGE_BYTES,
      // The time of a record is when the bus took it, and never goes back within a partition.
      'message.timestamp.type': 'LogAppendTime',
      ...(replication === undefined ? {} : { 'min.insync.replicas': Math.max(1, replication - 1) }),
    };
    await this.client.ask(`make the topic ${topic}`, (admin) =>
      admin.createTopics({
        timeout: CREATE_MS,
        // kafkajs would ask for the leaders at once, and take a broker that does not know the topic yet for a refusal.
        waitForLeaders: false,
        topics: [{ topic: this.client.full(topic), numPartitions: partitions, replicationFactor: replication ?? -1, configEntries: Object.entries(settings).map(([name, value]) => ({ name, value: String(value) })) }],
      }),
    );
    // Whoever was first to make it decided; the other brokers learn of it a moment later.
    for (let tries = 0; tries < KNOWN_TRIES; tries++) {
      const made = await this.#count(topic);
      if (made !== undefined) return made;
      await sleep(KNOWN_PAUSE_MS, undefined, { ref: false });
    }
    throw errors.KAFKA_UNREACHABLE({ brokers: this.client.name, what: `make the topic ${topic}`, detail: 'not all brokers know it yet' });
  }

  async #count(topic: string): Promise<number | undefined> {
    const found = await this.#ifThere(`find the topic ${topic}`, topic, async (admin, name) => (await admin.fetchTopicMetadata({ topics: [name] })).topics[0]?.partitions.length);
    return found === 0 ? undefined : found;
  }

  async #ifThere<T>(what: string, topic: string, question: (admin: Parameters<Parameters<KafkaClient['ask']>[1]>[0], name: string) => Promise<T>, options: AskOptions = {}): Promise<T | undefined> {
    try {
      return await this.client.ask(what, (admin) => question(admin, this.client.full(topic)), options);
    } catch (error) {
      if (isUnknownTopic(error)) return undefined;
      throw error;
    }
  }
}

/** What a group has not read; where it has committed nothing, that is everything. */
const lagOf = (ends: readonly PartitionEnds[], committed: ReadonlyMap<number, bigint> | undefined): number =>
  ends.reduce((sum, { partition, low, high }) => {
    const next = committed?.get(partition) ?? low;
    return sum + Number(high - (next > low ? next : low));
  }, 0);
