import type { EventRecord } from '@millrace/core';
import { DEAD_LETTER_SUFFIX, deadLetterTopic, type EventBus } from './bus.js';
import { type DeadLetter, fromDeadLetter, RETRY_TOPIC, toRetry } from './dead-letter.js';
import { errors } from './errors.js';

/** Which letters are meant; what is left out fits all. */
export interface DeadLetterFilter {
  readonly topic?: string | undefined;
  readonly group?: string | undefined;
  readonly type?: string | undefined;
  readonly retried?: boolean | undefined;
}

/** How many letters of one topic are listed; older ones can still be named and retried. */
export const MAX_LISTED = 10_000;
const RETRY_BATCH = 100;
const ID = /^([A-Za-z0-9._-]+):(\d{1,6}):(\d{1,18})$/;
const NOTHING = new Uint8Array(0);

/** The dead letters of all groups on a bus. What became of them is read from the bus too, so that every process knows the same. */
export class DeadLetters {
  constructor(private readonly bus: EventBus) {}

  /** Letters without their payloads, newest first. */
  async list(filter: DeadLetterFilter = {}): Promise<readonly DeadLetter[]> {
    const retried = await this.#retried();
    const found = await Promise.all(
      (await this.#topics(filter)).map(async (topic) => {
        const letters: DeadLetter[] = [];
        for await (const letter of this.#read(topic, retried)) {
          if (!fits(letter, filter)) continue;
          letters.push({ ...letter, value: NOTHING });
          if (letters.length > MAX_LISTED) letters.shift();
        }
        return letters;
      }),
    );
    return found.flat().toSorted((a, b) => b.time.getTime() - a.time.getTime() || (a.id < b.id ? 1 : -1));
  }

  /** One letter with its payload; throws DEAD_LETTER_NOT_FOUND, also when retention has removed it. */
  async get(id: string): Promise<DeadLetter> {
    const [, topic, partition, place] = ID.exec(id) ?? [];
    if (topic === undefined || place === undefined) throw errors.DEAD_LETTER_NAME_INVALID({ id });
    const offset = BigInt(place);
    for await (const record of this.bus.replay(deadLetterTopic(topic), { from: offset, to: offset + 1n })) {
      if (record.partition === Number(partition)) return fromDeadLetter(record, (await this.#retried()).get(id));
    }
    throw errors.DEAD_LETTER_NOT_FOUND({ id });
  }

  /** Hands a letter to its group once more, and resolves when that is durable; one that was handed over before stays as it is. */
  async retry(id: string, now: Date): Promise<DeadLetter> {
    const letter = await this.get(id);
    if (letter.retryTime) return letter;
    await this.bus.publish([toRetry(letter, now)]);
    return { ...letter, retryTime: now };
  }

  /** Hands over all that wait and fit, as they are when the call comes; gives how many. */
  async retryAll(filter: DeadLetterFilter, now: Date): Promise<number> {
    const retried = await this.#retried();
    let count = 0;
    for (const topic of await this.#topics(filter)) {
      let batch: EventRecord[] = [];
      const ship = async (): Promise<void> => {
        await this.bus.publish(batch);
        count += batch.length;
        batch = [];
      };
      for await (const letter of this.#read(topic, retried)) {
        if (fits(letter, { ...filter, retried: false })) batch.push(toRetry(letter, now));
        if (batch.length >= RETRY_BATCH) await ship();
      }
      await ship();
    }
    return count;
  }

  async #topics({ topic }: DeadLetterFilter): Promise<readonly string[]> {
    if (topic !== undefined) return [deadLetterTopic(topic)];
    return (await this.bus.topics()).filter(({ name, records }) => records > 0 && name.endsWith(DEAD_LETTER_SUFFIX)).map(({ name }) => name);
  }

  /** All letters of a topic, oldest first; on Kafka a letter may have been written twice, and is given once. */
  async *#read(topic: string, retried: ReadonlyMap<string, Date>): AsyncGenerator<DeadLetter, void> {
    const seen = new Set<string>();
    for await (const record of this.bus.replay(topic, { from: 0n })) {
      const letter = fromDeadLetter(record, retried.get(`${topic.slice(0, -DEAD_LETTER_SUFFIX.length)}:${record.partition}:${record.offset}`));
      const origin = `${letter.group} ${letter.partition} ${letter.offset} ${letter.retries}`;
      if (seen.has(origin)) continue;
      seen.add(origin);
      yield letter;
    }
  }

  async #retried(): Promise<ReadonlyMap<string, Date>> {
    const times = new Map<string, Date>();
    for await (const { headers, time } of this.bus.replay(RETRY_TOPIC, { from: 0n })) if (headers['dlq_letter'] !== undefined) times.set(headers['dlq_letter'], new Date(headers['dlq_retry_time'] ?? time));
    return times;
  }
}

const fits = ({ group, headers, retryTime }: DeadLetter, filter: DeadLetterFilter): boolean =>
  (filter.group === undefined || filter.group === group) && (filter.type === undefined || filter.type === headers['ce_type']) && (filter.retried === undefined || filter.retried === (retryTime !== undefined));
