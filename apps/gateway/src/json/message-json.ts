import { type DescField, type DescMessage, type Registry, ScalarType } from '@bufbuild/protobuf';
import { FieldFault } from './field-fault.js';
import { type FieldJson, fieldJson, type Message, type ValueJson } from './field-json.js';
import { compileWriter } from './compile-writer.js';
import { enumReader, scalarReader, scalarWriter } from './scalars.js';
import { wellKnown } from './well-known.js';

/** Messages nested deeper than this are refused, as other implementations do. */
const MAX_DEPTH = 100;

interface TypeJson {
  /** By the names in JSON and in the contract. */
  readonly byKey: ReadonlyMap<string, FieldJson>;
  readonly write: (message: Message) => Message;
}

/** The proto3 JSON mapping, straight between JSON and the generated messages; made from descriptors, once for each type. */
export class MessageJson {
  readonly #types = new Map<string, TypeJson>();

  constructor(private readonly registry: Registry) {}

  /** Reads a whole message; throws FieldFault with the place. */
  read(type: DescMessage, json: unknown, depth = 0): Message {
    if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new FieldFault('it must be a JSON object');
    if (depth > MAX_DEPTH) throw new FieldFault(`messages may be nested ${MAX_DEPTH} deep`);
    const { byKey } = this.#of(type);
    const message: Message = {};
    let at = '';
    try {
      for (const key in json) {
        at = key;
        const value = (json as Message)[key];
        // null stands for what is not there.
        const field = byKey.get(key) ?? unknown(type);
        if (value === null) continue;
        if (message[field.slot] !== undefined) refuseSecond(field);
        message[field.slot] = field.read(value, depth);
      }
    } catch (error) {
      throw error instanceof FieldFault ? error.within(at) : error;
    }
    return message;
  }

  /** The message as JSON; what has its default is left out. */
  write(type: DescMessage, message: Message): Message {
    return this.#of(type).write(message);
  }

  /** A field by its name in JSON or in the contract. */
  field(type: DescMessage, name: string): FieldJson | undefined {
    return this.#of(type).byKey.get(name);
  }

  /** Made when it is asked for first, because types may hold themselves. */
  #of(type: DescMessage): TypeJson {
    const known = this.#types.get(type.typeName);
    if (known) return known;
    const fields = type.fields.map((desc) => fieldJson(desc, this.#valueOf(desc)));
    const made: TypeJson = { write: compileWriter(fields), byKey: new Map(fields.flatMap((field) => [[field.desc.name, field], [field.desc.jsonName, field]])) };
    this.#types.set(type.typeName, made);
    return made;
  }

  #valueOf({ message, scalar, enum: values }: DescField): ValueJson {
    if (message) {
      const known = wellKnown(message, this.registry);
      if (known) return { read: known.read, readText: known.read, write: known.write as ValueJson['write'], nested: false };
      let write: TypeJson['write'] | undefined;
      return { read: (json, depth) => this.read(message, json, depth + 1), readText: refuseText, write: (value) => (write ??= this.#of(message).write)(value as Message), nested: true };
    }
    if (values) {
      const read = enumReader(values);
      return { read, readText: read, write: undefined, nested: false };
    }
    const read = scalarReader(scalar);
    return { read, readText: scalar === ScalarType.BOOL ? (text) => read(BOOLS.get(text)) : read, write: scalarWriter(scalar) as ValueJson['write'], nested: false };
  }
}

const BOOLS: ReadonlyMap<string, boolean> = new Map([['true', true], ['false', false]]);

function unknown({ name }: DescMessage): never {
  throw new FieldFault(`${name} has no such field`);
}

function refuseSecond({ desc: { oneof } }: FieldJson): never {
  throw new FieldFault(oneof ? `only one of ${oneof.fields.map(({ jsonName }) => jsonName).join(', ')} may be given` : 'it is given twice');
}

function refuseText(): never {
  throw new FieldFault('it is a message: name a field of it, such as a.b');
}
