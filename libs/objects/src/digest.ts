import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { errors } from './errors.js';
import type { Digest } from './object-store.js';

const FORM = /^sha256:([0-9a-f]{64})$/;
const PIECE_BYTES = 1 << 20;

/** The hexadecimal digits of a digest; INVALID_DIGEST for anything else, so that no digest can name a path. */
export function digits(digest: Digest): string {
  const hex = FORM.exec(digest)?.[1];
  if (hex === undefined) throw errors.INVALID_DIGEST({ digest });
  return hex;
}

/** The digest of bytes in memory. */
export const digestOf = (bytes: Uint8Array | string): Digest => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** A file in pieces. */
export const pieces = (path: string): AsyncIterable<Uint8Array> => createReadStream(path, { highWaterMark: PIECE_BYTES });

/** The digest and size of a file. */
export async function digestOfFile(path: string, signal?: AbortSignal): Promise<{ readonly digest: Digest; readonly size: number }> {
  const count = counting(pieces(path));
  for await (const _ of count.pieces) signal?.throwIfAborted();
  return count.result();
}

/** Passes the pieces on and reckons their digest and size on the way. */
export function counting(source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>) {
  const hash = createHash('sha256');
  let size = 0;
  async function* passed() {
    for await (const piece of source) {
      hash.update(piece);
      size += piece.byteLength;
      yield piece;
    }
  }
  return { pieces: passed(), result: () => ({ digest: `sha256:${hash.digest('hex')}`, size }) };
}
