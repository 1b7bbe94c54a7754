import type { EventRecord } from '@millrace/core';
import { errors } from './errors.js';

/** The largest value of one record; Kafka's default limit, less the room for key and headers. */
export const MAX_RECORD_BYTES = 1_000_000;

/** A record as the bus keeps it. */
export interface StoredRecord extends EventRecord {
  readonly partition: number;
  /** Counts up by one within its partition. */
  readonly offset: bigint;
  /** When the bus took it; never goes back within a partition. */
  readonly time: Date;
}

/** What a handler learns beside the record. */
export interface Delivery {
  readonly group: string;
  /** 1 for the first try in this process. */
  readonly attempt: number;
  /** Aborted when the subscription stops. */
  readonly signal: AbortSignal;
}

/** How a failing handler is called again while its error is `retryable`. */
export interface RetryPolicy {
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** After so many tries even a retryable error goes to the dead letters. */
  readonly attempts: number;
}

/** Waits from 50 ms to 5 s, for as long as it takes: an outage must not turn sound events into dead letters. */
export const DEFAULT_RETRY: RetryPolicy = { firstPauseMs: 50, longestPauseMs: 5_000, attempts: Number.POSITIVE_INFINITY };
/** Partitions that one subscription handles at the same time. */
export const DEFAULT_CONCURRENCY = 4;
/** Partitions of a topic that nobody declared. */
export const DEFAULT_PARTITIONS = 12;

/** Who reads what, and how. */
export interface SubscribeOptions {
  /** Members of a group share its committed offsets; groups do not know each other. */
  readonly group: string;
  readonly topics: readonly string[];
  /** Resolves when the effect is durable: only then is the offset committed. May be called again with the same record. */
  readonly handler: (record: StoredRecord, delivery: Delivery) => Promise<void>;
  /** Where a group begins that has never read the topic; default earliest. */
  readonly from?: 'earliest' | 'latest';
  readonly concurrency?: number;
  readonly retry?: Partial<RetryPolicy>;
}

/** A group at work. */
export interface Subscription {
  /** How many records are not handled yet, of the partitions that this member has. */
  lag(): number;
  /** The same by topic; every topic of the subscription is there. */
  lags(): ReadonlyMap<string, number>;
  /** Resolves when everything published before the call is handled. */
  idle(): Promise<void>;
  /** Lets the handlers under way finish, commits, and ends. */
  stop(): Promise<void>;
}

/** Which part of a topic to read again; `to` is exclusive. Offsets hold in every partition. */
export interface ReplayRange {
  readonly from: bigint | Date;
  readonly to?: bigint | Date;
}

/** One topic as it stands. */
export interface TopicInfo {
  readonly name: string;
  readonly partitions: number;
  readonly records: number;
  /** Undefined where the home does not tell. */
  readonly bytes: number | undefined;
  readonly groups: readonly { readonly group: string; readonly lag: number }[];
}

/**
 * The way of all events: at least once, in order per key, groups independent of each other.
 * Every implementation passes bus.suite.ts.
 */
export interface EventBus {
  /** Resolves when the records are durable (fsynced), in their order per key; rejects when none of them is known to be. */
  publish(records: readonly EventRecord[]): Promise<void>;
  /** Starts handling records; resolves when the group's place is known. A record whose handler fails for good goes to `<topic>.dlq`. */
  subscribe(options: SubscribeOptions): Promise<Subscription>;
  /** What a topic holds between two places when the reading starts, in order of time; unknown topics are empty. */
  replay(topic: string, range: ReplayRange): AsyncIterable<StoredRecord>;
  /** The dead letters of a topic, oldest first, with their cause in the `dlq_*` headers. */
  deadLetters(topic: string): AsyncIterable<StoredRecord>;
  topics(): Promise<readonly TopicInfo[]>;
  /** Rejects when the bus cannot be reached. */
  ping(): Promise<void>;
  /** Stops all subscriptions, writes what was published, and closes. */
  close(): Promise<void>;
}

/** What a bus tells its process, for logs and metrics. */
export interface BusHooks {
  readonly onRetry?: (failure: { readonly group: string; readonly record: StoredRecord; readonly attempt: number; readonly error: unknown }) => void;
  readonly onDeadLetter?: (failure: { readonly group: string; readonly record: StoredRecord; readonly error: unknown }) => void;
  /** The bus itself failed, and will try again. */
  readonly onError?: (error: unknown) => void;
  /** Retention removed records that a group had not read. */
  readonly onUnreadRemoved?: (loss: { readonly topic: string; readonly records: number }) => void;
}

/** The topic of the dead letters of another. */
export const deadLetterTopic = (topic: string): string => `${topic}${DEAD_LETTER_SUFFIX}`;

export const DEAD_LETTER_SUFFIX = '.dlq';

/** Bytes that may wait to be written; more is refused with BUS_OVERLOADED. */
export const MAX_QUEUED_BYTES = 64 * 1024 * 1024;

const TOPIC_NAME = /^[A-Za-z0-9._-]{1,249}$/;

/** Throws TOPIC_NAME_INVALID or RECORD_TOO_LARGE when no bus can take the record. */
export function checkRecord({ topic, value }: EventRecord): void {
  checkTopic(topic);
  if (value.byteLength > MAX_RECORD_BYTES) throw errors.RECORD_TOO_LARGE({ topic, bytes: String(value.byteLength), limit: String(MAX_RECORD_BYTES) });
}

/** Throws TOPIC_NAME_INVALID. */
export function checkTopic(topic: string): void {
  if (!TOPIC_NAME.test(topic)) throw errors.TOPIC_NAME_INVALID({ topic });
}
