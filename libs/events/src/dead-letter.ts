import { AppError, type EventRecord } from '@millrace/core';
import { deadLetterTopic, DEAD_LETTER_SUFFIX, type StoredRecord } from './bus.js';

/** Where dead letters go that are to be tried again; a group takes only those that it failed on itself. */
export const RETRY_TOPIC = 'millrace.retries.v1';

/** Longest cause that a header keeps. */
const MAX_CAUSE = 2_000;
const PREFIX = 'dlq_';

/** Why and by whom a record was given up. */
export interface Failure {
  readonly group: string;
  readonly attempts: number;
  readonly error: unknown;
  /** How often it had been tried again before. */
  readonly retries: number;
}

/** An event that a group could not handle, as it lies in `<topic>.dlq`. */
export interface DeadLetter {
  /** `<topic>:<partition>:<offset>` of the letter. */
  readonly id: string;
  /** Where the event itself lies. */
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly group: string;
  readonly key: string;
  /** As the event was published. */
  readonly headers: Readonly<Record<string, string>>;
  readonly value: Uint8Array;
  readonly attempts: number;
  readonly retries: number;
  readonly cause: { readonly code: string; readonly reason: string; readonly message: string };
  readonly time: Date;
  /** When it was handed to its group again; undefined when it never was. */
  readonly retryTime: Date | undefined;
}

/** The record that goes to `<topic>.dlq`: the same key, value and headers, with the cause beside them. */
export function toDeadLetter(record: StoredRecord, { group, attempts, error, retries }: Failure): EventRecord {
  return {
    topic: deadLetterTopic(record.topic),
    key: record.key,
    value: record.value,
    headers: {
      ...record.headers,
      dlq_topic: record.topic,
      dlq_partition: String(record.partition),
      dlq_offset: String(record.offset),
      dlq_group: group,
      dlq_attempts: String(attempts),
      dlq_retries: String(retries),
      dlq_time: new Date().toISOString(),
      dlq_code: error instanceof AppError ? error.code : 'INTERNAL',
      dlq_reason: error instanceof AppError ? error.reason : 'UNEXPECTED',
      dlq_message: (error instanceof Error ? error.message : String(error)).slice(0, MAX_CAUSE),
    },
  };
}

/** Reads a record of a topic of dead letters. */
export function fromDeadLetter({ topic, partition, offset, key, headers, value, time }: StoredRecord, retryTime: Date | undefined): DeadLetter {
  const own = topic.slice(0, -DEAD_LETTER_SUFFIX.length);
  return {
    id: `${own}:${partition}:${offset}`,
    topic: headers['dlq_topic'] ?? own,
    partition: Number(headers['dlq_partition'] ?? 0),
    offset: wholeOf(headers['dlq_offset']) ?? 0n,
    group: headers['dlq_group'] ?? '',
    key,
    headers: publishedHeaders(headers),
    value,
    attempts: Number(headers['dlq_attempts'] ?? 0),
    retries: Number(headers['dlq_retries'] ?? 0),
    cause: { code: headers['dlq_code'] ?? '', reason: headers['dlq_reason'] ?? '', message: headers['dlq_message'] ?? '' },
    time: new Date(headers['dlq_time'] ?? time),
    retryTime,
  };
}

/** The record that brings a letter to its group once more; it stays as the trace of who was given what again, and when. */
export const toRetry = ({ id, topic, partition, offset, group, key, headers, value, retries }: DeadLetter, now: Date): EventRecord => ({
  topic: RETRY_TOPIC,
  key,
  value,
  headers: { ...headers, dlq_letter: id, dlq_topic: topic, dlq_partition: String(partition), dlq_offset: String(offset), dlq_group: group, dlq_retries: String(retries + 1), dlq_retry_time: now.toISOString() },
});

/** What a group is to make of a record: the event as it was published, and how often it was tried again; undefined when it is meant for another group. */
export function received(record: StoredRecord, group: string): { readonly record: StoredRecord; readonly retries: number } | undefined {
  const { topic, headers } = record;
  if (topic !== RETRY_TOPIC) return { record, retries: 0 };
  if (headers['dlq_group'] !== group) return undefined;
  const partition = Number(wholeOf(headers['dlq_partition']) ?? record.partition);
  return { record: { ...record, topic: headers['dlq_topic'] ?? topic, partition, offset: wholeOf(headers['dlq_offset']) ?? record.offset, headers: publishedHeaders(headers) }, retries: Number(wholeOf(headers['dlq_retries']) ?? 0) };
}

const publishedHeaders = (headers: EventRecord['headers']): EventRecord['headers'] => Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith(PREFIX)));
const wholeOf = (text = ''): bigint | undefined => (/^\d+$/.test(text) ? BigInt(text) : undefined);
