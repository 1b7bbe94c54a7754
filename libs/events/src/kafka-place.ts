import type { StoredRecord } from './bus.js';
import type { FetchedBatch, PartitionName } from './kafka-member.js';
import { fromMessage, sizeOf } from './kafka-record.js';

/** What one partition holds in memory before it is paused, and down to what it is handled before it goes on. */
const HIGH_ROWS = 2_000;
const HIGH_BYTES = 1024 * 1024;
const LOW = 0.5;

/** A record that waits, and the place behind it. */
interface Waiting {
  readonly record: StoredRecord;
  readonly bytes: number;
}

/** One partition that this member of a group has, from its assignment until it is revoked. */
export class KafkaPlace {
  readonly #queue: Waiting[] = [];
  readonly #abort = new AbortController();
  #bytes = 0;
  #known = false;
  /** The next offset to handle. */
  position = 0n;
  /** The next offset to take from Kafka. */
  taken = 0n;
  /** Where the partition ends, as far as is known. */
  end = 0n;
  /** What Kafka has been told; -1 for nothing. */
  committed = -1n;
  /** Whether position and end are known for the present generation. */
  located = false;
  /** Nothing is fetched, because too much waits. */
  paused = false;
  /** A handler of the same partition from before it was revoked is still at work. */
  blocked = false;

  constructor(
    /** By the names of the cluster. */
    readonly name: PartitionName,
    /** The topic's own name. */
    readonly topic: string,
  ) {}

  /** Aborted when the partition is revoked or the subscription stops. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get lag(): number {
    return Number(this.end > this.position ? this.end - this.position : 0n);
  }

  /** What its records take in memory. */
  get bytes(): number {
    return this.#bytes;
  }

  get first(): StoredRecord | undefined {
    return this.#queue[0]?.record;
  }

  get isFull(): boolean {
    return this.#queue.length >= HIGH_ROWS || this.#bytes >= HIGH_BYTES;
  }

  get hasRoom(): boolean {
    return this.#queue.length <= HIGH_ROWS * LOW && this.#bytes <= HIGH_BYTES * LOW;
  }

  get hasMore(): boolean {
    return this.#queue.length > 0 && !this.blocked && !this.signal.aborted;
  }

  /** Where the group stands in this generation: `committed`, or else where it begins. What this member had taken and another has handled meanwhile is dropped. */
  locate({ committed, beginning, end }: { readonly committed: bigint | undefined; readonly beginning: bigint; readonly end: bigint }): void {
    const position = committed ?? (this.#known ? this.position : beginning);
    if (position > this.position) {
      while (this.first && this.first.offset < position) this.#drop();
      this.position = position;
    }
    if (this.taken < this.position) this.taken = this.position;
    this.grow(end);
    this.committed = committed ?? -1n;
    this.#known = true;
    this.located = true;
  }

  grow(end: bigint): void {
    if (end > this.end) this.end = end;
  }

  /** Takes what is new of a batch. */
  take({ messages, next, end }: FetchedBatch): void {
    for (const message of messages) {
      const record = fromMessage(this.topic, this.name.partition, message);
      if (record.offset < this.taken) continue;
      const bytes = sizeOf(record);
      this.#queue.push({ record, bytes });
      this.#bytes += bytes;
    }
    if (next > this.taken) this.taken = next;
    this.grow(end);
    if (this.#queue.length === 0) this.position = this.taken;
  }

  /** The first record is done with. */
  advance(): void {
    this.#drop();
    // Behind the last one there may be markers, which are no records.
    this.position = this.first?.offset ?? this.taken;
  }

  /** Everything before this offset is gone. */
  skipTo(offset: bigint): void {
    this.taken = offset;
    if (this.#queue.length === 0) this.position = offset;
  }

  revoke(): void {
    this.#abort.abort();
  }

  #drop(): void {
    this.#bytes -= this.#queue.shift()?.bytes ?? 0;
  }
}
