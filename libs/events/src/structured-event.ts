import type { EventRecord } from '@millrace/core';
import { errors } from './errors.js';

const STRUCTURED = 'application/cloudevents';
const STRUCTURED_JSON = 'application/cloudevents+json';
const JSON_TYPE = 'application/json';

/** An event of CloudEvents' JSON format, as far as it is no attribute. */
interface Envelope {
  readonly datacontenttype?: string;
  readonly data?: unknown;
  readonly data_base64?: string;
}

/**
 * A record whose value is the whole event as JSON (structured mode), as it would have come in binary mode; every other record as it is.
 * Throws RECORD_MALFORMED for other formats and for batches, which Kafka does not have.
 */
export function toBinaryMode<R extends EventRecord>(record: R): R {
  const contentType = record.headers['content-type']?.toLowerCase() ?? '';
  if (!contentType.startsWith(STRUCTURED)) return record;
  if (contentType.split(';')[0]?.trim() !== STRUCTURED_JSON) throw errors.RECORD_MALFORMED({ topic: record.topic, detail: `it is ${contentType}; send it in binary mode, or as ${STRUCTURED_JSON}` });
  const { datacontenttype = JSON_TYPE, data, data_base64: base64, ...attributes } = parse(record);
  const value = base64 === undefined ? Buffer.from(data === undefined ? '' : JSON.stringify(data)) : Buffer.from(base64, 'base64');
  const named = Object.entries(attributes).flatMap(([name, attribute]) => (attribute === null ? [] : [[`ce_${name}`, String(attribute)]]));
  return { ...record, value, headers: { ...record.headers, 'content-type': datacontenttype, ...Object.fromEntries(named) } };
}

function parse({ topic, value }: EventRecord): Envelope & Readonly<Record<string, unknown>> {
  try {
    const found = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(value)) as unknown;
    if (typeof found === 'object' && found !== null && !Array.isArray(found)) return found as Envelope & Readonly<Record<string, unknown>>;
  } catch (cause) {
    throw errors.RECORD_MALFORMED({ topic, detail: `its value is no JSON (${cause instanceof Error ? cause.message : String(cause)})` }, { cause });
  }
  throw errors.RECORD_MALFORMED({ topic, detail: 'its value is no JSON object' });
}
