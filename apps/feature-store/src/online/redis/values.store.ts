import { uuidv7 } from '@millrace/core';
import type { EntityState } from '../entity-state.js';
import type { Asked, HeldValue, HeldValues } from './held-values.js';
import { KeyLayout } from './key-layout.js';
import { formatMarker, type Marker, parseMarker } from './marker.js';
import type { RedisHome } from './redis-home.js';

/** Keys that one command takes: a longer one would keep the server from everybody else. */
export const MAX_KEYS = 256;
/** Bytes that one command brings. */
export const MAX_BYTES = 4 * 1024 * 1024;
const SCAN_COUNT = 1_000;

/** Values of a view that are read together with its marker, at one moment. */
export interface ReadValues {
  readonly marker: Marker | undefined;
  /** One a key; undefined where there is none. */
  readonly values: readonly (HeldValue | undefined)[];
}

/** A value that is written if it still ends as it did when it was asked for. */
export interface StampedValue {
  readonly asked: Asked;
  /** The whole value, or what it goes on with. */
  readonly bytes: Buffer;
  /** Of the whole value; undefined when the bytes are appended. */
  readonly state: EntityState | undefined;
  /** Millisecond of expiry; Infinity for never. */
  readonly expires: number;
}

/** A value that nobody reads yet. */
export interface NewValue extends Pick<StampedValue, 'bytes' | 'expires'> {
  readonly key: string;
}

/** A few keys of one view under a generation. */
export interface KeysOf {
  readonly view: string;
  readonly generation: string;
  readonly keys: readonly string[];
  /** Tiles that the view holds. */
  readonly keep: number;
}

/** The markers and values in Redis: reads many in one round trip, writes each value or marker whole and only over what it was made from. */
export class ValuesStore {
  readonly #layout: KeyLayout;

  constructor(
    private readonly home: RedisHome,
    private readonly held: HeldValues,
  ) {
    this.#layout = new KeyLayout(home.prefix);
  }

  /** Reads the marker of each view with values of it; each group is read at one moment, and of each value what is not held already. */
  async read(groups: readonly KeysOf[]): Promise<readonly ReadValues[]> {
    return Promise.all(
      groups.map(async ({ view, generation, keys, keep }): Promise<ReadValues> => {
        const asked = keys.map((key) => this.held.ask(generation, key, keep));
        const names = keys.map((key) => this.#layout.value(view, generation, key));
        const known = asked.flatMap(({ held, last, length }) => [held?.first ?? '', last ?? '', String(length)]);
        const [marker, ...replies] = await this.home.run((redis) => redis.readValuesBuffer(names.length + 1, this.#layout.marker(view), ...names, ...known));
        return { marker: Buffer.isBuffer(marker) ? parseMarker(marker.toString('latin1')) : undefined, values: asked.map((each, place) => this.held.take(each, replies[place] ?? null)) };
      }),
    );
  }

  async markers(views: readonly string[]): Promise<readonly (Marker | undefined)[]> {
    return Promise.all(
      views.map(async (view) => {
        const text = await this.home.run((redis) => redis.get(this.#layout.marker(view)));
        return text === null ? undefined : parseMarker(text);
      }),
    );
  }

  /** Puts a marker in the place of another one; false when that one no longer stands there. */
  async swap(view: string, expected: Marker | undefined, next: Marker): Promise<boolean> {
    return (await this.home.run((redis) => redis.swap(this.#layout.marker(view), expected ? formatMarker(expected) : '', formatMarker(next)))) === 1;
  }

  /** What is held of a value, without asking Redis. */
  ask(generation: string, key: string, keep: number): Asked {
    return this.held.ask(generation, key, keep);
  }

  /** Writes values of which each still ends as it did; gives the keys of those that do not. At most MAX_KEYS. */
  async putStamped(view: string, generation: string, values: readonly StampedValue[]): Promise<readonly string[]> {
    if (values.length === 0) return [];
    const keys = values.map(({ asked }) => this.#layout.value(view, generation, asked.key));
    const args = values.flatMap(({ asked, bytes, state, expires }) => [asked.last ?? '', state ? '=' : '+', bytes, expires === Infinity ? '0' : String(Math.trunc(expires))]);
    const others = new Set(await this.home.run((redis) => redis.writeValues(keys.length, ...keys, ...args)));
    for (const [place, { asked, bytes, state }] of values.entries()) {
      if (others.has(place)) continue;
      if (state) this.held.put(asked, bytes, { state, firstLength: bytes.length });
      else this.held.grow(asked, bytes);
    }
    return [...others].flatMap((place) => values[place]?.asked.key ?? []);
  }

  /** Writes values of a generation that nobody reads yet. */
  async put(view: string, generation: string, values: readonly NewValue[]): Promise<void> {
    await this.home.send((pipeline) => {
      for (const { key, bytes, expires } of values) {
        const name = this.#layout.value(view, generation, key);
        if (expires === Infinity) pipeline.set(name, bytes);
        else pipeline.set(name, bytes, 'PXAT', Math.trunc(expires));
      }
    });
  }

  /** Takes the lease of a view for so long; gives its holder's token, or undefined when another one has it. */
  async lease(view: string, ms: number): Promise<string | undefined> {
    const holder = uuidv7();
    return (await this.home.run((redis) => redis.set(this.#layout.lease(view), holder, 'PX', ms, 'NX'))) === 'OK' ? holder : undefined;
  }

  async renewLease(view: string, holder: string, ms: number): Promise<void> {
    await this.home.run((redis) => redis.renewLease(this.#layout.lease(view), holder, ms));
  }

  async endLease(view: string, holder: string): Promise<void> {
    await this.home.run((redis) => redis.endLease(this.#layout.lease(view), holder));
  }

  /** Deletes the values of all generations of a view that `isOver` names; gives how many there were. */
  async deleteGenerations(view: string, isOver: (generation: string) => boolean): Promise<number> {
    let [cursor, deleted] = ['0', 0];
    do {
      const at = cursor;
      const [next, keys] = await this.home.run((redis) => redis.scan(at, 'MATCH', this.#layout.valuesPattern(view), 'COUNT', SCAN_COUNT));
      const over = keys.filter((key) => isOver(this.#layout.generationOf(view, key)));
      if (over.length > 0) deleted += await this.home.run((redis) => redis.unlink(over));
      cursor = next;
    } while (cursor !== '0');
    return deleted;
  }

  /** Removes the marker of a view and its values of all generations. */
  async clear(view: string): Promise<void> {
    await this.home.run((redis) => redis.del(this.#layout.marker(view)));
    await this.deleteGenerations(view, () => true);
  }
}
