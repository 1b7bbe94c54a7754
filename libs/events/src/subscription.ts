import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BusHooks, DEAD_LETTER_SUFFIX, DEFAULT_CONCURRENCY, DEFAULT_RETRY, type RetryPolicy, type StoredRecord, type SubscribeOptions, type Subscription } from './bus.js';
import { toDeadLetter } from './dead-letter.js';
import type { Log } from './log.js';

/** What one partition hands over at once; this bounds the memory of a slow handler. */
const CHUNK_ROWS = 200;
const CHUNK_BYTES = 1024 * 1024;

/** One partition as a group sees it: `position` is the next offset to handle. */
export interface Place {
  readonly topic: string;
  readonly id: number;
  readonly number: number;
  position: number;
  end: number;
  state: 'idle' | 'waiting' | 'running';
}

/** A group over the embedded log: one handler at a time per partition, several partitions side by side. */
export class LogSubscription implements Subscription {
  readonly #retry: RetryPolicy;
  readonly #concurrency: number;
  /** A handler runs in the context of its subscription, not of whoever happened to wake it. */
  readonly #outside = AsyncLocalStorage.snapshot();
  readonly #abort = new AbortController();
  readonly #waiting: Place[] = [];
  readonly #running = new Set<Promise<void>>();
  #idlers: { readonly ends: ReadonlyMap<Place, number>; readonly resolve: () => void }[] = [];

  constructor(
    private readonly log: Log,
    private readonly options: SubscribeOptions,
    private readonly hooks: BusHooks,
    readonly places: readonly Place[],
    private readonly onStop: () => void,
  ) {
    this.#retry = { ...DEFAULT_RETRY, ...options.retry };
    this.#concurrency = options.concurrency ?? DEFAULT_CONCURRENCY;
    for (const place of places) this.#offer(place);
  }

  /** A partition has grown. */
  grow(place: Place, end: number): void {
    place.end = Math.max(place.end, end);
    this.#offer(place);
  }

  lag(): number {
    return this.places.reduce((sum, { position, end }) => sum + end - position, 0);
  }

  idle(): Promise<void> {
    const ends = new Map(this.places.map((place) => [place, place.end]));
    const done = new Promise<void>((resolve) => this.#idlers.push({ ends, resolve }));
    this.#settleIdlers();
    return done;
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await Promise.all(this.#running);
    await this.log.flush();
    this.onStop();
    for (const { resolve } of this.#idlers.splice(0)) resolve();
  }

  #offer(place: Place): void {
    if (place.state !== 'idle' || place.position >= place.end || this.#abort.signal.aborted) return;
    place.state = 'waiting';
    this.#waiting.push(place);
    this.#startNext();
  }

  #startNext(): void {
    while (this.#running.size < this.#concurrency && !this.#abort.signal.aborted) {
      const place = this.#waiting.shift();
      if (!place) return;
      place.state = 'running';
      const run = this.#outside(() => this.#handleChunk(place)).finally(() => {
        this.#running.delete(run);
        place.state = 'idle';
        // Behind the others that wait, so that one busy partition starves none.
        this.#offer(place);
        this.#startNext();
        this.#settleIdlers();
      });
      this.#running.add(run);
    }
  }

  /** Never rejects: what goes wrong here is the bus's own trouble, and the partition is offered again. */
  async #handleChunk(place: Place): Promise<void> {
    try {
      const records = await this.log.read(place.topic, place, place.position, CHUNK_ROWS, CHUNK_BYTES);
      if (records.length === 0) place.position = place.end;
      for (const record of records) {
        if (this.#abort.signal.aborted || !(await this.#handle(record, place))) return;
        place.position = Number(record.offset) + 1;
        this.log.commit({ group: this.options.group, partition: place.id, offset: place.position });
      }
    } catch (error) {
      this.hooks.onError?.(error);
      await this.#pause(DEFAULT_RETRY.longestPauseMs / 10);
    }
  }

  /** Whether the record is done with, by its effect or as a dead letter; false when the subscription stops first. */
  async #handle(record: StoredRecord, place: Place): Promise<boolean> {
    const { group, handler } = this.options;
    const { signal } = this.#abort;
    let pause = this.#retry.firstPauseMs;
    for (let attempt = 1; ; attempt++) {
      try {
        await handler(record, { group, attempt, signal });
        return true;
      } catch (error) {
        if (signal.aborted) return false;
        if (!isRetryable(error) || attempt >= this.#retry.attempts) {
          await this.#bury(record, place, attempt, error);
          return true;
        }
        this.hooks.onRetry?.({ group, record, attempt, error });
        await this.#pause(pause);
        if (signal.aborted) return false;
        pause = Math.min(pause * 2, this.#retry.longestPauseMs);
      }
    }
  }

  /** The dead letter and the offset are one transaction. Who fails on a dead letter leaves it where it lies. */
  async #bury(record: StoredRecord, place: Place, attempt: number, error: unknown): Promise<void> {
    const { group } = this.options;
    const letters = record.topic.endsWith(DEAD_LETTER_SUFFIX) ? [] : [toDeadLetter(record, group, attempt, error)];
    await this.log.append(letters, { commits: [{ group, partition: place.id, offset: Number(record.offset) + 1 }] });
    this.hooks.onDeadLetter?.({ group, record, error });
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#abort.signal, ref: false }).catch(() => {});
  }

  #settleIdlers(): void {
    if (this.#idlers.length === 0) return;
    const done = this.#idlers.filter(({ ends }) => [...ends].every(([place, end]) => place.position >= end));
    this.#idlers = this.#idlers.filter((idler) => !done.includes(idler));
    for (const { resolve } of done) resolve();
  }
}

/** An error says by itself whether the same call may simply be made again. */
const isRetryable = (error: unknown): boolean => typeof error === 'object' && error !== null && (error as { readonly retryable?: unknown }).retryable === true;
