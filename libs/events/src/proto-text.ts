import { type DescEnum, type DescField, type DescFile, type DescMessage, type DescOneof, ScalarType } from '@bufbuild/protobuf';

/** Types that every protobuf compiler brings along; they are imported, all others are written out. */
const WELL_KNOWN = 'google.protobuf.';
const INDENT = '  ';
/** Field numbers of descriptor.proto, of which the path of a comment is made. */
const [FILE_MESSAGE, FILE_ENUM, MESSAGE_FIELD, MESSAGE_NESTED, MESSAGE_ENUM, MESSAGE_ONEOF, ENUM_VALUE] = [4, 5, 2, 3, 4, 8, 2];

type Path = readonly number[];
type Type = DescMessage | DescEnum;

/**
 * A message as one proto3 file that needs no other but the well-known ones: in its own package and under its own name, then all that it is made of.
 * What comes from another package stands beside it under its short name, or under its whole one where two would be called alike: bytes do not know names.
 */
export function protoText(message: DescMessage): string {
  const types = typesOf(message);
  const names = namesOf(message, types);
  const imports = [...new Set(types.filter(isWellKnown).map(({ file }) => `${file.name}.proto`))].toSorted();
  const own = types.filter((type) => !isWellKnown(type)).map((type) => new Printer(type.file, names).top(type));
  return [`syntax = "proto3";\n`, `package ${message.file.proto.package};\n`, ...(imports.length === 0 ? [] : [imports.map((path) => `import "${path}";\n`).join('')]), ...own].join('\n');
}

/** The types at the top of their files that a message needs, itself first, each once, in the order in which they are met. */
function typesOf(root: DescMessage): readonly Type[] {
  const found = new Set<Type>();
  const visit = (type: Type): void => {
    const outer = topOf(type);
    if (found.has(outer)) return;
    if (outer.file.edition !== root.file.edition) throw new TypeError(`${outer.typeName} is not written in proto3.`);
    found.add(outer);
    if (!isWellKnown(outer) && outer.kind === 'message') for (const part of withNested(outer)) for (const { message, enum: own } of part.fields) [message, own].forEach((used) => used && visit(used));
  };
  visit(root);
  return [...found];
}

const withNested = (message: DescMessage): readonly DescMessage[] => [message, ...message.nestedMessages.flatMap(withNested)];
const topOf = (type: Type): Type => (type.parent ? topOf(type.parent) : type);
const isWellKnown = ({ typeName }: Type): boolean => typeName.startsWith(WELL_KNOWN);

/** What each type is called in the one file; types of the package of the root keep their names. */
function namesOf({ file }: DescMessage, types: readonly Type[]): ReadonlyMap<Type, string> {
  const names = new Map<Type, string>();
  const taken = new Set<string>();
  const give = (type: Type, name: string): void => {
    names.set(type, name);
    taken.add(name);
  };
  for (const type of types) if (isWellKnown(type)) give(type, type.typeName);
  for (const type of types) if (type.file.proto.package === file.proto.package) give(type, type.name);
  for (const type of types) if (!names.has(type)) give(type, taken.has(type.name) ? type.typeName.replaceAll(/(?:^|[._])(\w)/g, (_, letter: string) => letter.toUpperCase()) : type.name);
  return names;
}

/** Writes the types of one file with the comments that stand in it. */
class Printer {
  readonly #comments: ReadonlyMap<string, string>;

  constructor(
    private readonly file: DescFile,
    private readonly names: ReadonlyMap<Type, string>,
  ) {
    this.#comments = new Map(file.proto.sourceCodeInfo?.location.filter(({ leadingComments }) => leadingComments !== '').map(({ path, leadingComments }) => [path.join('.'), leadingComments]));
  }

  top(type: Type): string {
    const name = this.names.get(type) ?? type.name;
    if (type.kind === 'enum') return this.#enum(type, name, [FILE_ENUM, this.file.proto.enumType.indexOf(type.proto)], '');
    return this.#message(type, name, [FILE_MESSAGE, this.file.proto.messageType.indexOf(type.proto)], '');
  }

  #message({ proto, members, nestedMessages, nestedEnums }: DescMessage, name: string, path: Path, indent: string): string {
    const inner = indent + INDENT;
    const parts = [
      ...nestedEnums.map((own) => this.#enum(own, own.name, [...path, MESSAGE_ENUM, proto.enumType.indexOf(own.proto)], inner)),
      ...nestedMessages.map((own) => this.#message(own, own.name, [...path, MESSAGE_NESTED, proto.nestedType.indexOf(own.proto)], inner)),
      ...members.map((member) => (member.kind === 'oneof' ? this.#oneof(member, path, inner) : this.#field(member, path, inner))),
      ...proto.reservedRange.map(({ start, end }) => `${inner}reserved ${end === start + 1 ? start : `${start} to ${end - 1}`};\n`),
      ...(proto.reservedName.length === 0 ? [] : [`${inner}reserved ${proto.reservedName.map((text) => `"${text}"`).join(', ')};\n`]),
    ];
    return this.#block(`message ${name}`, parts, path, indent);
  }

  #oneof({ name, parent, proto, fields }: DescOneof, path: Path, indent: string): string {
    return this.#block(`oneof ${name}`, fields.map((field) => this.#field(field, path, indent + INDENT)), [...path, MESSAGE_ONEOF, parent.proto.oneofDecl.indexOf(proto)], indent);
  }

  #field(field: DescField, path: Path, indent: string): string {
    const label = field.fieldKind === 'list' ? 'repeated ' : field.proto.proto3Optional ? 'optional ' : '';
    const type = field.fieldKind === 'map' ? `map<${scalarName(field.mapKey)}, ${this.#typeOf(field)}>` : this.#typeOf(field);
    return `${this.#comment([...path, MESSAGE_FIELD, field.parent.proto.field.indexOf(field.proto)], indent)}${indent}${label}${type} ${field.name} = ${field.number};\n`;
  }

  #enum({ values }: DescEnum, name: string, path: Path, indent: string): string {
    return this.#block(`enum ${name}`, values.map((value, i) => `${this.#comment([...path, ENUM_VALUE, i], indent + INDENT)}${indent}${INDENT}${value.name} = ${value.number};\n`), path, indent);
  }

  #typeOf({ message, enum: own, scalar }: DescField): string {
    const type = message ?? own;
    return type === undefined ? scalarName(scalar) : this.#nameOf(type);
  }

  #nameOf(type: Type): string {
    return type.parent ? `${this.#nameOf(type.parent)}.${type.name}` : (this.names.get(type) ?? type.name);
  }

  #block(head: string, parts: readonly string[], path: Path, indent: string): string {
    return `${this.#comment(path, indent)}${indent}${head} {\n${parts.join('')}${indent}}\n`;
  }

  #comment(path: Path, indent: string): string {
    const text = this.#comments.get(path.join('.'));
    return text === undefined ? '' : text.trimEnd().split('\n').map((line) => `${indent}//${line}\n`).join('');
  }
}

/** Lower case names are those of the language. */
const scalarName = (type: ScalarType | undefined): string => (type === undefined ? '' : (ScalarType[type] ?? '').toLowerCase());

/** The comment above a message in its file, in one line; empty where there is none. */
export function commentAbove(desc: DescMessage): string {
  const path = `${FILE_MESSAGE}.${desc.file.proto.messageType.indexOf(desc.proto)}`;
  return (desc.file.proto.sourceCodeInfo?.location.find((location) => location.path.join('.') === path)?.leadingComments ?? '').trim().replaceAll(/\s+/g, ' ');
}
