import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ArchiveServiceDefinition, ImportServiceRequest, WriteObjectRequest } from '@millrace/contracts/millrace/archive/v1/archive_service';
import { uuidv7 } from '@millrace/core';
import type { ObjectStore } from '@millrace/objects';
import type { Call, Handlers } from '@millrace/rpc';
import { errors } from '../errors.js';
import { readArchive } from './archive-reader.js';
import { type Archivable, sumTables, unfinished, writeArchive } from './archive-writer.js';
import type { TableSum } from './row-text.js';

/** A service of this process, and how it takes up what was imported. */
export interface ArchivedService extends Archivable {
  /** A directory of this service alone. */
  readonly dataDir: string;
  /** Takes up what lies in the tables now. */
  readonly takeUp: () => Promise<void>;
}

/** Bytes of one message. */
const PIECE_BYTES = 256 * 1024;
/** How long an export waits for events that are on their way to the bus, and how often it looks. */
const PUBLISH_MS = 5_000;
const LOOK_MS = 50;
/** Digests of one question. */
const MAX_DIGESTS = 1_000;

/** Serves the archives of all services of this process. */
export class ArchiveDesk implements Handlers<typeof ArchiveServiceDefinition> {
  readonly #services: ReadonlyMap<string, ArchivedService>;

  constructor(
    services: readonly ArchivedService[],
    private readonly objects: ObjectStore,
  ) {
    this.#services = new Map(services.map((service) => [service.service, service]));
  }

  async getContents({ service }: { readonly service: string }) {
    return toContents(service, await sumTables(this.#find(service)));
  }

  async *exportService({ service }: { readonly service: string }, { signal }: Call): AsyncGenerator<{ data: Buffer }> {
    const kept = this.#find(service);
    const jobs = await unfinished(kept);
    if (jobs.length > 0) throw errors.ARCHIVE_BUSY({ service, what: `${jobs.join(', ')} ${jobs.length === 1 ? 'goes' : 'go'} on` });
    const waiting = await afterPublishing(kept, signal);
    if (waiting > 0) throw errors.ARCHIVE_BUSY({ service, what: `${waiting} events wait for the bus` });
    const file = spoolOf(kept);
    try {
      await writeArchive(kept, file);
      for await (const data of createReadStream(file, { highWaterMark: PIECE_BYTES, signal })) yield { data: data as Buffer };
    } finally {
      await rm(file, { force: true });
    }
  }

  async importService(requests: AsyncIterable<ImportServiceRequest>) {
    const [first, rest] = await takeFirst(requests);
    const service = first?.service ?? '';
    const kept = this.#find(service);
    const file = spoolOf(kept);
    try {
      const found = await spool(file, first?.data, rest);
      if (found !== first?.digest) throw errors.ARCHIVE_INVALID({ service, place: 'its digest', why: `${first?.digest === '' ? 'none was given' : `${first?.digest} was announced`} and ${found} came` });
      const { tables, imported } = await readArchive(kept, file);
      if (imported) await kept.takeUp();
      return { contents: toContents(service, tables), imported };
    } finally {
      await rm(file, { force: true });
    }
  }

  async findMissingObjects({ digests }: { readonly digests: readonly string[] }) {
    if (digests.length > MAX_DIGESTS) throw errors.ARCHIVE_TOO_MANY_DIGESTS({ digests: String(digests.length), limit: String(MAX_DIGESTS) });
    const there = await Promise.all(digests.map((digest) => this.objects.has(digest)));
    return { missing: digests.filter((_, i) => !there[i]) };
  }

  async *readObject({ digest }: { readonly digest: string }, { signal }: Call): AsyncGenerator<{ data: Buffer }> {
    for await (const piece of this.objects.stream(digest)) {
      for (let start = 0; start < piece.byteLength; start += PIECE_BYTES) {
        if (signal.aborted) return;
        yield { data: Buffer.from(piece.buffer, piece.byteOffset + start, Math.min(PIECE_BYTES, piece.byteLength - start)) };
      }
    }
  }

  async writeObject(requests: AsyncIterable<WriteObjectRequest>) {
    const [first, rest] = await takeFirst(requests);
    const { digest, size } = await this.objects.put(piecesOf(first, rest));
    if (digest !== first?.digest) throw errors.ARCHIVE_OBJECT_DIFFERS({ digest: first?.digest ?? '', found: digest });
    return { sizeBytes: BigInt(size) };
  }

  #find(service: string): ArchivedService {
    const found = this.#services.get(service);
    if (!found) throw errors.ARCHIVE_SERVICE_UNKNOWN({ service, known: [...this.#services.keys()].join(', ') });
    return found;
  }
}

/** An event of just now is on its way; one that is still here after a while waits for a bus that is away. Gives how many there are then. */
async function afterPublishing({ store }: ArchivedService, signal: AbortSignal): Promise<number> {
  for (const end = Date.now() + PUBLISH_MS; ; await sleep(LOOK_MS)) {
    const waiting = await store.outboxSize();
    if (waiting === 0 || Date.now() > end || signal.aborted) return waiting;
  }
}

const spoolOf = ({ dataDir }: ArchivedService): string => join(dataDir, `archive-${uuidv7()}.jsonl`);

const toContents = (service: string, sums: Readonly<Record<string, TableSum>>) => ({ service, tables: Object.entries(sums).map(([table, { rows, digest }]) => ({ table, rows: BigInt(rows), digest })).sort((a, b) => (a.table < b.table ? -1 : 1)) });

/** The first message, and those that follow it. */
async function takeFirst<T>(requests: AsyncIterable<T>): Promise<readonly [T | undefined, AsyncIterable<T>]> {
  const iterator = requests[Symbol.asyncIterator]();
  const { value, done } = await iterator.next();
  return [done === true ? undefined : (value as T), { [Symbol.asyncIterator]: () => iterator }];
}

async function* piecesOf(first: WriteObjectRequest | undefined, rest: AsyncIterable<WriteObjectRequest>): AsyncGenerator<Uint8Array> {
  if (first && first.data.byteLength > 0) yield first.data;
  for await (const { data } of rest) yield data;
}

/** Writes what comes to a file; gives its digest. */
async function spool(path: string, first: Uint8Array | undefined, rest: AsyncIterable<{ readonly data: Uint8Array }>): Promise<string> {
  const hash = createHash('sha256');
  const file = await open(path, 'w', 0o600);
  try {
    const write = async (data: Uint8Array): Promise<void> => {
      hash.update(data);
      await file.write(data);
    };
    if (first) await write(first);
    for await (const { data } of rest) await write(data);
  } finally {
    await file.close();
  }
  return `sha256:${hash.digest('hex')}`;
}
