import { AppError, type EventRecord } from '@millrace/core';
import type { StoredRecord } from './bus.js';
import { Log } from './log.js';
import type { LogTopic, PartitionInfo } from './log-message.js';

/** Where the spool lies and how much it may hold before it sheds. */
export interface SpoolOptions {
  readonly file: string;
  /** Records that may wait, in memory and on disk. */
  readonly maxRows?: number;
  readonly maxBytes?: number;
  /** Takes records in order; resolves when they are durable elsewhere. Failing records are handed over again. */
  readonly forward: (records: readonly EventRecord[]) => Promise<void>;
  /** How long records gather for company once others have been forwarded; a flush does not wait. */
  readonly gatherMs?: number;
  /** Told at once, then at most once a second, how many records were given up since the last time, and why. */
  readonly onShed?: (shed: { readonly records: number; readonly reason: ShedReason }) => void;
  /** Told each failure to forward or to write. */
  readonly onError?: (error: unknown) => void;
}

/** FULL: the bound is reached. DISK: the file could not be written. CLOSED: the spool was closed. */
export type ShedReason = 'FULL' | 'DISK' | 'CLOSED';

/** Counts since the spool was opened; rows and bytes are what waits now. */
export interface SpoolStats {
  readonly rows: number;
  readonly bytes: number;
  readonly appended: number;
  readonly forwarded: number;
  readonly shed: number;
}

/** A bounded local queue that outlives the process: written by group commit, forwarded in order, at least once. */
export interface Spool {
  /** Resolves true when the record is durable here, false when it was shed; never rejects. */
  append(record: EventRecord): Promise<boolean>;
  /** Takes the record without waiting for the disk; false when it was shed at once. */
  offer(record: EventRecord): boolean;
  stats(): SpoolStats;
  /** Resolves when all that was taken before the call is forwarded or shed. */
  flush(): Promise<void>;
  /** Writes what was taken and closes; what was not forwarded waits for the next opening. */
  close(): Promise<void>;
}

export const SPOOL_MAX_ROWS = 1_000_000;
export const SPOOL_MAX_BYTES = 512 * 1024 * 1024;

/** The one topic inside the file; a record's own topic travels in a header. */
const LANE = 'spool';
const TOPIC_HEADER = 'spool-topic';
/** Forwarding costs several transactions, however few records go. */
const GATHER_MS = 100;
const FORWARD_ROWS = 500;
const FORWARD_BYTES = 1024 * 1024;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;
const REPORT_MS = 1_000;

/** Opens a spool and goes on forwarding what the last process left. */
export async function openSpool(options: SpoolOptions): Promise<Spool> {
  const spool: { current?: LogSpool } = {};
  const log = await Log.open(options.file, 1, { onEnds: ({ ends }) => spool.current?.grow(ends[0]?.end ?? 0), onError: (error) => options.onError?.(error) });
  const lane = await log.topic(LANE, 1);
  spool.current = new LogSpool(log, lane, options);
  return spool.current;
}

class LogSpool implements Spool {
  readonly #partition: PartitionInfo;
  readonly #maxRows: number;
  readonly #maxBytes: number;
  readonly #shedNow = new Map<ShedReason, number>();
  readonly #running: Promise<void>;
  #position: number;
  #end: number;
  #rows: number;
  #bytes: number;
  #appended = 0;
  #forwarded = 0;
  #shed = 0;
  #stopped = false;
  #reportTimer: NodeJS.Timeout | undefined;
  #wake: (() => void) | undefined;
  /** When the last records were forwarded. */
  #last = -Infinity;
  #flushers: (() => void)[] = [];

  constructor(
    private readonly log: Log,
    lane: LogTopic,
    private readonly options: SpoolOptions,
  ) {
    this.#partition = lane.partitions[0] as PartitionInfo;
    this.#maxRows = options.maxRows ?? SPOOL_MAX_ROWS;
    this.#maxBytes = options.maxBytes ?? SPOOL_MAX_BYTES;
    this.#position = this.#partition.start;
    this.#end = this.#partition.end;
    this.#rows = this.#end - this.#position;
    this.#bytes = this.#partition.bytes;
    this.#running = this.#forwardAll();
  }

  async append(record: EventRecord): Promise<boolean> {
    const bytes = sizeOf(record);
    const refused = this.#refusal(bytes);
    if (refused) {
      this.#shedOne(refused);
      return false;
    }
    return this.#write(record, bytes);
  }

  offer(record: EventRecord): boolean {
    const bytes = sizeOf(record);
    const refused = this.#refusal(bytes);
    if (refused) this.#shedOne(refused);
    else void this.#write(record, bytes);
    return refused === undefined;
  }

  stats(): SpoolStats {
    return { rows: this.#rows, bytes: this.#bytes, appended: this.#appended, forwarded: this.#forwarded, shed: this.#shed };
  }

  async flush(): Promise<void> {
    await this.log.flush();
    if (this.#stopped || this.#position >= this.#end) return;
    const end = this.#end;
    await new Promise<void>((resolve) => {
      const check = (): void => (this.#position >= end || this.#stopped ? resolve() : void this.#flushers.push(check));
      check();
      this.#wake?.();
    });
  }

  async close(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#wake?.();
    await this.#running;
    await this.log.close();
    this.#settle();
    clearTimeout(this.#reportTimer);
    this.#report();
  }

  /** The file has grown. */
  grow(end: number): void {
    this.#end = Math.max(this.#end, end);
    this.#wake?.();
  }

  #refusal(bytes: number): ShedReason | undefined {
    if (this.#stopped) return 'CLOSED';
    return this.#rows + 1 > this.#maxRows || this.#bytes + bytes > this.#maxBytes ? 'FULL' : undefined;
  }

  async #write(record: EventRecord, bytes: number): Promise<boolean> {
    this.#rows++;
    this.#bytes += bytes;
    try {
      await this.log.append([{ ...record, topic: LANE, headers: { ...record.headers, [TOPIC_HEADER]: record.topic } }]);
      this.#appended++;
      return true;
    } catch (error) {
      this.#rows--;
      this.#bytes -= bytes;
      this.#shedOne(error instanceof AppError && error.reason === 'BUS_OVERLOADED' ? 'FULL' : 'DISK');
      this.options.onError?.(error);
      return false;
    }
  }

  async #forwardAll(): Promise<void> {
    let pause = FIRST_PAUSE_MS;
    while (!this.#stopped) {
      if (this.#position >= this.#end) {
        await this.#sleep(undefined);
        continue;
      }
      try {
        await this.#gather();
        if (this.#stopped) return;
        await this.#forwardChunk();
        pause = FIRST_PAUSE_MS;
      } catch (error) {
        this.options.onError?.(error);
        await this.#sleep(pause);
        pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
      }
    }
  }

  /** Waits for company, unless somebody waits for the records or there is a chunk of them. */
  async #gather(): Promise<void> {
    const until = this.#last + (this.options.gatherMs ?? GATHER_MS);
    const waits = (): boolean => !this.#stopped && this.#flushers.length === 0 && this.#end - this.#position < FORWARD_ROWS;
    while (waits() && performance.now() < until) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, until - performance.now()).unref();
        this.#wake = () => {
          if (waits()) return;
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#wake = undefined;
    this.#last = performance.now();
  }

  async #forwardChunk(): Promise<void> {
    const records = await this.log.read(LANE, this.#partition, this.#position, FORWARD_ROWS, FORWARD_BYTES);
    const last = records.at(-1);
    if (!last) return;
    await this.options.forward(records.map(restore));
    // From here on the records are elsewhere: a full disk that keeps the head from being dropped must not send them again.
    this.#position = Number(last.offset) + 1;
    this.#forwarded += records.length;
    this.#rows -= records.length;
    this.#bytes = this.#rows === 0 ? 0 : Math.max(0, this.#bytes - records.reduce((sum, record) => sum + sizeOf(restore(record)), 0));
    await this.log.append([], { drops: [{ partition: this.#partition.id, before: this.#position }] }).catch((error: unknown) => this.options.onError?.(error));
    this.#settle();
  }

  /** Waits for the time to pass, or, without one, for the file to grow; a stop ends both. */
  #sleep(ms: number | undefined): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(resolve, ms).unref();
      this.#wake = () => {
        if (ms !== undefined && !this.#stopped) return;
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #settle(): void {
    for (const check of this.#flushers.splice(0)) check();
  }

  #shedOne(reason: ShedReason): void {
    this.#shed++;
    this.#shedNow.set(reason, (this.#shedNow.get(reason) ?? 0) + 1);
    if (this.#reportTimer) return;
    this.#report();
    this.#reportTimer = setTimeout(() => {
      this.#reportTimer = undefined;
      this.#report();
    }, REPORT_MS).unref();
  }

  #report(): void {
    for (const [reason, records] of this.#shedNow) this.options.onShed?.({ records, reason });
    this.#shedNow.clear();
  }
}

/** A record as it was before the spool took it. */
function restore({ key, value, headers }: StoredRecord): EventRecord {
  const { [TOPIC_HEADER]: topic = '', ...own } = headers;
  return { topic, key, value, headers: own };
}

/** The size of a record for the bound, the same before and after the disk. */
const sizeOf = ({ topic, key, value, headers }: EventRecord): number =>
  Object.entries(headers).reduce((sum, [name, text]) => sum + name.length + text.length, topic.length + key.length + value.byteLength);
