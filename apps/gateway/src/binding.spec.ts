import { create, createFileRegistry, fromBinary, fromJson, setExtension, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema, MethodOptionsSchema } from '@bufbuild/protobuf/wkt';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bindingsOf } from './binding.js';
import { routes } from './gateway.http.js';
import { registry } from './json/messages.fixture.js';

const SERVICE = 'millrace.registry.v1.RegistryService';
const image = readFileSync(new URL('../../../libs/contracts/dist/image.binpb', import.meta.url));

/** The contracts, with another annotation at GetModel. */
function annotated(rule: Record<string, unknown>) {
  const http = registry.getExtension('google.api.http');
  const message = registry.getMessage('google.api.HttpRule');
  const set = fromBinary(FileDescriptorSetSchema, image);
  const method = set.file.flatMap(({ service }) => service).find(({ name }) => name === 'RegistryService')?.method.find(({ name }) => name === 'GetModel');
  if (!http || !message || !method) throw new Error('the contracts are others');
  const options = create(MethodOptionsSchema);
  setExtension(options, http, fromJson(message, rule as never) as never);
  method.options = fromBinary(MethodOptionsSchema, toBinary(MethodOptionsSchema, options));
  return createFileRegistry(set);
}

describe('an annotation', () => {
  it('is all that a call needs to have a path, and several where it says so', () => {
    const found = bindingsOf(annotated({ get: '/v2/{name=models/*}', additionalBindings: [{ post: '/v2/models:get', body: '*' }] }), SERVICE).filter(({ rpc }) => rpc.name === 'GetModel');
    expect(found.map(({ verb, body }) => [verb, body])).toEqual([['GET', undefined], ['POST', '*']]);
  });

  it.each([
    [{ custom: { kind: 'HEAD', path: '/v1/x' } }, 'none of get, put'],
    [{ get: '/v1/{name' }, 'no path template'],
    [{ get: '/v1/{model=models/*}' }, 'fills model, which is no text'],
    [{ post: '/v1/models', body: 'name' }, 'its body is name, which is no message'],
    [{ post: '/v1/models', body: 'nothing' }, 'its body is nothing'],
    [{ get: '/v1/{name=models/*}', responseBody: 'name' }, 'response_body'],
  ])('%j stops the start in words', (rule, why) => {
    expect(() => bindingsOf(annotated(rule), SERVICE)).toThrow(expect.objectContaining({ reason: 'ANNOTATION_INVALID', message: expect.stringContaining(why) as string }) as Error);
  });
});

it('does not start without the descriptors: DESCRIPTORS_MISSING', () => {
  expect(() => routes(undefined as never, { image: undefined, client: undefined as never })).toThrow(expect.objectContaining({ reason: 'DESCRIPTORS_MISSING' }) as Error);
});
