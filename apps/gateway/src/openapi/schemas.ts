import { type DescEnum, type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import type { Comments } from './comments.js';

/** A JSON Schema, as OpenAPI 3.1 takes it. */
export type Schema = Readonly<Record<string, unknown>>;

/** What stands for whole messages of google.protobuf. */
const WELL_KNOWN: Readonly<Record<string, Schema>> = {
  'google.protobuf.Timestamp': { type: 'string', format: 'date-time' },
  'google.protobuf.Duration': { type: 'string', pattern: '^-?\\d{1,12}(\\.\\d{1,9})?s$', examples: ['3.5s'] },
  'google.protobuf.FieldMask': { type: 'string', examples: ['description,tags'] },
  'google.protobuf.Any': { type: 'object', required: ['@type'], properties: { '@type': { type: 'string' } } },
};

const INT64: Schema = { type: 'string', format: 'int64', pattern: '^-?\\d{1,19}$' };
const UINT64: Schema = { type: 'string', format: 'uint64', pattern: '^\\d{1,20}$' };
const INT32: Schema = { type: 'integer', format: 'int32', minimum: -(2 ** 31), maximum: 2 ** 31 - 1 };
const UINT32: Schema = { type: 'integer', minimum: 0, maximum: 2 ** 32 - 1 };
const DOUBLE: Schema = { anyOf: [{ type: 'number', format: 'double' }, { type: 'string', enum: ['NaN', 'Infinity', '-Infinity'] }] };

const SCALARS: Readonly<Record<ScalarType, Schema>> = {
  [ScalarType.STRING]: { type: 'string' },
  [ScalarType.BOOL]: { type: 'boolean' },
  [ScalarType.BYTES]: { type: 'string', contentEncoding: 'base64', pattern: '^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$' },
  [ScalarType.DOUBLE]: DOUBLE,
  [ScalarType.FLOAT]: DOUBLE,
  [ScalarType.INT32]: INT32,
  [ScalarType.SINT32]: INT32,
  [ScalarType.SFIXED32]: INT32,
  [ScalarType.UINT32]: UINT32,
  [ScalarType.FIXED32]: UINT32,
  [ScalarType.INT64]: INT64,
  [ScalarType.SINT64]: INT64,
  [ScalarType.SFIXED64]: INT64,
  [ScalarType.UINT64]: UINT64,
  [ScalarType.FIXED64]: UINT64,
};

/** The schemas of messages and enums, each once, as they are asked for. */
export class Schemas {
  readonly #made = new Map<string, Schema>();

  constructor(private readonly comments: Comments) {}

  /** All that were asked for, by name. */
  get all(): Readonly<Record<string, Schema>> {
    return Object.fromEntries([...this.#made].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** A message, by reference where it has fields of its own. */
  message(type: DescMessage): Schema {
    const known = WELL_KNOWN[type.typeName];
    if (known) return known;
    return this.#reference(type, () => this.object(type, type.fields));
  }

  /** An object of some fields of a message. */
  object(type: DescMessage, fields: readonly DescField[]): Schema {
    const description = [this.comments.of(type), ...type.oneofs.filter(({ fields: [first] }) => first?.oneof !== undefined).map((oneof) => `At most one of ${oneof.fields.map(({ jsonName }) => jsonName).join(', ')} is given.`)].filter((part) => part !== '').join(' ');
    return { type: 'object', ...(description === '' ? {} : { description }), properties: Object.fromEntries(fields.map((field) => [field.jsonName, this.field(field)])), additionalProperties: false };
  }

  /** One field, with what its contract says of it. */
  field(field: DescField): Schema {
    const comment = this.comments.of(field);
    const value = this.#value(field);
    const schema: Schema = field.fieldKind === 'list' ? { type: 'array', items: value } : field.fieldKind === 'map' ? { type: 'object', additionalProperties: value } : value;
    return comment === '' ? schema : { ...schema, description: comment };
  }

  #value({ message, enum: values, scalar }: DescField): Schema {
    if (message) return this.message(message);
    if (values) return this.#enum(values);
    return scalar === undefined ? {} : SCALARS[scalar];
  }

  #enum(type: DescEnum): Schema {
    return this.#reference(type, () => {
      const meanings = type.values.flatMap((value) => (this.comments.of(value) === '' ? [] : [`${value.name}: ${this.comments.of(value)}`]));
      const description = [this.comments.of(type), ...meanings].filter((part) => part !== '').join(' ');
      return { type: 'string', enum: type.values.map(({ name }) => name), ...(description === '' ? {} : { description }) };
    });
  }

  #reference({ typeName }: DescMessage | DescEnum, make: () => Schema): Schema {
    if (!this.#made.has(typeName)) {
      // Before it is made, because a type may hold itself.
      this.#made.set(typeName, {});
      this.#made.set(typeName, make());
    }
    return { $ref: `#/components/schemas/${typeName}` };
  }
}
