import { type DescEnum, ScalarType } from '@bufbuild/protobuf';
import { FieldFault } from './field-fault.js';

/** Reads one value of proto3 JSON as the generated messages hold it; throws FieldFault. */
export type ReadValue = (json: unknown) => unknown;
/** The reverse. */
export type WriteValue = (value: never) => unknown;

/** How a scalar is read; a number may be a text, as the mapping allows. */
export function scalarReader(type: ScalarType): ReadValue {
  switch (type) {
    case ScalarType.BOOL:
      return (json) => (typeof json === 'boolean' ? json : refuse('it must be true or false'));
    case ScalarType.STRING:
      return (json) => (typeof json === 'string' && json.isWellFormed() ? json : refuse('it must be a text of valid Unicode'));
    case ScalarType.BYTES:
      return readBytes;
    case ScalarType.DOUBLE:
      return (json) => readDouble(json, Number.MAX_VALUE);
    case ScalarType.FLOAT:
      return (json) => readDouble(json, MAX_FLOAT);
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return (json) => readInteger(json, LEAST_INT32, MOST_INT32);
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return (json) => readInteger(json, 0, MOST_UINT32);
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return (json) => readBigInteger(json, LEAST_INT64, MOST_INT64);
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return (json) => readBigInteger(json, 0n, MOST_UINT64);
  }
}

/** How a scalar is written: 64 bits as a text, bytes as base64, and NaN and its like by their names; undefined where JSON holds it as it is. */
export function scalarWriter(type: ScalarType): WriteValue | undefined {
  switch (type) {
    case ScalarType.BYTES:
      return (value: Uint8Array) => Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return (value: number) => (Number.isFinite(value) ? value : String(value));
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return (value: bigint) => value.toString();
    default:
      return undefined;
  }
}

/** An enum is its name in the contract on both sides; a number that the contract has is read too. */
export function enumReader({ values }: DescEnum): ReadValue {
  const names = new Map<unknown, string>(values.flatMap(({ name, number }) => [[name, name], [number, name]]));
  const known = values.map(({ name }) => name).join(', ');
  return (json) => names.get(json) ?? refuse(`it must be one of ${known}`);
}

const LEAST_INT32 = -(2 ** 31);
const MOST_INT32 = 2 ** 31 - 1;
const MOST_UINT32 = 2 ** 32 - 1;
// Powers of 64 bits are worked out once: doing so takes longer than reading a number.
const LEAST_INT64 = -(2n ** 63n);
const MOST_INT64 = 2n ** 63n - 1n;
const MOST_UINT64 = 2n ** 64n - 1n;
/** Every whole number of so many characters is safe in a double. */
const SAFE_DIGITS = 15;
const MAX_FLOAT = (2 - 2 ** -23) * 2 ** 127;
const NUMBER = /^-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const BASE64 = /^(?:[A-Za-z0-9+/_-]{4})*(?:[A-Za-z0-9+/_-]{2}(?:==)?|[A-Za-z0-9+/_-]{3}=?)?$/;
const NAMED: ReadonlyMap<unknown, number> = new Map([['NaN', Number.NaN], ['Infinity', Infinity], ['-Infinity', -Infinity]]);

function refuse(why: string): never {
  throw new FieldFault(why);
}

function readBytes(json: unknown): Uint8Array {
  if (typeof json !== 'string' || !BASE64.test(json)) return refuse('it must be bytes in base64');
  return Buffer.from(json, 'base64');
}

function readDouble(json: unknown, most: number): number {
  const named = NAMED.get(json);
  if (named !== undefined) return named;
  const number = typeof json === 'number' ? json : typeof json === 'string' && NUMBER.test(json) ? Number(json) : Number.NaN;
  return Math.abs(number) <= most ? number : refuse('it must be a number');
}

function readInteger(json: unknown, least: number, most: number): number {
  const number = typeof json === 'number' ? json : typeof json === 'string' && NUMBER.test(json) ? Number(json) : Number.NaN;
  // Adding 0 makes a plain zero of -0.
  return Number.isInteger(number) && number >= least && number <= most ? number + 0 : refuse(`it must be a whole number from ${least} to ${most}`);
}

function readBigInteger(json: unknown, least: bigint, most: bigint): bigint {
  if (typeof json === 'number' && !Number.isSafeInteger(json)) return refuse('it must be a whole number; one beyond 2^53 - 1 is rounded in JSON, so give it as a text');
  if (typeof json !== 'number' && (typeof json !== 'string' || !/^-?\d{1,20}$/.test(json))) return refuse('it must be a whole number, or a text of one');
  // Through a number where that holds it: many times faster than from a text.
  const value = typeof json === 'string' && json.length <= SAFE_DIGITS ? BigInt(Number(json)) : BigInt(json);
  return value >= least && value <= most ? value : refuse(`it must be a whole number from ${least} to ${most}`);
}
