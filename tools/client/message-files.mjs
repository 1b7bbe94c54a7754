import { ScalarType } from '@bufbuild/protobuf';
import { FeatureSet_FieldPresence } from '@bufbuild/protobuf/wkt';
import { commentOf, docOf } from './comments.mjs';
import { SourceFile, typeNameOf } from './source-file.mjs';

/** Messages with a JSON form of their own: their type, and the codec that they have. */
const WELL_KNOWN = {
  'google.protobuf.Timestamp': ['Date', 'time'],
  'google.protobuf.Duration': ['`${number}s`', 'duration'],
  'google.protobuf.FieldMask': ['string', 'text'],
  'google.protobuf.Any': ['AnyMessage', 'any'],
};

const SCALARS = {
  [ScalarType.STRING]: ['string', 'text'],
  [ScalarType.BOOL]: ['boolean', 'bool'],
  [ScalarType.BYTES]: ['Uint8Array', 'bytes'],
  ...Object.fromEntries([ScalarType.DOUBLE, ScalarType.FLOAT].map((type) => [type, ['number', 'double']])),
  ...Object.fromEntries([ScalarType.INT32, ScalarType.SINT32, ScalarType.SFIXED32, ScalarType.UINT32, ScalarType.FIXED32].map((type) => [type, ['number', 'int32']])),
  ...Object.fromEntries([ScalarType.INT64, ScalarType.SINT64, ScalarType.SFIXED64, ScalarType.UINT64, ScalarType.FIXED64].map((type) => [type, ['bigint', 'int64']])),
};

/** A file for each proto file, with the type and the codec of every message and enum that these lead to. */
export function messageFiles(roots) {
  const reached = new Set();
  for (const root of roots) reach(root, reached);
  const sources = new Map();
  for (const desc of reached) {
    const source = sources.get(desc.file.name) ?? new SourceFile(desc.file.name);
    sources.set(desc.file.name, source);
    source.add(desc.kind === 'enum' ? enumText(desc, source) : messageText(desc, source));
  }
  return new Map(Array.from(sources, ([name, source]) => [`${name}.ts`, source.text()]));
}

function reach(desc, reached) {
  if (reached.has(desc) || WELL_KNOWN[desc.typeName]) return;
  if (desc.typeName.startsWith('google.protobuf.')) throw new Error(`${desc.typeName} has no form in the client.`);
  reached.add(desc);
  if (desc.kind === 'message') for (const { message, enum: names } of desc.fields) for (const inner of [message, names]) if (inner) reach(inner, reached);
}

function enumText(desc, source) {
  const prefix = desc.sharedPrefix?.toUpperCase() ?? '';
  const name = typeNameOf(desc);
  const type = `${source.local('codec', 'Codec', 'type')}<${name}>`;
  return `${docOf(commentOf(desc))}export type ${name} = ${desc.values.map((value) => `'${value.name.slice(prefix.length)}'`).join(' | ')};\nexport const ${name}: ${type} = /* @__PURE__ */ ${source.local('codec', 'nameOf')}('${prefix}');\n`;
}

function messageText(desc, source) {
  const name = typeNameOf(desc);
  const plain = desc.fields.filter(({ oneof }) => !oneof).map((field) => memberText(field, source, isPresent(field)));
  const choices = desc.oneofs.filter(({ fields }) => fields[0]?.oneof).map((oneof) => `${source.local('shapes', 'OneOf', 'type')}<{\n${oneof.fields.map((field) => memberText(field, source, true)).join('')}}>`);
  const type = choices.length === 0 ? `export interface ${name} {\n${plain.join('')}}` : `export type ${name} = ${[...(plain.length === 0 ? [] : [`{\n${plain.join('')}}`]), ...choices].join(' & ')};`;
  const fields = desc.fields.map((field) => `  ${field.jsonName}: ${codecText(field, source)},\n`);
  const codec = `export const ${name}: ${source.local('codec', 'Codec', 'type')}<${name}> = /* @__PURE__ */ ${source.local('codec', 'message')}(() => (${fields.length === 0 ? '{}' : `{\n${fields.join('')}}`}));`;
  return `${docOf(commentOf(desc))}${type}\n${codec}\n`;
}

/** Whether it is always there when read: what JSON leaves out has its empty value then. */
const isPresent = ({ fieldKind, presence }) => fieldKind === 'list' || fieldKind === 'map' || presence !== FeatureSet_FieldPresence.EXPLICIT;

const memberText = (field, source, present) => `${docOf(commentOf(field), '  ')}  readonly ${field.jsonName}${present ? '' : '?'}: ${typeText(field, source)};\n`;

function typeText(field, source) {
  const value = valueType(field, source);
  return field.fieldKind === 'list' ? `readonly ${value}[]` : field.fieldKind === 'map' ? `Readonly<Record<string, ${value}>>` : value;
}

function valueType({ message, enum: names, scalar }, source) {
  const [known] = WELL_KNOWN[message?.typeName] ?? SCALARS[scalar] ?? [];
  if (known === 'AnyMessage') return source.local('codec', known, 'type');
  return known ?? source.message(message ?? names);
}

function codecText(field, source) {
  const { fieldKind, message, enum: names, scalar } = field;
  const [, known] = WELL_KNOWN[message?.typeName] ?? SCALARS[scalar] ?? [];
  const value = known === undefined ? source.message(message ?? names) : source.local('codec', known);
  if (fieldKind === 'list' || fieldKind === 'map') return `${source.local('codec', fieldKind)}(${value})`;
  return message === undefined && (field.oneof || !isPresent(field)) ? `${source.local('codec', 'may')}(${value})` : value;
}
