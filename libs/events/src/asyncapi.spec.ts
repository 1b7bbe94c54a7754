import { readFileSync } from 'node:fs';
import { Parser } from '@asyncapi/parser';
import { createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { expect, it } from 'vitest';
import { catalogue, describeEvents } from './index.js';
import { compileProtos, messageOf, shapeOf } from './proto-compiler.fixture.js';

const image = readFileSync(new URL('../../contracts/dist/image.binpb', import.meta.url));
const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, image));
const document = describeEvents({ image, version: '0.1.0', brokers: ['127.0.0.1:9092', 'b:9093'], prefix: 'team.' }) as {
  readonly servers: object;
  readonly channels: Readonly<Record<string, { readonly address: string; readonly messages: object }>>;
  readonly components: { readonly messages: Readonly<Record<string, { readonly name: string; readonly summary: string; readonly payload: { readonly schema: string } }>> };
};
const types = Object.values(catalogue).flatMap((events) => Object.values(events).map(({ type }) => type));

/** What the official parser has to say, errors and warnings. */
async function faultsOf(given: object): Promise<readonly string[]> {
  const { diagnostics } = await new Parser().parse(JSON.stringify(given));
  return diagnostics.filter(({ severity }) => severity < 2).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

it('is valid for the parser of AsyncAPI, which would find a fault', { timeout: 60_000 }, async () => {
  expect(await faultsOf(document)).toEqual([]);
  const { channels, ...rest } = document;
  expect(await faultsOf(rest)).not.toEqual([]);
  expect(await faultsOf({ ...document, channels: { ...channels, registry: { ...channels['registry'], messages: { Gone: { $ref: '#/components/messages/Gone' } } } } })).not.toEqual([]);
});

it('names every topic with the prefix of the installation, every event of it, and the brokers', () => {
  expect(document.servers).toEqual({ broker1: { host: '127.0.0.1:9092', protocol: 'kafka' }, broker2: { host: 'b:9093', protocol: 'kafka' } });
  expect(Object.values(document.channels).map(({ address }) => address)).toEqual(Object.keys(catalogue).map((service) => `team.millrace.${service}.v1`));
  expect(Object.values(document.components.messages).map(({ name }) => name)).toEqual(types);
  for (const { name, summary } of Object.values(document.components.messages)) expect(summary, name).toMatch(/\w+.*\.$/);
  expect(describeEvents({ image, version: '0.1.0' })).not.toHaveProperty('servers');
});

it.each(types)('says of %s what the contracts say: its text alone, compiled, has the same fields down to the last message', async (type) => {
  const text = Object.values(document.components.messages).find(({ name }) => name === type)?.payload.schema ?? '';
  const wanted = shapeOf(messageOf(registry, type));
  expect(shapeOf(messageOf(await compileProtos({ 'event.proto': text }), type))).toEqual(wanted);
  expect(shapeOf(messageOf(await compileProtos({ 'event.proto': text.replace(/= 1;\n/, '= 1111;\n') }), type))).not.toEqual(wanted);
});
