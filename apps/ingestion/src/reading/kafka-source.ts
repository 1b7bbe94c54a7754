import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { AppError } from '@millrace/core';
import { openTopicReader, type PartitionEnds, type StoredRecord, type TopicLimit } from '@millrace/events';
import { resolveAllowedPath } from '@millrace/objects';
import { errors } from '../errors.js';
import { checkConnection, readConnection, reasonOf } from './connection.js';
import { kafkaAddress } from './kafka-address.js';
import { jsonLine, protobufLine, type ToLine, withMember } from './kafka-message.js';
import { type Cursor, type KafkaPlace, placeOf } from './source.js';
import { type SourceFile, toFile } from './source-files.js';
import type { SourceKind } from './source-kind.js';

/** So many messages at most are read in one run, and about so many bytes; the next one goes on behind them. */
const MAX_MESSAGES = 5_000_000;
const MAX_BYTES = 4 * 1024 ** 3;
/** Brokers that bring nothing for so long, though more is there, do not answer. */
const SILENCE_MS = 60_000;
const TOPIC = /^[A-Za-z0-9._-]{1,249}$/;

/** A topic, read from where the last run stopped to where it ends now; one file of JSON lines for each partition. */
export const kafkaSource: SourceKind = {
  async check(source, { connections, roots }) {
    const kafka = placed(source.kafka);
    checkConnection(kafka.connection, connections);
    if (!TOPIC.test(kafka.topic)) throw errors.INVALID_SOURCE({ why: `"${kafka.topic}" is no name of a topic; set source.kafka.topic` });
    if ((kafka.descriptorPath === '') !== (kafka.messageType === '')) throw errors.INVALID_SOURCE({ why: 'source.kafka needs descriptor_path and message_type together, or neither for JSON' });
    return kafka.descriptorPath === '' ? source : { ...source, kafka: { ...kafka, descriptorPath: await resolveAllowedPath(kafka.descriptorPath, roots) } };
  },
  async files(source, { directory, cursor, until: before, reach, mayBeEmpty, signal }) {
    const kafka = placed(source.kafka);
    const place = placeOf(source);
    const connection = await readConnection(kafka.connection);
    const toLine = kafka.descriptorPath === '' ? jsonLine : await protobufLine(kafka.descriptorPath, kafka.messageType);
    const reader = await openTopicReader(kafkaAddress(kafka.connection, connection));
    try {
      // All of it, for the waiting between two attempts keeps no process alive.
      const files = await heard(signal, async (until) => {
        const ends = await reader.ends(kafka.topic);
        if (ends === undefined) throw errors.SOURCE_UNREACHABLE({ place, why: 'there is no such topic' });
        const limits = ends.map((end) => limitOf(end, { cursor, until: before, place, skip: kafka.skipRemoved }));
        const written = new PartitionFiles(kafka, { directory, toLine, limits });
        await written.write(reader.read(kafka.topic, limits, until.signal), until.heard);
        return written;
      });
      reach(files.reached());
      const found = await files.end(place);
      if (found.length === 0 && !mayBeEmpty) throw errors.SOURCE_EMPTY({ file: place, why: 'the topic holds no message' });
      return found;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof AppError && error.domain === 'ingestion.millrace') throw error;
      throw errors.SOURCE_UNREACHABLE({ place, why: reasonOf(error, connection) }, { cause: error });
    } finally {
      await reader.close();
    }
  },
};

const placed = (place: KafkaPlace | undefined): KafkaPlace => place ?? { connection: '', topic: '', eventIdColumn: '', skipRemoved: false, descriptorPath: '', messageType: '' };

/** What is read of a partition; throws SOURCE_OFFSETS_GONE where what was not read yet is no longer there. */
function limitOf({ partition, low, high }: PartitionEnds, { cursor, until, place, skip }: { cursor: Cursor | undefined; until: Cursor | undefined; place: string; skip: boolean }): TopicLimit {
  const known = cursor?.[partition];
  const wanted = known === undefined ? low : BigInt(known);
  const isThere = wanted >= low && wanted <= high;
  if (!isThere && !skip) throw errors.SOURCE_OFFSETS_GONE({ place, partition: String(partition), wanted: String(wanted), low: String(low), high: String(high) });
  const from = isThere ? wanted : low;
  // An attempt before this one has made parts of what is there up to here, and nothing behind it.
  const end = until === undefined ? high : BigInt(until[partition] ?? from);
  return { partition, from, to: end < from ? from : end > high ? high : end };
}

/** Messages on their way into one file for each partition. */
class PartitionFiles {
  readonly #open = new Map<number, { readonly out: WriteStream; readonly path: string; readonly first: bigint }>();
  readonly #next: Map<number, bigint>;
  #messages = 0;
  #bytes = 0;

  constructor(
    private readonly kafka: KafkaPlace,
    private readonly how: { readonly directory: string; readonly toLine: ToLine; readonly limits: readonly TopicLimit[] },
  ) {
    this.#next = new Map(how.limits.map(({ partition, from }) => [partition, from]));
  }

  async write(records: AsyncIterable<StoredRecord>, heardOne: () => void): Promise<void> {
    for await (const record of records) {
      heardOne();
      await this.#add(record);
      if (this.#messages >= MAX_MESSAGES || this.#bytes >= MAX_BYTES) return;
    }
    // Behind the last message there may be markers, which are no messages.
    for (const { partition, to } of this.how.limits) this.#next.set(partition, to);
  }

  /** Where the next run begins. */
  reached(): Cursor {
    return Object.fromEntries([...this.#next].map(([partition, offset]) => [String(partition), String(offset)]));
  }

  async end(place: string): Promise<readonly SourceFile[]> {
    const files: SourceFile[] = [];
    for (const [partition, { out, path, first }] of [...this.#open].sort(([a], [b]) => a - b)) {
      out.end();
      await finished(out);
      files.push(await toFile(path, `${place}/${partition} from offset ${first}`, 'JSON_LINES'));
    }
    return files;
  }

  async #add({ partition, offset, value, headers }: StoredRecord): Promise<void> {
    let file = this.#open.get(partition);
    if (file === undefined) {
      const path = join(this.how.directory, `${partition}.jsonl`);
      file = { out: createWriteStream(path, { flags: 'wx' }), path, first: offset };
      this.#open.set(partition, file);
    }
    const { eventIdColumn } = this.kafka;
    // An empty line is no record, and a message without a value is one that was read.
    const line = this.how.toLine(value).trim() || 'null';
    const text = eventIdColumn === '' ? line : withMember(line, eventIdColumn, headers['ce_id'] ?? `${partition}:${offset}`);
    this.#next.set(partition, offset + 1n);
    this.#messages++;
    this.#bytes += text.length + 1;
    if (!file.out.write(`${text}\n`)) await once(file.out, 'drain');
  }
}

/** Ends the work with an error where nothing is heard for too long, or where the signal says so. */
async function heard<T>(signal: AbortSignal, work: (until: { readonly signal: AbortSignal; readonly heard: () => void }) => Promise<T>): Promise<T> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(new Error(`the brokers brought nothing for ${SILENCE_MS / 1_000} s, though more is there`)), SILENCE_MS);
  try {
    return await work({ signal: AbortSignal.any([silence.signal, signal]), heard: () => void timer.refresh() });
  } finally {
    clearTimeout(timer);
  }
}
