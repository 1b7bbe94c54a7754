import type { StoredRecord } from './bus.js';
import { type KafkaConnection, KafkaClient } from './kafka-client.js';
import { type Limit, readLimits } from './kafka-replay.js';
import { DEFAULT_TOPIC, KafkaTopics, type PartitionEnds } from './kafka-topics.js';

/** Reads a topic of others between places that the reader keeps itself: nothing is committed, so the places can be kept in one transaction with what was read. */
export class TopicReader {
  readonly #client: KafkaClient;
  readonly #topics: KafkaTopics;

  constructor(connection: KafkaConnection) {
    this.#client = new KafkaClient(connection);
    this.#topics = new KafkaTopics(this.#client, DEFAULT_TOPIC);
  }

  /** What each partition holds now; undefined where there is no such topic. Throws KAFKA_UNREACHABLE and its like. */
  ends(topic: string): Promise<readonly PartitionEnds[] | undefined> {
    return this.#topics.ends(topic);
  }

  /** The records of these stretches, the oldest of all partitions first; within a partition in their order. */
  read(topic: string, limits: readonly Limit[], signal: AbortSignal): AsyncGenerator<StoredRecord, void> {
    return readLimits(this.#client, topic, { limits: limits.filter(({ from, to }) => from < to), signal });
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}
