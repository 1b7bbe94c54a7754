import { type Message, Partitioners, type Producer, type RecordMetadata } from 'kafkajs';
import { type KafkaClient, REQUEST_MS } from './kafka-client.js';

/** One producer as the brokers know it: they store a batch once, however often it comes under the same identity. */
export class ProducerIdentity {
  #sends = 0;
  #retired = false;

  constructor(private readonly producer: Producer) {}

  get retired(): boolean {
    return this.#retired;
  }

  /**
   * Sends records of one partition, and gives the offset of the first. One partition at a time, because kafkajs loses what it sends together:
   * when a leader moves, it takes a broker that has answered for other partitions for done. So an answer without this partition is an error.
   */
  async send(topic: string, partition: number, messages: Message[]): Promise<bigint> {
    this.#sends++;
    try {
      return firstOffset(await this.producer.send({ topic, acks: -1, timeout: REQUEST_MS, messages }), topic, partition);
    } finally {
      this.#sends--;
      this.#leave();
    }
  }

  /**
   * Takes no new records any more. After a send whose outcome nobody knows it must not: kafkajs would give the sequence numbers of the lost
   * batch to other records, and the broker would take those for a repetition, confirm them and drop them.
   */
  retire(): void {
    this.#retired = true;
    this.#leave();
  }

  #leave(): void {
    if (this.#retired && this.#sends === 0) void this.producer.disconnect().catch(() => {});
  }
}

/** The idempotent producer of a bus, and its successor when it can be trusted no longer. */
export class KafkaProducers {
  #current: Promise<ProducerIdentity> | undefined;

  constructor(private readonly client: KafkaClient) {}

  /** The identity for new records; rejects when no broker can be reached. */
  async current(): Promise<ProducerIdentity> {
    const current = (this.#current ??= this.#connect());
    try {
      const identity = await current;
      if (!identity.retired) return identity;
      if (this.#current === current) this.#current = undefined;
      return await this.current();
    } catch (error) {
      if (this.#current === current) this.#current = undefined;
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#current?.then((identity) => identity.retire()).catch(() => {});
  }

  async #connect(): Promise<ProducerIdentity> {
    // The partitioner never decides: every message names its partition.
    const producer = this.client.kafka().producer({ idempotent: true, createPartitioner: Partitioners.DefaultPartitioner, allowAutoTopicCreation: false, retry: { retries: 2 } });
    await producer.connect();
    return new ProducerIdentity(producer);
  }
}

function firstOffset(answers: readonly RecordMetadata[], topic: string, partition: number): bigint {
  const answer = answers.find((each) => each.topicName === topic && each.partition === partition);
  if (answer?.errorCode !== 0 || answer.baseOffset === undefined) throw new Error(`Kafka's answer does not confirm partition ${partition} of ${topic}.`);
  return BigInt(answer.baseOffset);
}
