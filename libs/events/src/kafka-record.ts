import type { EventRecord } from '@millrace/core';
import type { IHeaders, KafkaMessage, Message } from 'kafkajs';
import type { StoredRecord } from './bus.js';

/** Room of a record beside its key, value and headers, in Kafka's format and in memory. */
const RECORD_OVERHEAD = 100;

/** A record as kafkajs sends it; the bytes are not copied. */
export const toMessage = ({ key, value, headers }: EventRecord, partition: number): Message => ({
  partition,
  key: Buffer.from(key, 'utf8'),
  value: Buffer.from(value.buffer, value.byteOffset, value.byteLength),
  headers,
});

/** A record as kafkajs received it; one without a value has an empty one, of several headers of one name the last holds. */
export const fromMessage = (topic: string, partition: number, { key, value, headers, offset, timestamp }: KafkaMessage): StoredRecord => ({
  topic,
  partition,
  offset: BigInt(offset),
  time: new Date(Number(timestamp)),
  key: key?.toString('utf8') ?? '',
  value: value ?? new Uint8Array(0),
  headers: textOf(headers ?? {}),
});

/** What a record takes in a batch, a little too much rather than too little. */
export function sizeOf({ key, value, headers }: EventRecord): number {
  let size = RECORD_OVERHEAD + key.length + value.byteLength;
  // Asked for every record: without lists in between.
  for (const name in headers) size += name.length + (headers[name] ?? '').length + 4;
  return size;
}

function textOf(headers: IHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => {
      const last = Array.isArray(value) ? value.at(-1) : value;
      // A header without a value says nothing, just as one that is not there.
      return last === undefined || last === null ? [] : [[name, last.toString()]];
    }),
  );
}
