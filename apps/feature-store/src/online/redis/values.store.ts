import { uuidv7 } from '@millrace/core';
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
  readonly values: readonly (Buffer | undefined)[];
}

/** A value that is written if it still is what was read. */
export interface StampedValue {
  readonly key: string;
  /** The first bytes of what was read; undefined when there was nothing. */
  readonly expected: Buffer | undefined;
  readonly bytes: Buffer;
  /** Millisecond of expiry; Infinity for never. */
  readonly expires: number;
}

/** A few keys of one view under a generation. */
export interface KeysOf {
  readonly view: string;
  readonly generation: string;
  readonly keys: readonly string[];
}

/** The markers and values in Redis: reads many in one round trip, writes each value or marker whole and only over what it was made from. */
export class ValuesStore {
  readonly #layout: KeyLayout;

  constructor(private readonly home: RedisHome) {
    this.#layout = new KeyLayout(home.prefix);
  }

  /** Reads the marker of each view with values of it, all in one round trip; each group is read at one moment. */
  async read(groups: readonly KeysOf[]): Promise<readonly ReadValues[]> {
    const answers = await this.home.send((pipeline) => {
      for (const { view, generation, keys } of groups) pipeline.mgetBuffer([this.#layout.marker(view), ...keys.map((key) => this.#layout.value(view, generation, key))]);
    });
    return (answers as readonly (readonly (Buffer | null)[])[]).map(([marker, ...values]) => ({ marker: marker ? parseMarker(marker.toString('latin1')) : undefined, values: values.map((value) => value ?? undefined) }));
  }

  async markers(views: readonly string[]): Promise<readonly (Marker | undefined)[]> {
    const read = await this.read(views.map((view) => ({ view, generation: '', keys: [] })));
    return read.map(({ marker }) => marker);
  }

  /** Puts a marker in the place of another one; false when that one no longer stands there. */
  async swap(view: string, expected: Marker | undefined, next: Marker): Promise<boolean> {
    return (await this.home.run((redis) => redis.swap(this.#layout.marker(view), expected ? formatMarker(expected) : '', formatMarker(next)))) === 1;
  }

  /** Writes values of which each still is what was read; gives those that are not. At most MAX_KEYS. */
  async putStamped(view: string, generation: string, values: readonly StampedValue[]): Promise<readonly StampedValue[]> {
    if (values.length === 0) return [];
    const keys = values.map(({ key }) => this.#layout.value(view, generation, key));
    const args = values.flatMap(({ expected, bytes, expires }) => [expected ?? '', bytes, expires === Infinity ? '0' : String(Math.trunc(expires))]);
    const others = await this.home.run((redis) => redis.putStamped(keys.length, ...keys, ...args));
    return others.flatMap((place) => values[place] ?? []);
  }

  /** Writes values of a generation that nobody reads yet. */
  async put(view: string, generation: string, values: readonly Omit<StampedValue, 'expected'>[]): Promise<void> {
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
}
