import { create, type DescMessage, fromJson, type JsonValue, type Registry, toJson } from '@bufbuild/protobuf';
import { AnySchema } from '@bufbuild/protobuf/wkt';
import { FieldFault } from './field-fault.js';
import type { ReadValue, WriteValue } from './scalars.js';

/** A message that has a form of its own in JSON. */
export interface WellKnown {
  readonly read: ReadValue;
  readonly write: WriteValue;
}

/** The form of a type of google.protobuf, as the generated code holds it; undefined for every other message. A type of theirs that is not here has no form yet: it throws. */
export function wellKnown({ typeName }: DescMessage, registry: Registry): WellKnown | undefined {
  switch (typeName) {
    case 'google.protobuf.Timestamp':
      return { read: readTime, write: writeTime as WriteValue };
    case 'google.protobuf.Duration':
      return { read: readDuration, write: writeDuration as WriteValue };
    case 'google.protobuf.FieldMask':
      return { read: readMask, write: writeMask as WriteValue };
    case 'google.protobuf.Any':
      return { read: (json) => readAny(json, registry), write: ((value: AnyMessage) => writeAny(value, registry)) as WriteValue };
    default:
      if (typeName.startsWith('google.protobuf.')) throw new TypeError(`${typeName} has no JSON form here`);
      return undefined;
  }
}

const TIME = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/;
const FIRST = Date.parse('0001-01-01T00:00:00Z');
const LAST = Date.parse('9999-12-31T23:59:59.999Z');
/** Every month has so many days. */
const SURE_DAY = 28;

/** To the millisecond, as far as a Date goes; what is finer is cut, as gRPC does. */
function readTime(json: unknown): Date {
  const text = typeof json === 'string' && TIME.test(json) ? json : '';
  const time = Date.parse(text.toUpperCase());
  // A day that a month does not have would become one of the next month.
  if (!(time >= FIRST && time <= LAST) || (Number(text.slice(8, 10)) > SURE_DAY && new Date(`${text.slice(0, 10)}T00:00:00Z`).getUTCDate() !== Number(text.slice(8, 10)))) throw new FieldFault('it must be a time such as "2001-04-01T12:00:00Z"');
  return new Date(time);
}

const writeTime = (value: Date): string => {
  const text = value.toISOString();
  return value.getTime() % 1_000 === 0 ? `${text.slice(0, -5)}Z` : text;
};

interface DurationMessage {
  readonly seconds: bigint;
  readonly nanos: number;
}

const DURATION = /^(-?)(\d{1,12})(?:\.(\d{1,9}))?s$/;
const MOST_SECONDS = 315_576_000_000n;

function readDuration(json: unknown): DurationMessage {
  const [, sign, whole, part = ''] = typeof json === 'string' ? (DURATION.exec(json) ?? []) : [];
  const seconds = whole === undefined ? undefined : BigInt(whole);
  if (seconds === undefined || seconds > MOST_SECONDS) throw new FieldFault('it must be seconds such as "3.5s"');
  const nanos = Number(part.padEnd(9, '0'));
  return sign === '-' ? { seconds: -seconds, nanos: 0 - nanos } : { seconds, nanos };
}

function writeDuration({ seconds, nanos }: DurationMessage): string {
  const whole = seconds < 0n ? -seconds : seconds;
  const digits = Math.abs(nanos).toString().padStart(9, '0').replace(/(?:000){1,3}$/, '');
  return `${seconds < 0n || nanos < 0 ? '-' : ''}${whole}${digits === '' ? '' : `.${digits}`}s`;
}

const MASK = /^[A-Za-z0-9.]+$/;

function readMask(json: unknown): readonly string[] {
  if (typeof json !== 'string') throw new FieldFault('it must be names of fields divided by commas');
  return json === '' ? [] : json.split(',').map((path) => (MASK.test(path) ? path.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) : refusePath(path)));
}

function refusePath(path: string): never {
  throw new FieldFault(`"${path}" is no field; names are as in JSON, such as createTime`);
}

const writeMask = (paths: readonly string[]): string => paths.map((path) => path.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())).join(',');

interface AnyMessage {
  readonly typeUrl: string;
  readonly value: Uint8Array;
}

function readAny(json: unknown, registry: Registry): AnyMessage {
  try {
    return fromJson(AnySchema, json as JsonValue, { registry });
  } catch (cause) {
    throw new FieldFault(cause instanceof Error ? cause.message : String(cause));
  }
}

/** A type that nobody here knows stays bytes: an answer must not fail for it. */
function writeAny({ typeUrl, value }: AnyMessage, registry: Registry): unknown {
  const type = registry.getMessage(typeUrl.slice(typeUrl.lastIndexOf('/') + 1));
  return type ? toJson(AnySchema, create(AnySchema, { typeUrl, value }), { registry }) : { '@type': typeUrl, value: Buffer.from(value).toString('base64') };
}
