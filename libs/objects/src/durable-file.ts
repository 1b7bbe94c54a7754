import { mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Makes the directory and each missing parent, durably. */
export async function makeDirectory(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) await syncDirectory(dirname(made));
}

/** Writes and syncs the pieces into a new file; the caller removes it when this throws. */
export async function writeDurably(path: string, pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<void> {
  const handle = await open(path, 'wx', 0o444);
  try {
    for await (const piece of pieces) {
      signal?.throwIfAborted();
      for (let at = 0; at < piece.byteLength; ) at += (await handle.write(piece, at, piece.byteLength - at)).bytesWritten;
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Syncs a file that somebody else has written. */
export async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Renames so that after a crash either the old or the new name holds, with its whole content. */
export async function renameDurably(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncDirectory(dirname(to));
}

/** Makes the entries of a directory durable. */
export const syncDirectory = syncFile;
