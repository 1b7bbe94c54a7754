import type { EventRecord } from '@millrace/core';
import { type BusHooks, DEFAULT_PARTITIONS, deadLetterTopic, type EventBus, type ReplayRange, type StoredRecord, type SubscribeOptions, type Subscription, type TopicInfo } from './bus.js';
import { errors } from './errors.js';
import { Log } from './log.js';
import type { AppendReply, PartitionInfo } from './log-message.js';
import { LogSubscription, type Place } from './subscription.js';

/** How much of each topic is kept. What a group has not read yet is kept up to `hold` times as long and as much. */
export interface Retention {
  readonly maxAgeMs: number;
  readonly maxBytes: number;
  readonly hold: number;
  /** How often it is enforced. */
  readonly everyMs: number;
}

export const DEFAULT_RETENTION: Retention = { maxAgeMs: 7 * 86_400_000, maxBytes: 1024 ** 3, hold: 4, everyMs: 30_000 };

/** Rows that one trim removes before appends get their turn. */
const TRIM_BUDGET = 5_000;
const REPLAY_ROWS = 500;
const REPLAY_BYTES = 1024 * 1024;

/** Where the embedded bus lives; one process at a time. */
export interface BusOptions extends BusHooks {
  /** A SQLite file, or `:memory:` for specs. */
  readonly file: string;
  /** Partitions of new topics; a topic keeps the number that it was made with. */
  readonly partitions?: number;
  readonly retention?: Partial<Retention>;
}

/** Opens the embedded bus; throws STORE_BUSY when another process has it, STORE_CORRUPT, BUS_NEWER. */
export async function openBus(options: BusOptions): Promise<EmbeddedBus> {
  const bus: { current?: EmbeddedBus } = {};
  const log = await Log.open(options.file, options.partitions ?? DEFAULT_PARTITIONS, {
    onEnds: (reply) => bus.current?.grow(reply),
    onError: (error) => options.onError?.(error),
  });
  bus.current = new EmbeddedBus(log, options);
  return bus.current;
}

/** The event bus of one process, on append-only SQLite tables. */
export class EmbeddedBus implements EventBus {
  readonly #subscriptions = new Set<LogSubscription>();
  readonly #readers = new Map<number, Map<LogSubscription, Place>>();
  readonly #taken = new Set<string>();
  readonly #retention: Retention;
  readonly #timer: NodeJS.Timeout;
  #closing: Promise<void> | undefined;

  constructor(
    private readonly log: Log,
    private readonly hooks: BusHooks & { readonly retention?: Partial<Retention> },
  ) {
    this.#retention = { ...DEFAULT_RETENTION, ...hooks.retention };
    this.#timer = setInterval(() => void this.enforceRetention().catch((error: unknown) => hooks.onError?.(error)), this.#retention.everyMs).unref();
  }

  publish(records: readonly EventRecord[]): Promise<void> {
    return this.log.append(records);
  }

  async subscribe(options: SubscribeOptions): Promise<Subscription> {
    const { group, topics, from = 'earliest' } = options;
    const claims = [...new Set(topics)].map((topic) => ({ topic, claim: `${group} ${topic}` }));
    for (const { topic, claim } of claims) if (this.#taken.has(claim)) throw errors.GROUP_TAKEN({ group, topic });
    for (const { claim } of claims) this.#taken.add(claim);
    const release = (): void => claims.forEach(({ claim }) => this.#taken.delete(claim));
    try {
      const places: Place[] = [];
      for (const { topic } of claims) places.push(...(await this.#placesOf(group, topic, from)));
      const subscription: LogSubscription = new LogSubscription(this.log, options, this.hooks, places, () => {
        this.#subscriptions.delete(subscription);
        for (const { id } of places) this.#readers.get(id)?.delete(subscription);
        release();
      });
      this.#subscriptions.add(subscription);
      for (const place of places) this.#readersOf(place.id).set(subscription, place);
      // What was appended while the places were looked up was told to nobody.
      for (const { topic } of claims) for (const { id, end } of (await this.log.topic(topic)).partitions) this.grow({ ends: [{ partition: id, end }] });
      return subscription;
    } catch (error) {
      release();
      throw error;
    }
  }

  async *replay(topic: string, { from, to }: ReplayRange): AsyncGenerator<StoredRecord, void> {
    const found = await this.log.find(topic);
    if (!found) return;
    const sources: { readonly records: AsyncIterator<StoredRecord>; head: StoredRecord }[] = [];
    for (const partition of found.partitions) {
      const records = this.#readPartition(topic, partition, await this.#offsetAt(partition, from), to === undefined ? partition.end : Math.min(partition.end, await this.#offsetAt(partition, to)));
      const first = await records.next();
      if (!first.done) sources.push({ records, head: first.value });
    }
    while (sources.length > 0) {
      const oldest = sources.reduce((best, source) => (source.head.time < best.head.time ? source : best));
      yield oldest.head;
      const next = await oldest.records.next();
      if (next.done) sources.splice(sources.indexOf(oldest), 1);
      else oldest.head = next.value;
    }
  }

  deadLetters(topic: string): AsyncIterable<StoredRecord> {
    return this.replay(deadLetterTopic(topic), { from: 0n });
  }

  /** What is in the same process is always there. */
  async ping(): Promise<void> {}

  async topics(): Promise<readonly (TopicInfo & { readonly bytes: number })[]> {
    return (await this.log.topics()).map(({ name, partitions, groups }) => ({
      name,
      partitions: partitions.length,
      records: partitions.reduce((sum, { start, end }) => sum + end - start, 0),
      bytes: partitions.reduce((sum, { bytes }) => sum + bytes, 0),
      groups,
    }));
  }

  /** Removes what retention does not keep; the bus does this by itself every so often. */
  async enforceRetention(now: Date = new Date()): Promise<void> {
    const { maxAgeMs, maxBytes, hold } = this.#retention;
    for (;;) {
      const { removed, unread } = await this.log.trim({ now: now.getTime(), maxAgeMs, maxBytes, hold, budget: TRIM_BUDGET });
      for (const loss of unread) this.hooks.onUnreadRemoved?.(loss);
      if (removed < TRIM_BUDGET) return;
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Wakes whoever reads the partitions that grew. */
  grow({ ends }: AppendReply): void {
    for (const { partition, end } of ends) for (const [subscription, place] of this.#readers.get(partition) ?? []) subscription.grow(place, end);
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.stop()));
    await this.log.close();
  }

  async #placesOf(group: string, topic: string, from: 'earliest' | 'latest'): Promise<readonly Place[]> {
    const { partitions } = await this.log.topic(topic);
    const offsets = await this.log.offsets(group, topic, from);
    return partitions.map(({ id, number, start, end }, index) => {
      const position = Math.max(offsets[index] ?? start, start);
      return { topic, id, number, position, end: Math.max(end, position) };
    });
  }

  #readersOf(partition: number): Map<LogSubscription, Place> {
    let readers = this.#readers.get(partition);
    if (!readers) this.#readers.set(partition, (readers = new Map()));
    return readers;
  }

  async #offsetAt(partition: PartitionInfo, place: bigint | Date): Promise<number> {
    return place instanceof Date ? this.log.seek(partition.id, place) : Number(place);
  }

  async *#readPartition(topic: string, partition: PartitionInfo, from: number, to: number): AsyncGenerator<StoredRecord, void> {
    let position = Math.max(from, partition.start);
    while (position < to) {
      const records = await this.log.read(topic, partition, position, Math.min(REPLAY_ROWS, to - position), REPLAY_BYTES);
      if (records.length === 0) return;
      for (const record of records) {
        if (record.offset >= BigInt(to)) return;
        yield record;
        position = Number(record.offset) + 1;
      }
    }
  }
}
