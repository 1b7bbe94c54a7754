import type { EventRecord } from '@millrace/core';
import { checkRecord, MAX_QUEUED_BYTES } from './bus.js';
import { errors } from './errors.js';
import { isFinal, type KafkaClient, typeOf } from './kafka-client.js';
import { KafkaLane } from './kafka-lane.js';
import { KafkaProducers } from './kafka-producers.js';
import { sizeOf } from './kafka-record.js';
import type { KafkaTopics } from './kafka-topics.js';
import { partitionOf } from './partition-of.js';

/** Records that came before the partitions of their topic were known. */
interface Early {
  readonly records: readonly EventRecord[];
  readonly resolve: (stored: Promise<void>) => void;
  readonly reject: (error: unknown) => void;
}

/** A topic as a publisher knows it: `lanes` is undefined until its partitions are known. */
interface Course {
  lanes: readonly KafkaLane[] | undefined;
  readonly early: Early[];
}

/** The publishing side of the bus on Kafka: all of a publication is durable when it resolves, in the order of the calls per key. */
export class KafkaPublisher {
  readonly #producers: KafkaProducers;
  readonly #courses = new Map<string, Course>();
  readonly #under = new Set<Promise<unknown>>();
  #waitingBytes = 0;
  #closed = false;

  constructor(
    private readonly client: KafkaClient,
    private readonly topics: KafkaTopics,
    private readonly options: { readonly timeoutMs: number; readonly onStored: (topic: string, partition: number, end: bigint) => void },
  ) {
    this.#producers = new KafkaProducers(client);
  }

  async publish(records: readonly EventRecord[]): Promise<void> {
    if (this.#closed) throw errors.BUS_CLOSED({ file: this.client.name });
    for (const record of records) checkRecord(record);
    const bytes = records.reduce((sum, record) => sum + sizeOf(record), 0);
    if (this.#waitingBytes > 0 && this.#waitingBytes + bytes > MAX_QUEUED_BYTES) throw errors.BUS_OVERLOADED({ bytes: String(this.#waitingBytes), file: this.client.name });
    this.#waitingBytes += bytes;
    // Up to here nothing has waited: the order of the calls is the order of the queues.
    const parts = Promise.allSettled([...Map.groupBy(records, ({ topic }) => topic)].map(([topic, own]) => this.#append(topic, own)));
    this.#under.add(parts);
    try {
      // Only when nothing of it is under way any more may the caller send it again.
      for (const part of await parts) if (part.status === 'rejected') throw part.reason;
    } finally {
      this.#waitingBytes -= bytes;
      this.#under.delete(parts);
    }
  }

  /** Takes nothing any more, and waits for what was taken. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#under);
    await this.#producers.close();
  }

  #append(topic: string, records: readonly EventRecord[]): Promise<void> {
    let course = this.#courses.get(topic);
    if (!course) this.#courses.set(topic, (course = { lanes: undefined, early: [] }));
    if (course.lanes) return route(course.lanes, records);
    const { early } = course;
    const first = early.length === 0;
    const stored = new Promise<void>((resolve, reject) => early.push({ records, resolve, reject }));
    if (first) void this.#open(topic, course);
    return stored;
  }

  /** Never rejects: whoever waits is told, and the next to come tries again. */
  async #open(topic: string, course: Course): Promise<void> {
    try {
      const partitions = await this.topics.ensure(topic);
      const lanes = Array.from({ length: partitions }, (_, partition) => this.#lane(topic, partition));
      course.lanes = lanes;
      for (const { records, resolve } of course.early.splice(0)) resolve(route(lanes, records));
    } catch (error) {
      for (const { reject } of course.early.splice(0)) reject(error);
    }
  }

  #lane(topic: string, partition: number): KafkaLane {
    const what = `store events of ${topic}`;
    return new KafkaLane({
      topic: this.client.full(topic),
      partition,
      producers: this.#producers,
      timeoutMs: this.options.timeoutMs,
      toError: (cause) => (isFinal(cause) ? errors.KAFKA_REFUSED({ brokers: this.client.name, what, detail: typeOf(cause) }, { cause }) : this.client.unreachable(what, cause)),
      onStored: (end) => this.options.onStored(topic, partition, end),
    });
  }
}

/** Hands records to the lanes of their keys; the same key has the same partition in every home. */
async function route(lanes: readonly KafkaLane[], records: readonly EventRecord[]): Promise<void> {
  const shares = Map.groupBy(records, ({ key }) => partitionOf(key, lanes.length));
  const parts = await Promise.allSettled([...shares].map(async ([partition, share]) => lanes[partition]?.append(share)));
  for (const part of parts) if (part.status === 'rejected') throw part.reason;
}
