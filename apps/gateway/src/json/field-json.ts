import { type DescField, ScalarType } from '@bufbuild/protobuf';
import { FeatureSet_FieldPresence } from '@bufbuild/protobuf/wkt';
import { FieldFault, within } from './field-fault.js';
import { scalarReader } from './scalars.js';

/** A message as the generated code holds it: int64 is bigint, a time Date, a oneof { $case, value }, an enum its name. What is left out has its default. */
export type Message = Record<string, unknown>;

/** How one value of a field is read and written, be it alone, in a list or in a map. */
export interface ValueJson {
  readonly read: (json: unknown, depth: number) => unknown;
  /** The text of a path or a query. */
  readonly readText: (text: string) => unknown;
  /** Undefined where JSON holds the value as it is. */
  readonly write: ((value: unknown) => unknown) | undefined;
  /** Whether it is a message with fields of its own. */
  readonly nested: boolean;
}

/** One field of a message, ready to be read and written. */
export interface FieldJson {
  readonly desc: DescField;
  /** Reads a value and puts it into its place. */
  readonly read: (message: Message, json: unknown, depth: number) => void;
  /** The same from the text of a path or a query; a repeated field takes one element more. */
  readonly readText: (message: Message, text: string) => void;
  /** The message at this place, made where there is none; undefined for a field that holds no single message. */
  readonly child: ((message: Message) => Message) | undefined;
  /** Puts what there is of it into the JSON. */
  readonly write: (json: Message, message: Message) => void;
}

/** Makes a field of the values that it holds. */
export function fieldJson(desc: DescField, value: ValueJson): FieldJson {
  if (desc.fieldKind === 'list') return listField(desc, value);
  if (desc.fieldKind === 'map') return mapField(desc, value);
  return desc.oneof ? oneofField(desc, desc.oneof.localName, value) : singularField(desc, value);
}

function listField(desc: DescField, { read, readText, write }: ValueJson): FieldJson {
  const { localName: name, jsonName } = desc;
  return {
    desc,
    read: (message, json, depth) => {
      if (!Array.isArray(json)) throw new FieldFault('it must be a list');
      message[name] = json.map((each: unknown, i) => within(i, () => read(present(each), depth)));
    },
    readText: (message, text) => void ((message[name] ??= []) as unknown[]).push(readText(text)),
    child: undefined,
    write: (json, message) => {
      const values = message[name] as readonly unknown[] | undefined;
      if (values !== undefined && values.length > 0) json[jsonName] = write ? values.map(write) : values;
    },
  };
}

function mapField(desc: DescField & { readonly fieldKind: 'map' }, { read, write }: ValueJson): FieldJson {
  const { localName: name, jsonName } = desc;
  const readKey = scalarReader(desc.mapKey);
  return {
    desc,
    read: (message, json, depth) => {
      if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new FieldFault('it must be a JSON object');
      message[name] = Object.fromEntries(Object.entries(json).map(([key, each]) => within(key, () => [String(readKey(key)), read(present(each), depth)])));
    },
    readText: () => {
      throw new FieldFault('it stands in the body only');
    },
    child: undefined,
    write: (json, message) => {
      const entries = Object.entries((message[name] ?? {}) as Message);
      if (entries.length > 0) json[jsonName] = write ? Object.fromEntries(entries.map(([key, each]) => [key, write(each)])) : message[name];
    },
  };
}

interface Chosen {
  readonly $case: string;
  readonly value: unknown;
}

function oneofField(desc: DescField, union: string, { read, readText, write, nested }: ValueJson): FieldJson {
  const { localName: name, jsonName } = desc;
  const set = (message: Message, value: unknown): void => void (message[union] = { $case: name, value });
  return {
    desc,
    read: (message, json, depth) => set(message, read(json, depth)),
    readText: (message, text) => set(message, readText(text)),
    child: nested
      ? (message) => {
          if ((message[union] as Chosen | undefined)?.$case !== name) set(message, {});
          return (message[union] as Chosen).value as Message;
        }
      : undefined,
    write: (json, message) => {
      const chosen = message[union] as Chosen | undefined;
      if (chosen?.$case === name) json[jsonName] = write ? write(chosen.value) : chosen.value;
    },
  };
}

function singularField(desc: DescField, { read, readText, write, nested }: ValueJson): FieldJson {
  const { localName: name, jsonName } = desc;
  const isDefault = desc.presence === FeatureSet_FieldPresence.EXPLICIT ? () => false : defaultOf(desc);
  return {
    desc,
    read: (message, json, depth) => void (message[name] = read(json, depth)),
    readText: (message, text) => void (message[name] = readText(text)),
    child: nested ? (message) => (message[name] ??= {}) as Message : undefined,
    write: (json, message) => {
      const value = message[name];
      if (value !== undefined && !isDefault(value)) json[jsonName] = write ? write(value) : value;
    },
  };
}

/** Says whether a value is the one that is not sent. */
function defaultOf({ scalar, enum: values }: DescField): (value: unknown) => boolean {
  if (values) return (value) => value === values.values[0]?.name;
  if (scalar === ScalarType.BYTES) return (value) => (value as Uint8Array).length === 0;
  return (value) => value === '' || value === 0 || value === false || value === 0n;
}

/** null stands for what is not there, and nothing in a list or a map can be not there. */
function present(json: unknown): unknown {
  if (json === null) throw new FieldFault('it must not be null');
  return json;
}
