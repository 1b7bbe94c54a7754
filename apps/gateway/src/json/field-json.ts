import { type DescField, ScalarType } from '@bufbuild/protobuf';
import { FeatureSet_FieldPresence } from '@bufbuild/protobuf/wkt';
import { FieldFault } from './field-fault.js';
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
  readonly jsonName: string;
  /** Where the message holds it: under its own name, or that of its oneof. */
  readonly slot: string;
  /** Whether an empty value stands for one that is not there. */
  readonly implicit: boolean;
  /** Reads what stands in the slot. */
  readonly read: (json: unknown, depth: number) => unknown;
  /** The same from the text of a path or a query; a repeated field takes one element more. */
  readonly readText: (message: Message, text: string) => void;
  /** The message at this place, made where there is none; undefined for a field that holds no single message. */
  readonly child: ((message: Message) => Message) | undefined;
  /** What JSON has for what stands in the slot, or undefined for nothing; without it JSON has the value as it is. */
  readonly write: ((held: unknown) => unknown) | undefined;
}

/** Makes a field of the values that it holds. */
export function fieldJson(desc: DescField, value: ValueJson): FieldJson {
  const { jsonName, localName: slot } = desc;
  const common = { desc, jsonName, slot };
  if (desc.fieldKind === 'list') return { ...common, ...listField(slot, value) };
  if (desc.fieldKind === 'map') return { ...common, ...mapField(desc, value) };
  if (desc.oneof) return { ...common, slot: desc.oneof.localName, ...oneofField(slot, desc.oneof.localName, value) };
  return { ...common, ...singularField(desc, value) };
}

type Kind = Omit<FieldJson, 'desc' | 'jsonName' | 'slot'>;

function listField(slot: string, { read, readText, write }: ValueJson): Kind {
  return {
    implicit: false,
    read: (json, depth) => {
      if (!Array.isArray(json)) throw new FieldFault('it must be a list');
      let at = 0;
      try {
        return json.map((each: unknown, i) => {
          at = i;
          return read(present(each), depth);
        });
      } catch (error) {
        throw error instanceof FieldFault ? error.within(at) : error;
      }
    },
    readText: (message, text) => void ((message[slot] ??= []) as unknown[]).push(readText(text)),
    child: undefined,
    write: (held) => {
      const values = held as readonly unknown[];
      return values.length === 0 ? undefined : write ? values.map((each) => write(each)) : values;
    },
  };
}

function mapField({ mapKey }: DescField & { readonly fieldKind: 'map' }, { read, write }: ValueJson): Kind {
  const readKey = scalarReader(mapKey);
  return {
    implicit: false,
    read: (json, depth) => {
      if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new FieldFault('it must be a JSON object');
      let at = '';
      try {
        return Object.fromEntries(Object.entries(json).map(([key, each]) => [String(readKey((at = key))), read(present(each), depth)]));
      } catch (error) {
        throw error instanceof FieldFault ? error.within(at) : error;
      }
    },
    readText: () => {
      throw new FieldFault('it stands in the body only');
    },
    child: undefined,
    write: (held) => {
      const json: Message = {};
      let some = false;
      for (const key in held as Message) {
        const value = (held as Message)[key];
        some = true;
        // A plain assignment would lose a key that is called __proto__.
        if (key === '__proto__') Object.defineProperty(json, key, { value: write ? write(value) : value, enumerable: true });
        else json[key] = write ? write(value) : value;
      }
      return some ? json : undefined;
    },
  };
}

interface Chosen {
  readonly $case: string;
  readonly value: unknown;
}

function oneofField(name: string, slot: string, { read, readText, write, nested }: ValueJson): Kind {
  return {
    implicit: false,
    read: (json, depth): Chosen => ({ $case: name, value: read(json, depth) }),
    readText: (message, text) => void (message[slot] = { $case: name, value: readText(text) }),
    child: nested
      ? (message) => {
          if ((message[slot] as Chosen | undefined)?.$case !== name) message[slot] = { $case: name, value: {} };
          return (message[slot] as Chosen).value as Message;
        }
      : undefined,
    write: (held) => {
      const { $case, value } = held as Chosen;
      return $case !== name ? undefined : write ? write(value) : value;
    },
  };
}

function singularField({ localName: slot, presence, scalar, enum: values }: DescField, { read, readText, write, nested }: ValueJson): Kind {
  const implicit = presence !== FeatureSet_FieldPresence.EXPLICIT;
  return {
    implicit,
    read,
    readText: (message, text) => void (message[slot] = readText(text)),
    child: nested ? (message) => (message[slot] ??= {}) as Message : undefined,
    write: implicit ? sparing(write, { scalar, none: values?.values[0]?.name }) : write,
  };
}

/** Writes nothing for the empty values that cannot be told by looking at them alone: bytes, and the first name of an enum. */
function sparing(write: ValueJson['write'], { scalar, none }: { readonly scalar: ScalarType | undefined; readonly none: string | undefined }): ValueJson['write'] {
  if (none !== undefined) return (held) => (held === none ? undefined : held);
  return scalar === ScalarType.BYTES && write ? (held) => ((held as Uint8Array).length === 0 ? undefined : write(held)) : write;
}

/** null stands for what is not there, and nothing in a list or a map can be not there. */
function present(json: unknown): unknown {
  if (json === null) throw new FieldFault('it must not be null');
  return json;
}
