import type { HeldEntity } from '../view-answers.js';

interface Decoded {
  readonly generation: string;
  readonly stamp: bigint;
  readonly bytes: number;
  readonly entity: HeldEntity;
}

/** Bytes of values whose states are kept in memory; a state takes some times as many. */
export const MAX_DECODED_BYTES = 32 * 1024 * 1024;

/** States that were read lately, each for the very value that it was read from: they spare work, and never answer by themselves. */
export class DecodedEntities {
  readonly #found = new Map<string, Decoded>();
  #bytes = 0;

  constructor(private readonly limit = MAX_DECODED_BYTES) {}

  /** The state of a value; `decode` is asked where another one, or none, was read last. */
  of(id: string, { generation, stamp, bytes }: Omit<Decoded, 'entity'>, decode: () => HeldEntity): HeldEntity {
    const known = this.#found.get(id);
    if (known) this.#found.delete(id);
    if (known && known.generation === generation && known.stamp === stamp) {
      // Asked last, so let go last.
      this.#found.set(id, known);
      return known.entity;
    }
    this.#bytes -= known?.bytes ?? 0;
    const entity = decode();
    this.#bytes += bytes;
    this.#found.set(id, { generation, stamp, bytes, entity });
    for (const [oldest, { bytes: size }] of this.#found) {
      if (this.#bytes <= this.limit) break;
      this.#found.delete(oldest);
      this.#bytes -= size;
    }
    return entity;
  }
}
