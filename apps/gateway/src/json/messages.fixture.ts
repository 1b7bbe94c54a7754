import { readFileSync } from 'node:fs';
import { create, type DescEnum, type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { anyPack } from '@bufbuild/protobuf/wkt';
import fc from 'fast-check';
import { registryOf } from '../contracts.js';

/** The contracts as the build has them. */
export const registry = registryOf(readFileSync(new URL('../../../../libs/contracts/dist/image.binpb', import.meta.url)));

const NANOS = 1_000_000;
const DEEPEST = 4;
const FIRST_SECOND = -62_135_596_800;
const LAST_SECOND = 253_402_300_799;

/** Any message of a type, as @bufbuild/protobuf makes it, with times that a Date can hold. */
export function messages(type: DescMessage, depth = 0): fc.Arbitrary<object> {
  const singular = type.fields.filter(({ oneof }) => !oneof);
  const fields = Object.fromEntries(singular.map((field) => [field.localName, optional(field, depth)]));
  const unions = Object.fromEntries(
    type.oneofs.filter(({ fields: [first] }) => first?.oneof !== undefined).map((oneof) => {
      const cases = oneof.fields.filter(({ message }) => depth < DEEPEST || !message).map((field) => values(field, depth).map((value) => ({ case: field.localName, value })));
      return [oneof.localName, fc.oneof(fc.constant(undefined), ...cases)];
    }),
  );
  return fc.record({ ...fields, ...unions } as Record<string, fc.Arbitrary<unknown>>, { requiredKeys: [] }).map((init) => create(type, Object.fromEntries(Object.entries(init).filter(([, value]) => value !== undefined)) as never) as object);
}

function optional(field: DescField, depth: number): fc.Arbitrary<unknown> {
  if (field.message && depth >= DEEPEST) return fc.constant(undefined);
  if (field.fieldKind === 'list') return fc.array(values(field, depth), { maxLength: 3 });
  if (field.fieldKind === 'map') return fc.dictionary(texts.filter((text) => text !== '__proto__'), values(field, depth), { maxKeys: 3 });
  return field.message ? fc.option(values(field, depth), { nil: undefined }) : values(field, depth);
}

const texts = fc.string({ unit: 'binary', maxLength: 8 });

function values(field: DescField, depth: number): fc.Arbitrary<unknown> {
  if (field.message) return ofMessage(field.message, depth + 1);
  if (field.enum) return fc.constantFrom(...(field.enum as DescEnum).values.map(({ number }) => number));
  switch (field.scalar) {
    case ScalarType.STRING:
      return texts;
    case ScalarType.BOOL:
      return fc.boolean();
    case ScalarType.BYTES:
      return fc.uint8Array({ maxLength: 8 });
    case ScalarType.INT64:
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    case ScalarType.INT32:
      return fc.integer();
    case ScalarType.DOUBLE:
      return fc.double().filter((value) => !Object.is(value, -0));
    default:
      throw new TypeError(`${String(field)} is of a kind that no contract has yet`);
  }
}

function ofMessage(type: DescMessage, depth: number): fc.Arbitrary<object> {
  // Before 1970 in whole seconds: the generated code encodes parts of those as negative nanoseconds, which no reader takes.
  if (type.typeName === 'google.protobuf.Timestamp') return fc.record({ seconds: fc.integer({ min: FIRST_SECOND, max: LAST_SECOND }), ms: fc.integer({ min: 0, max: 999 }) }).map(({ seconds, ms }) => create(type, { seconds: BigInt(seconds), nanos: seconds < 0 ? 0 : ms * NANOS } as never) as object);
  if (type.typeName === 'google.protobuf.Duration') return fc.record({ seconds: fc.integer({ min: -1_000_000, max: 1_000_000 }), nanos: fc.constantFrom(1, 1_000, 1_000_000).chain((unit) => fc.integer({ min: 0, max: Math.floor(999_999_999 / unit) }).map((count) => count * unit)) }).map(({ seconds, nanos: part }) => create(type, { seconds: BigInt(seconds), nanos: seconds < 0 ? 0 - part : part } as never) as object);
  if (type.typeName === 'google.protobuf.Any') return messages(errorInfo, depth).map((info) => anyPack(errorInfo, info as never));
  return messages(type, depth);
}

const errorInfo = ((): DescMessage => {
  const found = registry.getMessage('google.rpc.ErrorInfo');
  if (!found) throw new Error('the contracts have no ErrorInfo');
  return found;
})();
