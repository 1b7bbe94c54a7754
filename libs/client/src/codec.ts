/** How a value goes to proto3 JSON and comes back from it. */
export interface Codec<T> {
  readonly read: (json: unknown) => T;
  readonly write: (value: T) => unknown;
  /** What JSON means by leaving the value out; without it a value that is not there stays away. */
  readonly empty?: (() => T) | undefined;
}

/** A codec of whatever type, as a table of fields holds it. */
type AnyCodec = Codec<never>;

const asIs = <T>(empty: T): Codec<T> => ({ read: (json) => json as T, write: (value) => value, empty: () => empty });

export const text: Codec<string> = /* @__PURE__ */ asIs('');
export const bool: Codec<boolean> = /* @__PURE__ */ asIs(false);
/** A whole number of 32 bits. */
export const int32: Codec<number> = /* @__PURE__ */ asIs(0);
/** Seconds with their unit, such as "3.5s": no number of JavaScript holds them all. */
export const duration: Codec<`${number}s`> = { read: (json) => json as `${number}s`, write: (value) => value };
/** Any message, told apart by "@type". */
export const any: Codec<AnyMessage> = { read: (json) => json as AnyMessage, write: (value) => value };

/** A message of some type as plain JSON. */
export interface AnyMessage {
  readonly '@type': string;
  readonly [field: string]: unknown;
}

/** A double; JSON spells NaN and the infinities. */
export const double: Codec<number> = { read: Number, write: (value) => (Number.isFinite(value) ? value : String(value)), empty: () => 0 };

/** A whole number of 64 bits: a text in JSON. A number is taken as long as it was not rounded yet. */
export const int64: Codec<bigint> = {
  read: (json) => BigInt(json as string),
  // BigInt throws RangeError for what is no whole number; one beyond 2^53 - 1 has lost digits already.
  write: (value: bigint | number) => {
    if (typeof value === 'number' && !Number.isSafeInteger(value)) throw new RangeError(`${value} is no exact whole number; give a bigint`);
    return String(value);
  },
  empty: () => 0n,
};

/** A time to the millisecond. */
export const time: Codec<Date> = { read: (json) => new Date(json as string), write: (value) => value.toISOString() };

/** Bytes: base64 in JSON. */
export const bytes: Codec<Uint8Array> = {
  read: (json) => Uint8Array.from(atob(json as string), (char) => char.charCodeAt(0)),
  write: (value) => btoa(Array.from(value, (byte) => String.fromCharCode(byte)).join('')),
  empty: () => new Uint8Array(),
};

/** One of several names, which JSON has behind a prefix. A name of a later release is passed on. */
export const nameOf = <T extends string>(prefix: string): Codec<T> => ({
  read: (json) => (String(json).startsWith(prefix) ? String(json).slice(prefix.length) : json) as T,
  write: (value) => prefix + value,
  empty: () => 'UNSPECIFIED' as T,
});

export const list = <T>({ read, write }: Codec<T>): Codec<readonly T[]> => ({ read: (json) => (json as readonly unknown[]).map(read), write: (values) => values.map(write), empty: () => [] });

export const map = <T>({ read, write }: Codec<T>): Codec<Readonly<Record<string, T>>> => ({ read: (json) => mapValues(json as object, read), write: (values) => mapValues(values, write as (value: unknown) => unknown), empty: () => ({}) });

/** A value that may be left out, and then is not there. */
export const may = <T>({ read, write }: Codec<T>): Codec<T> => ({ read, write });

/** A message of fields, which are looked up when one is read or written: types may hold themselves. Fields that are not known are left out when read, and sent for the server to refuse when written. */
export function message<T>(fieldsOf: () => Readonly<Record<string, unknown>>): Codec<T> {
  let fields: Readonly<Record<string, AnyCodec>> | undefined;
  const known = (): Readonly<Record<string, AnyCodec>> => (fields ??= fieldsOf() as Readonly<Record<string, AnyCodec>>);
  return {
    read: (json) => {
      const given = json as Readonly<Record<string, unknown>>;
      const pairs = Object.entries(known()).map(([name, { read, empty }]) => [name, given[name] == null ? empty?.() : read(given[name])] as const);
      return Object.fromEntries(pairs.filter(([, value]) => value !== undefined)) as T;
    },
    write: (value) => {
      const pairs = Object.entries(value as object).filter(([, held]) => held !== undefined);
      return Object.fromEntries(pairs.map(([name, held]) => [name, Object.hasOwn(known(), name) ? known()[name]?.write(held as never) : held]));
    },
  };
}

const mapValues = <T>(values: object, change: (value: unknown) => T): Record<string, T> => Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]));
