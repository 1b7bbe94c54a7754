import { AppError, type EventRecord } from '@millrace/core';
import { deadLetterTopic, type StoredRecord } from './bus.js';

/** Longest cause that a header keeps. */
const MAX_CAUSE = 2_000;

/** The record that goes to `<topic>.dlq`: the same key, value and headers, with the cause beside them. */
export function toDeadLetter(record: StoredRecord, group: string, attempts: number, error: unknown): EventRecord {
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
      dlq_time: new Date().toISOString(),
      dlq_code: error instanceof AppError ? error.code : 'INTERNAL',
      dlq_reason: error instanceof AppError ? error.reason : 'UNEXPECTED',
      dlq_message: (error instanceof Error ? error.message : String(error)).slice(0, MAX_CAUSE),
    },
  };
}
