import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, type EventRecord } from '@millrace/core';
import { type BusHooks, DEFAULT_CONCURRENCY, DEFAULT_RETRY, type SubscribeOptions, type Subscription } from './bus.js';
import { deliver, pause } from './delivery.js';
import { type KafkaClient, typeOf } from './kafka-client.js';
import { type FetchedBatch, KafkaMember, type PartitionName } from './kafka-member.js';
import { KafkaPlace } from './kafka-place.js';
import type { KafkaTopics, PartitionEnds } from './kafka-topics.js';
import { lagsOf } from './lags.js';
import { Turns } from './turns.js';

const CHUNK_ROWS = 200;
/** Offsets wait so long for others to go with them. */
const COMMIT_MS = 25;
const COMMIT_RETRY_MS = 250;
const LAST_COMMIT_TRIES = 5;
/** How often the ends of partitions that are paused are asked for: nothing is fetched from them that would tell. */
const ENDS_MS = 1_000;
const IDLE_POLL_MS = 10;
const IDLE_OTHERS_MS = 100;
/** What a commit is answered when the group has moved on: the next generation commits what is left to it. */
const MOVED_ON = ['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID'];

/** What a subscription on Kafka needs of its bus. */
export interface KafkaSubscriptionContext {
  readonly client: KafkaClient;
  readonly topics: KafkaTopics;
  readonly hooks: BusHooks;
  readonly sessionTimeoutMs: number;
  readonly publish: (records: readonly EventRecord[]) => Promise<void>;
  readonly onStop: () => void;
}

/**
 * One member of a group on Kafka: one handler at a time per partition, several partitions side by side. The offset is committed after the
 * effect, and only for partitions that this member has at that moment; what is revoked is abandoned, and comes again to its next member.
 */
export class KafkaSubscription implements Subscription {
  readonly #outside = AsyncLocalStorage.snapshot();
  readonly #turns: Turns<KafkaPlace>;
  readonly #member: KafkaMember;
  readonly #places = new Map<string, KafkaPlace>();
  readonly #leaving = new Map<string, Promise<void>>();
  readonly #timer: NodeJS.Timeout;
  readonly #stop = new AbortController();
  /** How many partitions each topic had when this member came: later ones are read from their beginning. */
  #counts: ReadonlyMap<string, number> = new Map();
  #locating: Promise<void> = Promise.resolve();
  #commitTimer: NodeJS.Timeout | undefined;
  #committing: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;

  constructor(
    private readonly options: SubscribeOptions,
    private readonly context: KafkaSubscriptionContext,
  ) {
    const { client, sessionTimeoutMs, hooks } = context;
    this.#turns = new Turns(
      options.concurrency ?? DEFAULT_CONCURRENCY,
      (place) => this.#outside(() => this.#handleChunk(place)),
      (place) => place.hasMore,
    );
    this.#member = new KafkaMember(
      client,
      { group: client.full(options.group), topics: options.topics.map((topic) => client.full(topic)), sessionTimeoutMs },
      {
        onAssigned: (partitions) => this.#assign(partitions),
        onRebalance: () => void this.#commit(),
        onBatch: (batch) => this.#take(batch),
        onError: (error) => hooks.onError?.(error),
      },
    );
    this.#timer = setInterval(() => void this.#refreshEnds(), ENDS_MS).unref();
  }

  /** Joins the group; resolves when its place is known and, where it begins at the end, kept. */
  async start(): Promise<void> {
    const { topics } = this.options;
    this.#counts = new Map(await Promise.all(topics.map(async (topic) => [topic, await this.context.topics.ensure(topic)] as const)));
    try {
      await this.#member.start();
      for (let located: Promise<void> | undefined; located !== this.#locating; ) await (located = this.#locating);
      while (this.options.from === 'latest' && [...this.#places.values()].some(({ committed }) => committed < 0n)) await sleep(COMMIT_MS);
    } catch (error) {
      await this.stop();
      throw error instanceof AppError ? error : this.context.client.unreachable(`join the group ${this.options.group}`, error);
    }
  }

  /** A partition has grown, as this process's own publisher knows. */
  grow(topic: string, partition: number, end: bigint): void {
    this.#places.get(keyOf({ topic: this.context.client.full(topic), partition }))?.grow(end);
  }

  lag(): number {
    return [...this.#places.values()].reduce((sum, place) => sum + place.lag, 0);
  }

  lags(): ReadonlyMap<string, number> {
    return lagsOf(this.options.topics, this.#places.values());
  }

  /** Bytes that wait in memory. */
  held(): number {
    return [...this.#places.values()].reduce((sum, place) => sum + place.bytes, 0);
  }

  async idle(): Promise<void> {
    const { client, topics } = this.context;
    const ends = await Promise.all(this.options.topics.map(async (topic) => ({ topic, ends: (await topics.ends(topic)) ?? [] })));
    const open = new Map(ends.flatMap((each) => each.ends.filter(({ low, high }) => high > low).map(({ partition, high }) => [keyOf({ topic: client.full(each.topic), partition }), { topic: each.topic, partition, high }] as const)));
    while (!this.#stop.signal.aborted) {
      for (const [key, { high }] of open) if ((this.#places.get(key)?.position ?? -1n) >= high) open.delete(key);
      // What other members have, they tell by what they commit.
      if ([...open.keys()].some((key) => !this.#places.has(key))) {
        const committed = await topics.committed(this.options.group, this.options.topics);
        for (const [key, { topic, partition, high }] of open) if ((committed.get(topic)?.get(partition) ?? -1n) >= high) open.delete(key);
      }
      if (open.size === 0) return;
      await pause([...open.keys()].some((key) => this.#places.has(key)) ? IDLE_POLL_MS : IDLE_OTHERS_MS, this.#stop.signal);
    }
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#end();
    return this.#stopping;
  }

  async #end(): Promise<void> {
    this.#stop.abort();
    clearInterval(this.#timer);
    for (const place of this.#places.values()) place.revoke();
    await this.#turns.stop();
    clearTimeout(this.#commitTimer);
    for (let tries = 0; tries < LAST_COMMIT_TRIES && this.#due().length > 0; tries++) {
      await sleep(tries * COMMIT_RETRY_MS);
      await this.#commit();
    }
    await this.#member.stop();
    this.context.onStop();
  }

  /** A new generation. */
  #assign(partitions: readonly PartitionName[]): void {
    const mine = new Map(partitions.map((name) => [keyOf(name), name]));
    for (const [key, place] of this.#places) if (!mine.has(key)) this.#revoke(key, place);
    for (const [key, name] of mine) {
      const place = this.#places.get(key) ?? this.#newPlace(key, name);
      // What another member did meanwhile is not known before the group's offsets are read again.
      place.located = false;
      // kafkajs keeps a pause over a rebalance, and forgets it when it restarts. Nothing is fetched before the place is known: where retention has removed
      // what kafkajs asks for, it commits another place, and nobody could say any more what the group has lost.
      this.#setPaused(place, true);
    }
    this.#locating = this.#locate();
    const places = [...this.#places.values()];
    // Also where it failed: what is fetched then has it looked for once more.
    void this.#locating
      .catch((error: unknown) => this.context.hooks.onError?.(error))
      .then(() => places.filter((place) => this.#places.get(keyOf(place.name)) === place).forEach((place) => this.#setPaused(place, place.isFull)));
  }

  #newPlace(key: string, name: PartitionName): KafkaPlace {
    const place = new KafkaPlace(name, this.context.client.own(name.topic) ?? name.topic);
    this.#places.set(key, place);
    const before = this.#leaving.get(key);
    if (before) {
      place.blocked = true;
      void before.then(() => {
        place.blocked = false;
        this.#turns.offer(place);
      });
    }
    return place;
  }

  #revoke(key: string, place: KafkaPlace): void {
    place.revoke();
    this.#places.delete(key);
    const over = Promise.all([this.#leaving.get(key), this.#turns.over(place)]).then(() => {
      if (this.#leaving.get(key) === over) this.#leaving.delete(key);
    });
    this.#leaving.set(key, over);
  }

  /** Finds where the group stands in the partitions of the new generation. */
  async #locate(): Promise<void> {
    const { topics } = this.context;
    const places = [...this.#places.values()];
    const names = [...new Set(places.map(({ topic }) => topic))];
    if (places.length === 0) return;
    const [committed, ends] = await Promise.all([topics.committed(this.options.group, names), Promise.all(names.map(async (topic) => [topic, (await topics.ends(topic, { made: true })) ?? []] as const))]);
    const endsOf = new Map(ends);
    for (const place of places) {
      if (place.signal.aborted || this.#places.get(keyOf(place.name)) !== place) continue;
      const { partition } = place.name;
      const end = endsOf.get(place.topic)?.find((each) => each.partition === partition);
      if (!end) throw new Error(`Kafka does not tell the ends of partition ${partition} of ${place.topic}.`);
      place.locate({ committed: committed.get(place.topic)?.get(partition), beginning: this.#beginning(place, end), end: end.high });
      this.#member.seek(place.name, place.taken);
    }
    this.#scheduleCommit();
  }

  /** Where a group begins that has never read the partition. */
  #beginning({ topic, name }: KafkaPlace, { low, high }: PartitionEnds): bigint {
    const isNew = name.partition >= (this.#counts.get(topic) ?? 0);
    return this.options.from === 'latest' && !isNew ? high : low;
  }

  async #take(batch: FetchedBatch): Promise<void> {
    const place = this.#places.get(keyOf(batch));
    if (!place) return;
    if (!place.located) {
      await this.#locating.catch(() => (this.#locating = this.#locate()));
      if (!place.located) return;
    }
    if (place.signal.aborted) return;
    if (batch.from > place.taken && !(await this.#isGone(place, batch.from))) return this.#member.seek(place.name, place.taken);
    place.take(batch);
    if (place.isFull) this.#setPaused(place, true);
    this.#turns.offer(place);
  }

  #setPaused(place: KafkaPlace, paused: boolean): void {
    place.paused = paused;
    if (paused) this.#member.pause(place.name);
    else this.#member.resume(place.name);
  }

  /** Whether retention has removed everything before this offset; then the group is told what it lost. */
  async #isGone(place: KafkaPlace, from: bigint): Promise<boolean> {
    const low = (await this.context.topics.ends(place.topic))?.find(({ partition }) => partition === place.name.partition)?.low ?? 0n;
    if (low < from) return false;
    this.context.hooks.onUnreadRemoved?.({ topic: place.topic, records: Number(from - place.taken) });
    place.skipTo(from);
    return true;
  }

  /** Never rejects: what goes wrong here is the bus's own trouble, and the partition is offered again. */
  async #handleChunk(place: KafkaPlace): Promise<void> {
    const { hooks, publish } = this.context;
    const { signal } = place;
    try {
      for (let rows = 0; rows < CHUNK_ROWS && !signal.aborted; rows++) {
        const record = place.first;
        if (!record || !(await deliver(record, { options: this.options, hooks, signal, bury: (letters) => publish(letters) }))) return;
        // Another generation may have found that the place is further on.
        if (place.first === record) place.advance();
        this.#scheduleCommit();
        if (place.paused && place.hasRoom) this.#setPaused(place, false);
      }
    } catch (error) {
      hooks.onError?.(error);
      await pause(DEFAULT_RETRY.longestPauseMs / 10, signal);
    }
  }

  /** What may be committed: the places of this generation that have moved on. */
  #due(): readonly KafkaPlace[] {
    return [...this.#places.values()].filter(({ located, position, committed }) => located && position > committed);
  }

  #scheduleCommit(ms = COMMIT_MS): void {
    if (this.#stop.signal.aborted) return;
    this.#commitTimer ??= setTimeout(() => {
      this.#commitTimer = undefined;
      void this.#commit();
    }, ms).unref();
  }

  /** Never rejects. Called from a timer, or before a generation ends: a new one and the call of `#assign` lie in one round of microtasks, so no commit comes between. */
  #commit(): Promise<void> {
    this.#committing ??= this.#commitNow().finally(() => (this.#committing = undefined));
    return this.#committing;
  }

  async #commitNow(): Promise<void> {
    const due = this.#due().map((place) => ({ place, offset: place.position }));
    if (due.length === 0) return;
    try {
      await this.#member.commit(due.map(({ place, offset }) => ({ ...place.name, offset })));
      for (const { place, offset } of due) place.committed = offset > place.committed ? offset : place.committed;
      if (this.#due().length > 0) this.#scheduleCommit();
    } catch (error) {
      if (!MOVED_ON.includes(typeOf(error))) this.context.hooks.onError?.(error);
      this.#scheduleCommit(COMMIT_RETRY_MS);
    }
  }

  async #refreshEnds(): Promise<void> {
    const paused = new Set([...this.#places.values()].filter((place) => place.paused).map(({ topic }) => topic));
    for (const topic of paused) {
      const ends = await this.context.topics.ends(topic).catch(() => undefined);
      for (const { partition, high } of ends ?? []) this.grow(topic, partition, high);
    }
  }
}

const keyOf = ({ topic, partition }: PartitionName): string => `${partition} ${topic}`;
