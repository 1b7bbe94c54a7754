import { setTimeout as sleep } from 'node:timers/promises';
import type { EventRecord } from '@millrace/core';
import type { Message } from 'kafkajs';
import { isFinal } from './kafka-client.js';
import type { KafkaProducers, ProducerIdentity } from './kafka-producers.js';
import { sizeOf, toMessage } from './kafka-record.js';

/** What one send takes at most; kafkajs copies its list once for each record in it. */
const BATCH_ROWS = 1_000;
const BATCH_BYTES = 900_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;

interface Item {
  readonly message: Message;
  readonly bytes: number;
  /** Of the last record of what was appended together. */
  readonly settle: { readonly resolve: () => void; readonly reject: (error: unknown) => void } | undefined;
}

/** One partition of one topic, and how its lane tells what happens. */
export interface LaneContext {
  /** The topic's name in the cluster. */
  readonly topic: string;
  readonly partition: number;
  readonly producers: KafkaProducers;
  /** How long a batch is tried. */
  readonly timeoutMs: number;
  readonly toError: (cause: unknown) => unknown;
  readonly onStored: (end: bigint) => void;
}

/** Sends the records of one partition in the order in which they came: one batch under way, what comes meanwhile shares the next. */
export class KafkaLane {
  #queue: Item[] = [];
  #sending = false;

  constructor(private readonly context: LaneContext) {}

  /** Resolves when all of it is durable. */
  append(records: readonly EventRecord[]): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    records.forEach((record, index) => {
      const settle = index === records.length - 1 ? { resolve, reject } : undefined;
      this.#queue.push({ message: toMessage(record, this.context.partition), bytes: sizeOf(record), settle });
    });
    if (!this.#sending) {
      this.#sending = true;
      // After the current round of the event loop, so that everything appended in it goes together.
      setImmediate(() => void this.#drain());
    }
    return promise;
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, this.#batchLength());
      try {
        const first = await this.#send(batch.map(({ message }) => message));
        this.context.onStored(first + BigInt(batch.length));
        for (const { settle } of batch) settle?.resolve();
      } catch (error) {
        // What waits behind a lost batch is given back too: who publishes again does so in order.
        const lost = [...batch, ...this.#queue];
        this.#queue = [];
        for (const { settle } of lost) settle?.reject(error);
      }
    }
    this.#sending = false;
  }

  /** The same records under the same identity until they are confirmed, refused, or the time is over. */
  async #send(messages: Message[]): Promise<bigint> {
    const { topic, partition, producers, timeoutMs, toError } = this.context;
    const until = performance.now() + timeoutMs;
    let identity: ProducerIdentity | undefined;
    for (let wait = FIRST_PAUSE_MS; ; wait = Math.min(wait * 2, LONGEST_PAUSE_MS)) {
      try {
        identity ??= await producers.current();
        return await identity.send(topic, partition, messages);
      } catch (cause) {
        const over = isFinal(cause) || performance.now() > until;
        if (over || isSpent(cause)) {
          identity?.retire();
          identity = undefined;
        }
        if (over) throw toError(cause);
        await sleep(wait);
      }
    }
  }

  #batchLength(): number {
    let [rows, bytes] = [0, 0];
    for (const item of this.#queue) {
      bytes += item.bytes;
      if (rows > 0 && (rows >= BATCH_ROWS || bytes > BATCH_BYTES)) break;
      rows++;
    }
    return rows;
  }
}

/** Whether kafkajs says, by the error at the bottom, that the very same request can never succeed. */
function isSpent(error: unknown): boolean {
  const { cause, retriable } = error as { readonly cause?: unknown; readonly retriable?: boolean };
  return cause === undefined || cause === error ? retriable === false : isSpent(cause);
}
