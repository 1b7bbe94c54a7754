import { AsyncLocalStorage } from 'node:async_hooks';
import { type BusHooks, DEFAULT_CONCURRENCY, DEFAULT_RETRY, type SubscribeOptions, type Subscription } from './bus.js';
import { deliver, pause } from './delivery.js';
import { lagsOf } from './lags.js';
import type { Log } from './log.js';
import { Turns } from './turns.js';

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
}

/** A group over the embedded log: one handler at a time per partition, several partitions side by side. */
export class LogSubscription implements Subscription {
  /** A handler runs in the context of its subscription, not of whoever happened to wake it. */
  readonly #outside = AsyncLocalStorage.snapshot();
  readonly #abort = new AbortController();
  readonly #turns: Turns<Place>;
  #idlers: { readonly ends: ReadonlyMap<Place, number>; readonly resolve: () => void }[] = [];

  constructor(
    private readonly log: Log,
    private readonly options: SubscribeOptions,
    private readonly hooks: BusHooks,
    readonly places: readonly Place[],
    private readonly onStop: () => void,
  ) {
    this.#turns = new Turns(
      options.concurrency ?? DEFAULT_CONCURRENCY,
      (place) => this.#outside(() => this.#handleChunk(place)),
      (place) => place.position < place.end,
    );
    for (const place of places) this.#turns.offer(place);
  }

  /** A partition has grown. */
  grow(place: Place, end: number): void {
    place.end = Math.max(place.end, end);
    this.#turns.offer(place);
  }

  lag(): number {
    return this.places.reduce((sum, { position, end }) => sum + end - position, 0);
  }

  lags(): ReadonlyMap<string, number> {
    return lagsOf(this.options.topics, this.places.map(({ topic, position, end }) => ({ topic, lag: end - position })));
  }

  idle(): Promise<void> {
    const ends = new Map(this.places.map((place) => [place, place.end]));
    const done = new Promise<void>((resolve) => this.#idlers.push({ ends, resolve }));
    this.#settleIdlers();
    return done;
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#turns.stop();
    await this.log.flush();
    this.onStop();
    for (const { resolve } of this.#idlers.splice(0)) resolve();
  }

  /** Never rejects: what goes wrong here is the bus's own trouble, and the partition is offered again. */
  async #handleChunk(place: Place): Promise<void> {
    const { group } = this.options;
    const { signal } = this.#abort;
    try {
      const records = await this.log.read(place.topic, place, place.position, CHUNK_ROWS, CHUNK_BYTES);
      if (records.length === 0) place.position = place.end;
      for (const record of records) {
        const next = Number(record.offset) + 1;
        // The dead letter and the offset are one transaction.
        const done = !signal.aborted && (await deliver(record, { options: this.options, hooks: this.hooks, signal, bury: (letters) => this.log.append(letters, { commits: [{ group, partition: place.id, offset: next }] }) }));
        if (!done) return;
        place.position = next;
        this.log.commit({ group, partition: place.id, offset: place.position });
      }
    } catch (error) {
      this.hooks.onError?.(error);
      await pause(DEFAULT_RETRY.longestPauseMs / 10, signal);
    } finally {
      this.#settleIdlers();
    }
  }

  #settleIdlers(): void {
    if (this.#idlers.length === 0) return;
    const done = this.#idlers.filter(({ ends }) => [...ends].every(([place, end]) => place.position >= end));
    this.#idlers = this.#idlers.filter((idler) => !done.includes(idler));
    for (const { resolve } of done) resolve();
  }
}
