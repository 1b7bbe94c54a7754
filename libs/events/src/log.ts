import { AsyncLocalStorage } from 'node:async_hooks';
import { entryUrl, type EventRecord } from '@millrace/core';
import { SharedThread, sqliteError, type Thread, type ThreadFault } from '@millrace/store';
import { checkRecord, checkTopic, MAX_QUEUED_BYTES, type StoredRecord } from './bus.js';
import { errors } from './errors.js';
import type { AppendReply, AppendRequest, LogTopic, OffsetCommit, PackedRecords, ReadReply, TrimReply, TrimRequest } from './log-message.js';

/** What one transaction takes at most: beyond it the fsync costs nothing any more. */
const BATCH_ROWS = 5_000;
const BATCH_BYTES = 4 * 1024 * 1024;
/** Offsets ride along with the next append, or go by themselves after this time. */
const COMMIT_DELAY_MS = 25;
const COMMIT_RETRY_MS = 1_000;
/** Room of a record beside its value, for the account of the queue. */
const RECORD_OVERHEAD = 200;

/** All logs of a process share one thread. */
const threads = new SharedThread(entryUrl(import.meta.url, './log.worker.js'), 'millrace-log');

/** A head that is not needed any more: everything of the partition below `before`. */
export interface Drop {
  readonly partition: number;
  readonly before: number;
}

interface Entry {
  readonly records: readonly EventRecord[];
  readonly commits: readonly OffsetCommit[];
  readonly drops: readonly Drop[];
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** An append-only log in a SQLite file, written by group commit: what is appended while one fsync runs shares the next. */
export class Log {
  /** Whoever publishes first starts the writing for all: traces and transactions of the one must not cling to the others. */
  readonly #outside = AsyncLocalStorage.snapshot();
  readonly #queue: Entry[] = [];
  readonly #commits = new Map<string, OffsetCommit>();
  #queuedBytes = 0;
  #writing = false;
  #scheduled = false;
  #commitTimer: NodeJS.Timeout | undefined;
  #closed = false;

  private constructor(
    readonly path: string,
    private readonly thread: Thread,
    private readonly file: number,
    private readonly listener: LogListener,
  ) {}

  /** Opens or makes the file for this process alone; throws STORE_BUSY when another has it, STORE_CORRUPT, BUS_NEWER. */
  static async open(path: string, partitions: number, listener: LogListener): Promise<Log> {
    const thread = threads.borrow();
    try {
      const file = await thread.call<number>('open', { path, partitions }, { toError: (fault) => logError(path, fault) });
      return new Log(path, thread, file, listener);
    } catch (error) {
      await threads.giveBack(thread);
      throw error;
    }
  }

  /** Resolves when all of it is durable, together; rejects with STORE_FULL, RECORD_TOO_LARGE, BUS_OVERLOADED when none of it is kept. */
  append(records: readonly EventRecord[], { commits = [], drops = [] }: { readonly commits?: readonly OffsetCommit[]; readonly drops?: readonly Drop[] } = {}): Promise<void> {
    if (this.#closed) return Promise.reject(errors.BUS_CLOSED({ file: this.path }));
    let bytes = 0;
    try {
      for (const record of records) bytes += check(record);
    } catch (error) {
      return Promise.reject(error as Error);
    }
    if (this.#queuedBytes > 0 && this.#queuedBytes + bytes > MAX_QUEUED_BYTES) return Promise.reject(errors.BUS_OVERLOADED({ bytes: String(this.#queuedBytes), file: this.path }));
    return this.#enqueue(records, commits, drops, bytes);
  }

  /** Notes how far a group has come; written soon, at the latest by flush. */
  commit(commit: OffsetCommit): void {
    this.#commits.set(`${commit.partition} ${commit.group}`, commit);
    this.#commitTimer ??= setTimeout(() => this.#schedule(), COMMIT_DELAY_MS).unref();
  }

  /** Resolves when everything appended and committed before the call is on disk. */
  flush(): Promise<void> {
    return this.#enqueue([], [], [], 0);
  }

  async topic(name: string, partitions?: number): Promise<LogTopic> {
    checkTopic(name);
    return this.#call('topic', { name, partitions });
  }

  find(name: string): Promise<LogTopic | undefined> {
    return this.#call('find', { name });
  }

  topics(): Promise<readonly (LogTopic & { readonly groups: readonly { readonly group: string; readonly lag: number }[] })[]> {
    return this.#call('topics', {});
  }

  offsets(group: string, topic: string, from: 'earliest' | 'latest'): Promise<readonly number[]> {
    return this.#call('offsets', { group, topic, from });
  }

  seek(partition: number, time: Date): Promise<number> {
    return this.#call('seek', { partition, time: time.getTime() });
  }

  /** A run of records from an offset on; empty at the end. */
  async read(topic: string, partition: { readonly id: number; readonly number: number }, from: number, maxRows: number, maxBytes: number): Promise<readonly StoredRecord[]> {
    const { first, times, records } = await this.#call<ReadReply>('read', { partition: partition.id, from, maxRows, maxBytes });
    let at = 0;
    return times.map((time, index) => {
      const value = records.values.subarray(at, (at += records.lengths[index] ?? 0));
      const headers = JSON.parse(records.headers[index] ?? '{}') as Record<string, string>;
      return { topic, key: records.keys[index] ?? '', value, headers, partition: partition.number, offset: BigInt(first + index), time: new Date(time) };
    });
  }

  trim(request: Omit<TrimRequest, 'file'>): Promise<TrimReply> {
    return this.#call('trim', request);
  }

  /** Writes what waits and closes the file. */
  async close(): Promise<void> {
    if (this.#closed) return;
    const flushed = this.flush();
    this.#closed = true;
    try {
      await flushed;
    } finally {
      clearTimeout(this.#commitTimer);
      await this.#call('close', {}).finally(() => threads.giveBack(this.thread));
    }
  }

  #enqueue(records: readonly EventRecord[], commits: readonly OffsetCommit[], drops: readonly Drop[], bytes: number): Promise<void> {
    const done = new Promise<void>((resolve, reject) => this.#queue.push({ records, commits, drops, bytes, resolve, reject }));
    this.#queuedBytes += bytes;
    this.#schedule();
    return done;
  }

  /** After the current round of the event loop, so that everything appended in it goes together. */
  #schedule(): void {
    if (this.#scheduled || this.#writing) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      void this.#outside(() => this.#write());
    });
  }

  async #write(): Promise<void> {
    if (this.#writing) return;
    this.#writing = true;
    clearTimeout(this.#commitTimer);
    this.#commitTimer = undefined;
    const batch = this.#take();
    const commits = [...this.#commits.values()];
    this.#commits.clear();
    try {
      const records = batch.flatMap((entry) => entry.records);
      const packed = pack(records);
      const request: AppendRequest = {
        file: this.file,
        topics: records.map((record) => record.topic),
        records: packed,
        commits: [...commits, ...batch.flatMap((entry) => entry.commits)],
        drops: batch.flatMap((entry) => entry.drops),
      };
      const idle = records.length + request.commits.length + request.drops.length === 0;
      if (!idle) this.listener.onEnds(await this.thread.call<AppendReply>('append', request, { transfer: [packed.values.buffer], toError: (fault) => logError(this.path, fault) }));
      for (const entry of batch) entry.resolve();
    } catch (error) {
      this.#restore(commits);
      for (const entry of batch) entry.reject(error);
      if (batch.length === 0) this.listener.onError(error);
    } finally {
      this.#queuedBytes -= batch.reduce((sum, entry) => sum + entry.bytes, 0);
      this.#writing = false;
      if (this.#queue.length > 0) this.#schedule();
    }
  }

  #take(): readonly Entry[] {
    let [rows, bytes, count] = [0, 0, 0];
    for (const entry of this.#queue) {
      rows += entry.records.length;
      bytes += entry.bytes;
      if (count > 0 && (rows > BATCH_ROWS || bytes > BATCH_BYTES)) break;
      count++;
    }
    return this.#queue.splice(0, count);
  }

  /** Offsets that could not be written are tried again, unless newer ones have come. */
  #restore(commits: readonly OffsetCommit[]): void {
    for (const commit of commits) {
      const key = `${commit.partition} ${commit.group}`;
      if (!this.#commits.has(key)) this.#commits.set(key, commit);
    }
    if (commits.length > 0 && !this.#closed && this.thread.alive) this.#commitTimer ??= setTimeout(() => this.#schedule(), COMMIT_RETRY_MS).unref();
  }

  #call<T>(method: string, args: object): Promise<T> {
    return this.thread.call<T>(method, { file: this.file, ...args }, { toError: (fault) => logError(this.path, fault) });
  }
}

/** Who wants to know what a log does by itself. */
export interface LogListener {
  readonly onEnds: (reply: AppendReply) => void;
  readonly onError: (error: unknown) => void;
}

/** The size of a record in the queue; throws when a bus cannot take it. */
function check(record: EventRecord): number {
  checkRecord(record);
  return record.value.byteLength + record.key.length + RECORD_OVERHEAD;
}

function pack(records: readonly EventRecord[]): PackedRecords {
  const values = new Uint8Array(records.reduce((sum, record) => sum + record.value.byteLength, 0));
  let at = 0;
  for (const { value } of records) {
    values.set(value, at);
    at += value.byteLength;
  }
  return { keys: records.map((record) => record.key), headers: records.map((record) => JSON.stringify(record.headers)), lengths: records.map((record) => record.value.byteLength), values };
}

function logError(path: string, fault: ThreadFault): Error {
  const newer = fault.detail?.['newer'];
  return newer === undefined ? sqliteError(path, fault) : errors.BUS_NEWER({ file: path, format: newer });
}
