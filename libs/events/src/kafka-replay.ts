import { randomUUID } from 'node:crypto';
import type { ReplayRange, StoredRecord } from './bus.js';
import type { KafkaClient } from './kafka-client.js';
import { type FetchedBatch, KafkaMember, type PartitionName } from './kafka-member.js';
import { KafkaPlace } from './kafka-place.js';
import type { KafkaTopics } from './kafka-topics.js';

const SESSION_MS = 30_000;

/** Reads a topic between two places, oldest first, through a group that lives only as long as the reading and commits nothing. */
export async function* replayKafka(client: KafkaClient, topics: KafkaTopics, { topic, range }: { readonly topic: string; readonly range: ReplayRange }): AsyncGenerator<StoredRecord, void> {
  yield* readLimits(client, topic, { limits: await limitsOf(topics, topic, range) });
}

/** Reads these stretches of a topic, oldest first, in the same way; an abort of the signal is thrown where it waits. */
export async function* readLimits(client: KafkaClient, topic: string, { limits, signal }: { readonly limits: readonly Limit[]; readonly signal?: AbortSignal }): AsyncGenerator<StoredRecord, void> {
  if (limits.length === 0) return;
  const reader = new Reader(client, topic, limits);
  const stop = (): void => reader.fail(signal?.reason);
  signal?.addEventListener('abort', stop, { once: true });
  try {
    signal?.throwIfAborted();
    await reader.start();
    yield* reader.records();
  } finally {
    signal?.removeEventListener('abort', stop);
    await reader.stop();
  }
}

/** What to read of one partition: from, up to but not including. */
export interface Limit {
  readonly partition: number;
  readonly from: bigint;
  readonly to: bigint;
}

async function limitsOf(topics: KafkaTopics, topic: string, { from, to }: ReplayRange): Promise<readonly Limit[]> {
  const ends = await topics.ends(topic);
  if (!ends) return [];
  const [first, last] = [from instanceof Date ? await topics.offsetsAt(topic, from) : from, to instanceof Date ? await topics.offsetsAt(topic, to) : to];
  const at = (place: bigint | ReadonlyMap<number, bigint> | undefined, partition: number, otherwise: bigint): bigint => (typeof place === 'bigint' ? place : place?.get(partition)) ?? otherwise;
  return ends
    .map(({ partition, low, high }) => ({ partition, from: max(at(first, partition, low), low), to: min(at(last, partition, high), high) }))
    .filter((limit) => limit.from < limit.to);
}

class Reader {
  readonly #group: string;
  readonly #member: KafkaMember;
  readonly #places: ReadonlyMap<number, { readonly place: KafkaPlace; readonly to: bigint }>;
  #wake = Promise.withResolvers<void>();
  #fault: { readonly error: unknown } | undefined;

  constructor(
    private readonly client: KafkaClient,
    topic: string,
    limits: readonly Limit[],
  ) {
    const name = client.full(topic);
    this.#group = `${client.full('replay')}.${randomUUID()}`;
    this.#places = new Map(
      limits.map(({ partition, from, to }) => {
        const place = new KafkaPlace({ topic: name, partition }, topic);
        place.locate({ committed: from, beginning: from, end: to });
        return [partition, { place, to }];
      }),
    );
    this.#member = new KafkaMember(client, { group: this.#group, topics: [name], sessionTimeoutMs: SESSION_MS }, {
      onAssigned: (partitions) => this.#begin(partitions),
      onRebalance: () => {},
      onBatch: async (batch) => this.#take(batch),
      // The member goes on by itself; a reader that waits is told only when it cannot.
      onError: () => {},
    });
  }

  async start(): Promise<void> {
    try {
      await this.#member.start();
    } catch (error) {
      throw this.client.unreachable('replay', error);
    }
  }

  /** Merges the partitions by time; a partition that may still bring something older is waited for. */
  async *records(): AsyncGenerator<StoredRecord, void> {
    for (;;) {
      if (this.#fault) throw this.#fault.error;
      const open = [...this.#places.values()].filter(({ place, to }) => place.position < to);
      if (open.length === 0) return;
      const heads = open.map(({ place }) => place).filter(({ first }) => first !== undefined);
      if (heads.length < open.length) {
        await this.#wake.promise;
        this.#wake = Promise.withResolvers();
        continue;
      }
      const oldest = heads.reduce((best, place) => (timeOf(place) < timeOf(best) ? place : best));
      const record = oldest.first;
      oldest.advance();
      if (oldest.paused && oldest.hasRoom) this.#setPaused(oldest, false);
      if (record) yield record;
    }
  }

  fail(error: unknown): void {
    this.#fault = { error };
    this.#wake.resolve();
  }

  async stop(): Promise<void> {
    await this.#member.stop();
    await this.client.ask('forget a replay', (admin) => admin.deleteGroups([this.#group])).catch(() => {});
  }

  #begin(partitions: readonly PartitionName[]): void {
    for (const name of partitions) {
      const found = this.#places.get(name.partition);
      if (!found || found.place.taken >= found.to) this.#member.pause(name);
      else {
        this.#setPaused(found.place, found.place.isFull);
        this.#member.seek(name, found.place.taken);
      }
    }
  }

  #take(batch: FetchedBatch): void {
    const found = this.#places.get(batch.partition);
    if (!found) return;
    const { place, to } = found;
    // What retention removes while it is read is not there any more; a batch from elsewhere is another generation's.
    if (batch.from > place.taken) place.skipTo(batch.from);
    place.take({ ...batch, messages: batch.messages.filter(({ offset }) => BigInt(offset) < to) });
    if (place.isFull || place.taken >= to) this.#setPaused(place, true);
    this.#wake.resolve();
  }

  #setPaused(place: KafkaPlace, paused: boolean): void {
    const done = place.taken >= (this.#places.get(place.name.partition)?.to ?? 0n);
    place.paused = paused || done;
    if (place.paused) this.#member.pause(place.name);
    else this.#member.resume(place.name);
  }
}

const timeOf = ({ first }: KafkaPlace): number => first?.time.getTime() ?? 0;
const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);
