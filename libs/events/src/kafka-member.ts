import { setTimeout as sleep } from 'node:timers/promises';
import type { Batch, Consumer } from 'kafkajs';
import { byTopic } from './kafka-assigner.js';
import { type KafkaClient, typeOf } from './kafka-client.js';

/** How long a fetch waits for something new. A partition that goes on after a pause is asked for when it ends. */
const FETCH_MS = 200;
const FETCH_BYTES_PER_PARTITION = 1024 * 1024;
const REBUILD_PAUSE_MS = 1_000;
const LEAVE_MS = 5_000;
const KNOWN_TRIES = 100;
const KNOWN_PAUSE_MS = 100;

/** One partition, by the names of the cluster. */
export interface PartitionName {
  readonly topic: string;
  readonly partition: number;
}

/** What a member of a group learns. Both are called one after the other, `onAssigned` for every new generation of the group. */
export interface MemberListener {
  /** The partitions of this member from now on; called at once, before anything is fetched or committed in the new generation. */
  readonly onAssigned: (partitions: readonly PartitionName[]) => void;
  /** The old generation ends: the last moment for a commit. */
  readonly onRebalance: () => void;
  /** Records of one partition, in order. A rejection makes the member fetch them again. */
  readonly onBatch: (batch: FetchedBatch) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

/** A run of records; `from` is where it was asked for, `next` what comes after it, records or not. */
export interface FetchedBatch extends PartitionName {
  readonly messages: Batch['messages'];
  readonly from: bigint;
  readonly next: bigint;
  readonly end: bigint;
}

/** A member of a consumer group that lives until it is stopped: kafkajs restarts its consumer after some failures, this builds a new one after the others. */
export class KafkaMember {
  #consumer: Consumer | undefined;
  #stopped = false;

  constructor(
    private readonly client: KafkaClient,
    private readonly options: { readonly group: string; readonly topics: readonly string[]; readonly sessionTimeoutMs: number; readonly fetchBytes?: number },
    private readonly listener: MemberListener,
  ) {}

  /** Resolves when the group has assigned this member its first partitions. */
  async start(): Promise<void> {
    const { group, topics, sessionTimeoutMs, fetchBytes = FETCH_BYTES_PER_PARTITION } = this.options;
    const joined = Promise.withResolvers<void>();
    let started = false;
    const consumer = this.client.kafka().consumer({
      groupId: group,
      partitionAssigners: [byTopic],
      sessionTimeout: sessionTimeoutMs,
      heartbeatInterval: Math.ceil(sessionTimeoutMs / 5),
      maxWaitTimeInMs: FETCH_MS,
      maxBytesPerPartition: fetchBytes,
      allowAutoTopicCreation: false,
      // A fresh coordinator says "loading" once, a moved one "not me": never a reason to stop reading.
      retry: { restartOnFailure: async () => true },
    });
    this.#consumer = consumer;
    consumer.on('consumer.group_join', ({ payload }) => {
      if (this.#consumer !== consumer) return;
      this.listener.onAssigned(Object.entries(payload.memberAssignment).flatMap(([topic, partitions]) => partitions.map((partition) => ({ topic, partition }))));
      joined.resolve();
    });
    consumer.on('consumer.rebalancing', () => this.#consumer === consumer && this.listener.onRebalance());
    consumer.on('consumer.end_batch_process', ({ payload }) => {
      // Markers of transactions come as batches of nothing, past which the place must move.
      if (payload.batchSize > 0) return;
      const { topic, partition, firstOffset, lastOffset, highWatermark } = payload;
      void this.#hand(consumer, { topic, partition, messages: [], from: BigInt(firstOffset ?? lastOffset), next: BigInt(lastOffset) + 1n, end: BigInt(highWatermark) }).catch(this.listener.onError);
    });
    consumer.on('consumer.crash', ({ payload: { error, restart } }) => {
      if (this.#consumer !== consumer || this.#stopped) return;
      this.listener.onError(error);
      if (restart) return;
      if (started) void this.#rebuild(consumer);
      else joined.reject(error);
    });
    joined.promise.catch(() => {});
    try {
      await consumer.connect();
      await subscribed(consumer, topics);
      await consumer.run({ autoCommit: false, eachBatch: ({ batch }) => this.#hand(consumer, fetched(batch)) });
      await joined.promise;
      started = true;
    } catch (error) {
      if (this.#consumer === consumer) this.#consumer = undefined;
      await within(LEAVE_MS, consumer.disconnect());
      throw error;
    }
  }

  /** Commits for the generation of this very moment; rejects when it is over. */
  async commit(offsets: readonly (PartitionName & { readonly offset: bigint })[]): Promise<void> {
    if (!this.#consumer) throw new Error('The consumer does not run.');
    await this.#consumer.commitOffsets(offsets.map(({ topic, partition, offset }) => ({ topic, partition, offset: String(offset) })));
  }

  pause({ topic, partition }: PartitionName): void {
    this.#try((consumer) => consumer.pause([{ topic, partitions: [partition] }]));
  }

  resume({ topic, partition }: PartitionName): void {
    this.#try((consumer) => consumer.resume([{ topic, partitions: [partition] }]));
  }

  /** The next fetch begins here. */
  seek({ topic, partition }: PartitionName, offset: bigint): void {
    this.#try((consumer) => consumer.seek({ topic, partition, offset: String(offset) }));
  }

  /** Leaves the group. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const consumer = this.#consumer;
    this.#consumer = undefined;
    if (consumer) await within(LEAVE_MS, consumer.disconnect());
  }

  async #hand(consumer: Consumer, batch: FetchedBatch): Promise<void> {
    if (this.#consumer === consumer) await this.listener.onBatch(batch);
  }

  /** Never rejects. */
  async #rebuild(broken: Consumer): Promise<void> {
    await within(LEAVE_MS, broken.disconnect());
    for (let running = false; !running && !this.#stopped; ) {
      await sleep(REBUILD_PAUSE_MS, undefined, { ref: false });
      if (!this.#stopped) running = await this.start().then(() => true, (error: unknown) => (this.listener.onError(error), false));
    }
  }

  /** A consumer that is just being restarted knows no partitions; it begins anew with its next generation. */
  #try(act: (consumer: Consumer) => void): void {
    if (!this.#consumer) return;
    try {
      act(this.#consumer);
    } catch (error) {
      if (!typeOf(error).includes('not initialized')) this.listener.onError(error);
    }
  }
}

/** Subscribes to topics that are there: a broker that has not heard yet of one that was just made says that there is none. */
async function subscribed(consumer: Consumer, topics: readonly string[]): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    } catch (error) {
      if (tries === KNOWN_TRIES || typeOf(error) !== 'UNKNOWN_TOPIC_OR_PARTITION') throw error;
      await sleep(KNOWN_PAUSE_MS, undefined, { ref: false });
    }
  }
}

function fetched(batch: Batch): FetchedBatch {
  const { topic, partition, messages, highWatermark } = batch;
  // Not in kafkajs's types: the offset that the fetch asked for.
  const asked = (batch as { readonly fetchedOffset?: string }).fetchedOffset ?? batch.firstOffset() ?? highWatermark;
  return { topic, partition, messages, from: BigInt(asked), next: BigInt(batch.lastOffset()) + 1n, end: BigInt(highWatermark) };
}

/** Waits for something that must not fail nor take longer. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const timer = new AbortController();
  await Promise.race([work.catch(() => {}), sleep(ms, undefined, { ref: false, signal: timer.signal }).catch(() => {})]);
  timer.abort();
}
