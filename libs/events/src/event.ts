import { AppError, EVENT_HEADERS, type EventRecord, uuidv7 } from '@millrace/core';
import { MAX_RECORD_BYTES, type StoredRecord } from './bus.js';
import { errors } from './errors.js';
import { toBinaryMode } from './structured-event.js';

/** What ts-proto generates for a message, as far as events need it. */
export interface MessageCodec<T> {
  encode(message: T): { finish(): Uint8Array };
  decode(bytes: Uint8Array): T;
  toJSON(message: T): unknown;
}

/** One kind of event: its proto name, its topic, and which field keeps its order. */
export interface EventType<T> {
  readonly type: string;
  readonly topic: string;
  readonly message: MessageCodec<T>;
  readonly key: (message: T) => string;
}

/** What may be said about an event beside its payload. */
export interface EventAttributes {
  readonly id?: string;
  readonly time?: Date;
  readonly subject?: string;
  /** W3C trace context of what caused the event. */
  readonly traceparent?: string | undefined;
}

/** What a handler learns about an event beside its payload; `id` is what the inbox remembers. */
export interface EventContext {
  readonly id: string;
  readonly type: string;
  readonly source: string;
  readonly time: Date;
  readonly subject: string | undefined;
  readonly traceparent: string | undefined;
  readonly record: EventRecord;
}

/** The media type of every payload. */
export const CONTENT_TYPE = 'application/protobuf';
/** In front of a proto name it makes the URL that google.protobuf.Any has; CloudEvents wants it absolute, so with its scheme. */
export const TYPE_URL = 'https://type.googleapis.com/';

/** Declares a kind of event once, for those who send it and those who read it. */
export const defineEvent = <T>(type: string, topic: string, message: MessageCodec<T>, key: (message: T) => string): EventType<T> => ({ type, topic, message, key });

/** An event as a record: CloudEvents 1.0 in binary mode, the proto message as its value. Throws RECORD_TOO_LARGE. */
export function toRecord<T>(event: EventType<T>, source: string, payload: T, attributes: EventAttributes = {}): EventRecord {
  const { id = uuidv7(), time = new Date(), subject, traceparent } = attributes;
  const value = event.message.encode(payload).finish();
  if (value.byteLength > MAX_RECORD_BYTES) throw errors.RECORD_TOO_LARGE({ topic: event.topic, bytes: String(value.byteLength), limit: String(MAX_RECORD_BYTES) });
  const key = event.key(payload);
  return {
    topic: event.topic,
    key,
    value,
    headers: {
      'content-type': CONTENT_TYPE,
      ce_specversion: '1.0',
      ce_id: id,
      ce_source: source,
      ce_type: event.type,
      ce_time: time.toISOString(),
      ce_dataschema: `${TYPE_URL}${event.type}`,
      ...(key === '' ? {} : { ce_partitionkey: key }),
      ...(subject === undefined ? {} : { ce_subject: subject }),
      ...(traceparent === undefined ? {} : { traceparent, ce_traceparent: traceparent }),
    },
  };
}

/** The payload of a record of this kind; throws EVENT_UNREADABLE, which is never worth a retry. */
export function decodeEvent<T>(event: EventType<T>, record: EventRecord): T {
  const { headers } = record;
  const unreadable = (detail: string, cause?: unknown): AppError =>
    errors.EVENT_UNREADABLE({ id: headers['ce_id'] ?? '(none)', topic: record.topic, type: event.type, detail }, { cause });
  if (headers['ce_type'] !== event.type) throw unreadable(`it is a ${headers['ce_type'] ?? 'record without a type'}`);
  if (mediaTypeOf(headers['content-type']) !== CONTENT_TYPE) throw unreadable(`its content type is ${headers['content-type'] ?? 'missing'}, not ${CONTENT_TYPE}`);
  try {
    return event.message.decode(record.value);
  } catch (cause) {
    throw unreadable(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

/** The attributes of a record, which may leave its time to the bus; throws RECORD_MALFORMED when one that CloudEvents requires is missing. */
export function eventContext(record: EventRecord & { readonly time?: Date }): EventContext {
  const { headers } = record;
  const malformed = (detail: string): AppError => errors.RECORD_MALFORMED({ topic: record.topic, detail });
  const missing = EVENT_HEADERS.find((name) => !headers[name]);
  if (missing !== undefined) throw malformed(`the header ${missing} is missing`);
  const time = headers['ce_time'] === undefined ? record.time : new Date(headers['ce_time']);
  if (time === undefined) throw malformed('the header ce_time is missing');
  if (Number.isNaN(time.getTime())) throw malformed(`the header ce_time is "${headers['ce_time']}", which is no time`);
  return {
    id: headers['ce_id'] ?? '',
    type: headers['ce_type'] ?? '',
    source: headers['ce_source'] ?? '',
    time,
    subject: headers['ce_subject'],
    traceparent: traceparentOf(record),
    record,
  };
}

/** The trace that caused a record: as the header of the W3C, or as the extension of CloudEvents. */
export const traceparentOf = ({ headers }: EventRecord): string | undefined => headers['traceparent'] ?? headers['ce_traceparent'];

/** `Application/Protobuf; x=y` is `application/protobuf`. */
const mediaTypeOf = (contentType = ''): string => (contentType.split(';')[0] ?? '').trim().toLowerCase();

/** One row of a dispatch table. */
export interface EventRoute {
  readonly type: string;
  readonly topic: string;
  readonly handle: (record: EventRecord) => Promise<void>;
}

/** Says what to do with one kind of event. */
export function onEvent<T>(event: EventType<T>, handler: (payload: T, context: EventContext) => Promise<void>): EventRoute {
  return {
    type: event.type,
    topic: event.topic,
    handle: async (record) => handler(decodeEvent(event, record), eventContext(record)),
  };
}

/** A subscription's handler that calls the route of each record's type, whichever mode of CloudEvents it came in; kinds without a route are skipped. */
export function dispatch(routes: readonly EventRoute[]): (record: StoredRecord) => Promise<void> {
  const table = new Map(routes.map((route) => [route.type, route]));
  if (table.size !== routes.length) throw new TypeError('Two routes of a dispatch table have the same event type.');
  return async (record) => {
    const binary = toBinaryMode(record);
    await table.get(binary.headers['ce_type'] ?? '')?.handle(binary);
  };
}

/** The topics that the routes of a dispatch table read. */
export const topicsOf = (routes: readonly EventRoute[]): readonly string[] => [...new Set(routes.map((route) => route.topic))];
