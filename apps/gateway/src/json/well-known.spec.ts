import type { DescMessage } from '@bufbuild/protobuf';
import { AnySchema, DurationSchema, FieldMaskSchema, StructSchema } from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from 'vitest';
import { registry } from './messages.fixture.js';
import { wellKnown } from './well-known.js';

const formOf = (type: DescMessage) => {
  const form = wellKnown(type, registry);
  if (!form) throw new Error(`${type.typeName} has no form`);
  return form;
};

describe('a field mask', () => {
  const mask = formOf(FieldMaskSchema);

  it('is names of JSON divided by commas, and names of the contract inside', () => {
    expect(mask.read('displayName,origin.createTime')).toEqual(['display_name', 'origin.create_time']);
    expect(mask.write(['display_name', 'origin.create_time'] as never)).toBe('displayName,origin.createTime');
    expect(mask.read('')).toEqual([]);
  });

  it('names what is no field', () => {
    expect(() => mask.read('display_name')).toThrow('"display_name" is no field');
    expect(() => mask.read(['a'])).toThrow('names of fields');
  });
});

describe('a duration', () => {
  const duration = formOf(DurationSchema);

  it.each([
    ['3.500s', { seconds: 3n, nanos: 500_000_000 }],
    ['-0.000001s', { seconds: 0n, nanos: -1_000 }],
    ['90s', { seconds: 90n, nanos: 0 }],
  ])('%s comes back as it was', (text, held) => {
    expect(duration.read(text)).toEqual(held);
    expect(duration.write(held as never)).toBe(text);
  });
});

it('writes what it does not know as bytes, because an answer must not fail for it', () => {
  expect(formOf(AnySchema).write({ typeUrl: 'type.googleapis.com/of.Others', value: new Uint8Array([1, 2]) } as never)).toEqual({ '@type': 'type.googleapis.com/of.Others', value: 'AQI=' });
});

it('stops the start at a type that has no form yet', () => {
  expect(() => wellKnown(StructSchema, registry)).toThrow('google.protobuf.Struct has no JSON form here');
});
