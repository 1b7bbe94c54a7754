import type { EventRecord } from '@millrace/core';
import { type BusHooks, deadLetterTopic, type EventBus, type ReplayRange, type StoredRecord, type SubscribeOptions, type Subscription, type TopicInfo } from './bus.js';
import { errors } from './errors.js';
import { KafkaClient, type KafkaConnection } from './kafka-client.js';
import { KafkaPublisher } from './kafka-publisher.js';
import { replayKafka } from './kafka-replay.js';
import { KafkaSubscription } from './kafka-subscription.js';
import { DEFAULT_TOPIC, KafkaTopics, type TopicSettings } from './kafka-topics.js';

/** Where Kafka is, and how the bus uses it. */
export interface KafkaBusOptions extends KafkaConnection, BusHooks {
  /** With what topics are made that are not there; each field has a default. */
  readonly topic?: Partial<TopicSettings>;
  /** How long a publication is tried before it is given back as UNAVAILABLE. */
  readonly publishTimeoutMs?: number;
  /** A member that is silent for so long is dead to its group, and its partitions go to the others. */
  readonly sessionTimeoutMs?: number;
}

const PUBLISH_MS = 30_000;
const SESSION_MS = 15_000;

/** The event bus on a Kafka cluster; keys have the same partitions as in the embedded bus when the numbers are equal. */
export class KafkaBus implements EventBus {
  readonly #client: KafkaClient;
  readonly #topics: KafkaTopics;
  readonly #publisher: KafkaPublisher;
  readonly #subscriptions = new Set<KafkaSubscription>();
  readonly #taken = new Set<string>();
  #closing: Promise<void> | undefined;

  constructor(private readonly options: KafkaBusOptions) {
    this.#client = new KafkaClient(options);
    this.#topics = new KafkaTopics(this.#client, { ...DEFAULT_TOPIC, ...options.topic });
    this.#publisher = new KafkaPublisher(this.#client, this.#topics, {
      timeoutMs: options.publishTimeoutMs ?? PUBLISH_MS,
      onStored: (topic, partition, end) => this.#subscriptions.forEach((subscription) => subscription.grow(topic, partition, end)),
    });
  }

  /** Rejects when the cluster cannot be reached. */
  async connect(): Promise<this> {
    await this.ping();
    return this;
  }

  async ping(): Promise<void> {
    await this.#client.ask('say who it is', (admin) => admin.describeCluster());
  }

  publish(records: readonly EventRecord[]): Promise<void> {
    return this.#publisher.publish(records);
  }

  async subscribe(options: SubscribeOptions): Promise<Subscription> {
    if (this.#closing) throw errors.BUS_CLOSED({ file: this.#client.name });
    const topics = [...new Set(options.topics)];
    for (const topic of topics) if (this.#taken.has(`${options.group} ${topic}`)) throw errors.GROUP_TAKEN({ group: options.group, topic });
    for (const topic of topics) this.#taken.add(`${options.group} ${topic}`);
    const subscription = new KafkaSubscription(
      { ...options, topics },
      {
        client: this.#client,
        topics: this.#topics,
        hooks: this.options,
        sessionTimeoutMs: this.options.sessionTimeoutMs ?? SESSION_MS,
        publish: (records) => this.publish(records),
        onStop: () => {
          this.#subscriptions.delete(subscription);
          for (const topic of topics) this.#taken.delete(`${options.group} ${topic}`);
        },
      },
    );
    this.#subscriptions.add(subscription);
    await subscription.start();
    return subscription;
  }

  replay(topic: string, range: ReplayRange): AsyncIterable<StoredRecord> {
    return replayKafka(this.#client, this.#topics, { topic, range });
  }

  deadLetters(topic: string): AsyncIterable<StoredRecord> {
    return this.replay(deadLetterTopic(topic), { from: 0n });
  }

  topics(): Promise<readonly TopicInfo[]> {
    return this.#topics.list();
  }

  /** Bytes of records that were taken from Kafka and are not handled yet. */
  held(): number {
    return [...this.#subscriptions].reduce((sum, subscription) => sum + subscription.held(), 0);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.stop()));
    await this.#publisher.close();
    await this.#client.close();
  }
}
