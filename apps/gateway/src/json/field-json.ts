import { type DescField, ScalarType } from '@bufbuild/protobuf';
import { FeatureSet_FieldPresence } from '@bufbuild/protobuf/wkt';
import { FieldFault } from './field-fault.js';
import { quoted, scalarReader } from './scalars.js';

/** A message as the generated code holds it: int64 is bigint, a time Date, a oneof { $case, value }, an enum its name. What is left out has its default. */
export type Message = Record<string, unknown>;

/** How one value of a field is read and written, be it alone, in a list or in a map. */
export interface ValueJson {
  readonly read: (json: unknown, depth: number) => unknown;
  /** The text of a path or a query. */
  readonly readText: (text: string) => unknown;
  /** As JSON text. */
  readonly write: (value: unknown) => string;
  /** Whether it is a message with fields of its own. */
  readonly nested: boolean;
}

/** One field of a message, ready to be read and written. */
export interface FieldJson {
  readonly desc: DescField;
  readonly jsonName: string;
  /** The name as JSON text, with its colon. */
  readonly label: string;
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
  /** The JSON text of what stands in the slot; empty for nothing. */
  readonly write: (held: unknown) => string;
}

/** Makes a field of the values that it holds. */
export function fieldJson(desc: DescField, value: ValueJson): FieldJson {
  const { jsonName, localName: slot } = desc;
  const common = { desc, jsonName, label: `"${jsonName}":`, slot };
  if (desc.fieldKind === 'list') return { ...common, ...listField(slot, value) };
  if (desc.fieldKind === 'map') return { ...common, ...mapField(desc, value) };
  if (desc.oneof) return { ...common, slot: desc.oneof.localName, ...oneofField(slot, desc.oneof.localName, value) };
  return { ...common, ...singularField(desc, value) };
}

type Kind = Omit<FieldJson, 'desc' | 'jsonName' | 'label' | 'slot'>;

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
      let text = '';
      for (const each of held as readonly unknown[]) text += text === '' ? write(each) : `,${write(each)}`;
      return text === '' ? '' : `[${text}]`;
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
      let text = '';
      for (const [key, each] of Object.entries(held as Message)) text += `${text === '' ? '' : ','}${quoted(key)}:${write(each)}`;
      return text === '' ? '' : `{${text}}`;
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
      return $case === name ? write(value) : '';
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
  if (none !== undefined) return (held) => (held === none ? '' : write(held));
  return scalar === ScalarType.BYTES ? (held) => ((held as Uint8Array).length === 0 ? '' : write(held)) : write;
}

/** null stands for what is not there, and nothing in a list or a map can be not there. */
function present(json: unknown): unknown {
  if (json === null) throw new FieldFault('it must not be null');
  return json;
}
