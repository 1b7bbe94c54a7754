import type { S3Bucket } from './s3-bucket.js';

/** What a mark says: its object is to go, is being deleted, or somebody has counted on it since. */
type MarkState = 'condemned' | 'deleting' | 'rescued';

interface Mark {
  readonly state: MarkState;
  /** Milliseconds since 1970 of the collector's or writer's clock. */
  readonly time: number;
}

/** A collector that died with a mark on `deleting` is not waited for any longer than this. */
export const DELETING_MS = 60_000;

/**
 * Settles, between a collector that deletes and a writer that counts on an object, which of the two comes first.
 * Every change of a mark holds only if the mark has not changed since it was read, so one of the two always sees the other.
 */
export class S3Marks {
  constructor(
    private readonly bucket: S3Bucket,
    private readonly clock: () => number,
  ) {}

  /** Marks an object that nobody names; a mark that is there keeps its time. */
  async condemn(hex: string): Promise<void> {
    const found = await this.#read(hex);
    if (found?.mark.state === 'condemned' || found?.mark.state === 'deleting') return;
    await this.#write(hex, 'condemned', found?.etag);
  }

  /** Whether the object has been condemned for so long, and may be deleted now by the caller alone. */
  async beginDeleting(hex: string, olderThanMs: number): Promise<boolean> {
    const found = await this.#read(hex);
    if (!found || found.mark.state === 'rescued' || this.clock() - found.mark.time < olderThanMs) return false;
    if (found.mark.state === 'deleting' && this.clock() - found.mark.time < DELETING_MS) return false;
    return this.#write(hex, 'deleting', found.etag);
  }

  /** The object is gone, and so is its mark. */
  async endDeleting(hex: string): Promise<void> {
    await this.bucket.remove(keyOf(hex));
  }

  /** Counts on an object: 'kept' when no collector will delete it, 'deleting' when one is at it and the object has to be written again afterwards. */
  async rescue(hex: string): Promise<'kept' | 'deleting'> {
    for (;;) {
      const found = await this.#read(hex);
      if (!found || found.mark.state === 'rescued') return 'kept';
      if (found.mark.state === 'deleting') {
        if (this.clock() - found.mark.time < DELETING_MS) return 'deleting';
        // Its collector is dead; whoever takes the mark over writes the object again, because it may be gone.
        if (await this.#write(hex, 'rescued', found.etag)) return 'deleting';
        continue;
      }
      if (await this.#write(hex, 'rescued', found.etag)) return 'kept';
    }
  }

  async #read(hex: string): Promise<{ readonly mark: Mark; readonly etag: string } | undefined> {
    const found = await this.bucket.read(keyOf(hex));
    return found && { mark: JSON.parse(Buffer.from(found.bytes).toString('utf8')) as Mark, etag: found.etag };
  }

  #write(hex: string, state: MarkState, etag: string | undefined): Promise<boolean> {
    const bytes = Buffer.from(JSON.stringify({ state, time: this.clock() } satisfies Mark));
    return this.bucket.write(keyOf(hex), bytes, etag === undefined ? { ifAbsent: true } : { ifMatch: etag });
  }
}

const keyOf = (hex: string): string => `marks/${hex}`;
