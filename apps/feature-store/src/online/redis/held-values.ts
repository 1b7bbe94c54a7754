import type { EntityState } from '../entity-state.js';
import type { HeldEntity } from '../view-answers.js';
import { addParts, firstStampOf, lastStampOf, unpackEntity } from './packed-entity.js';
import type { ReadReply } from './redis-scripts.js';

/** A value as it was when it was last read or written, with its state. It only ever grows, by what was appended in Redis. */
export interface HeldValue {
  readonly id: string;
  /** The stamp that it begins with, and the bytes of its first part with it. */
  readonly first: Buffer;
  readonly firstLength: number;
  /** The stamp that it ends with. */
  readonly last: Buffer;
  /** Bytes in Redis. */
  readonly length: number;
  readonly entity: HeldEntity;
}

type Growing = { -readonly [Name in keyof HeldValue]: HeldValue[Name] };

/** What was held of a value when Redis was asked for it. */
export interface Asked {
  readonly key: string;
  readonly generation: string;
  /** Tiles that its view holds. */
  readonly keep: number;
  readonly held: HeldValue | undefined;
  readonly length: number;
  readonly last: Buffer | undefined;
  /** The number in the last stamp; 0 for nothing. */
  readonly stamp: bigint;
}

/** What is held, as it is at this moment. */
export const askedOf = (place: Pick<Asked, 'key' | 'generation' | 'keep'>, held: HeldValue | undefined): Asked => ({ ...place, held, length: held?.length ?? 0, last: held?.last, stamp: held?.last.readBigInt64BE() ?? 0n });

/** Bytes of values whose states are kept in memory; a state takes some times as many. */
export const MAX_HELD_BYTES = 32 * 1024 * 1024;

const idOf = (generation: string, key: string): string => `${generation} ${key}`;

/** Values that were read or written lately, with their states: they spare bytes and work, and never answer by themselves. */
export class HeldValues {
  readonly #values = new Map<string, Growing>();
  #bytes = 0;

  constructor(private readonly limit = MAX_HELD_BYTES) {}

  /** What is held of a key's value just now; values of another generation are others. */
  ask(generation: string, key: string, keep: number): Asked {
    const id = idOf(generation, key);
    const held = this.#values.get(id);
    if (held) {
      // Asked last, so let go last.
      this.#values.delete(id);
      this.#values.set(id, held);
    }
    return askedOf({ key, generation, keep }, held);
  }

  /** The value after an answer of Redis to what was asked; undefined where there is none. What another answer has brought meanwhile is at least as new, and stays. */
  take(asked: Asked, reply: ReadReply): HeldValue | undefined {
    const { held, generation, key, keep } = asked;
    if (reply === null) {
      if (held && this.#isUnchanged(asked, held)) this.#drop(held);
      return undefined;
    }
    if (reply === 1) return held;
    if (!Buffer.isBuffer(reply)) {
      this.grow(asked, reply[0]);
      return held;
    }
    const newer = this.#values.get(idOf(generation, key));
    if (newer && !this.#isUnchanged(asked, newer) && newer.last.compare(lastStampOf(reply)) >= 0) return newer;
    return this.put(asked, reply, unpackEntity(reply, key, keep));
  }

  /** Adds to a value what was appended to it in Redis after what was asked of it; the part that it has already is passed over. */
  grow({ held, length, key, keep }: Asked, tail: Buffer): void {
    if (!held) return;
    const value: Growing = held;
    const rest = tail.subarray(value.length - length);
    if (rest.length === 0) return;
    try {
      addParts(value.entity.state, rest, key, keep);
    } catch (error) {
      // Half of it may have been added.
      this.#drop(value);
      throw error;
    }
    value.length += rest.length;
    value.last = lastStampOf(rest);
    value.entity.answers = undefined;
    if (this.#values.get(value.id) === value) this.#count(rest.length);
  }

  /** Holds a whole value with its state in the place of what was held. */
  put({ generation, key }: Asked, bytes: Buffer, { state, firstLength }: { readonly state: EntityState; readonly firstLength: number }): HeldValue {
    const id = idOf(generation, key);
    const former = this.#values.get(id);
    if (former) this.#drop(former);
    const value = { id, first: firstStampOf(bytes), firstLength, last: lastStampOf(bytes), length: bytes.length, entity: { state, answers: undefined } };
    this.#values.set(id, value);
    this.#count(bytes.length);
    return value;
  }

  #isUnchanged({ held, last }: Asked, now: HeldValue): boolean {
    return held === now && last === now.last;
  }

  #drop(value: HeldValue): void {
    if (this.#values.get(value.id) !== value) return;
    this.#values.delete(value.id);
    this.#bytes -= value.length;
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    for (const oldest of this.#values.values()) {
      if (this.#bytes <= this.limit) break;
      this.#drop(oldest);
    }
  }
}
