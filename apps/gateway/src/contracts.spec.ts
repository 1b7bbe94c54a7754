import { readFileSync } from 'node:fs';
import { toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { expect, it } from 'vitest';
import { registryOf, silentRegistryOf } from './contracts.js';

const image = readFileSync(new URL('../../../libs/contracts/dist/image.binpb', import.meta.url));

it('leaves out of the contracts what they say of themselves, and nothing else', () => {
  const [whole, silent] = [registryOf(image), silentRegistryOf(image)];
  const files = [...whole.files];
  expect(files.length).toBeGreaterThan(20);
  expect([...silent.files].map(({ name }) => name)).toEqual(files.map(({ name }) => name));
  for (const { name, proto } of files) {
    const found = silent.getFile(`${name}.proto`)?.proto;
    if (!found) throw new Error(`${name} was lost`);
    expect(found.sourceCodeInfo).toBeUndefined();
    delete proto.sourceCodeInfo;
    expect(toBinary(FileDescriptorProtoSchema, found)).toEqual(toBinary(FileDescriptorProtoSchema, proto));
  }
});
