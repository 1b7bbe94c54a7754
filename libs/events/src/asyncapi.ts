import { createFileRegistry, type DescMessage, type FileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { EVENT_HEADERS } from '@millrace/core';
import { catalogue } from './catalogue.js';
import { CONTENT_TYPE, TYPE_URL } from './event.js';
import { HEADER_MEANINGS } from './event-headers.js';
import { commentAbove, protoText } from './proto-text.js';

/** Headers that every event of ours has. */
const ALWAYS = [...EVENT_HEADERS, 'ce_time', 'ce_dataschema'];

/** What the document says beside the contracts: of one installation. */
export interface AsyncApiOptions {
  /** The descriptors of all protos, as the build makes them. */
  readonly image: Uint8Array;
  readonly version: string;
  /** Where Kafka is, each `host:port`; none where events stay in a file of one process. */
  readonly brokers?: readonly string[];
  readonly secure?: boolean;
  /** Stands before the name of every topic. */
  readonly prefix?: string;
}

/** A JSON document. */
export type Json = { readonly [name: string]: Json } | readonly Json[] | string | number | boolean;

/** The version of AsyncAPI that the document is written in. */
export const ASYNCAPI_VERSION = '3.1.0';
const BINDING_VERSION = '0.5.0';
const SCHEMA_FORMAT = 'application/vnd.google.protobuf;version=3';
const DESCRIPTION = `What Millrace tells, as CloudEvents 1.0 in binary mode on Kafka. Each message carries its schema as one proto3 file; its root is the message that has the name.
Delivery is at least once, and in order for records of one key: remember ce_id, and skip types that you do not know. Fields and enum values may be added; numbers are never used twice.
What a consumer of Millrace itself could not handle lies in a topic with ".dlq" after its name, with the same headers and the cause in dlq_* headers.`;

/** The AsyncAPI document of every topic and event: all that a consumer of somebody else needs. Throws when the descriptors lack an event of the catalogue. */
export function describeEvents({ image, version, brokers = [], secure = false, prefix = '' }: AsyncApiOptions): Json {
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, image));
  const services = Object.entries(catalogue).map(([service, events]) => ({ service, events: Object.values(events).map(({ type, topic }) => ({ type, topic, id: type.split('.').at(-1) ?? type })) }));
  const servers = Object.fromEntries(brokers.map((host, i) => [`broker${i + 1}`, { host, protocol: secure ? 'kafka-secure' : 'kafka' }]));
  return {
    asyncapi: ASYNCAPI_VERSION,
    info: { title: 'Millrace events', version, description: DESCRIPTION, license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' } },
    defaultContentType: CONTENT_TYPE,
    ...(brokers.length === 0 ? {} : { servers }),
    channels: Object.fromEntries(
      services.map(({ service, events }) => {
        const address = `${prefix}${events[0]?.topic}`;
        return [service, { address, title: `Events of ${service}`, messages: Object.fromEntries(events.map(({ id }) => [id, { $ref: `#/components/messages/${id}` }])), bindings: { kafka: { topic: address, bindingVersion: BINDING_VERSION } } }];
      }),
    ),
    operations: Object.fromEntries(
      services.flatMap(({ service, events }) => events.map(({ id }) => [`send${id}`, { action: 'send', channel: { $ref: `#/channels/${service}` }, messages: [{ $ref: `#/channels/${service}/messages/${id}` }] }])),
    ),
    components: { messages: Object.fromEntries(services.flatMap(({ events }) => events.map(({ id, type }) => [id, message(descriptorOf(registry, type), type)]))) },
  };
}

function message(descriptor: DescMessage, type: string): Json {
  return {
    name: type,
    title: descriptor.name,
    summary: commentAbove(descriptor),
    contentType: CONTENT_TYPE,
    headers: headersOf(type),
    payload: { schemaFormat: SCHEMA_FORMAT, schema: protoText(descriptor) },
    bindings: { kafka: { key: { type: 'string', description: 'The resource whose events keep their order.' }, bindingVersion: BINDING_VERSION } },
  };
}

/** A JSON Schema of the headers; those of one kind of event that never vary are constants. */
function headersOf(type: string): Json {
  const constants: Readonly<Record<string, string>> = { 'content-type': CONTENT_TYPE, ce_specversion: '1.0', ce_type: type, ce_dataschema: `${TYPE_URL}${type}` };
  const properties = Object.entries(HEADER_MEANINGS).map(([name, description]) => [name, { type: 'string', description, ...(constants[name] === undefined ? {} : { const: constants[name] }), ...(name === 'ce_time' ? { format: 'date-time' } : {}) }] as const);
  return { type: 'object', required: ALWAYS, properties: Object.fromEntries(properties) };
}

function descriptorOf(registry: FileRegistry, type: string): DescMessage {
  const descriptor = registry.getMessage(type);
  if (!descriptor) throw new TypeError(`The descriptors have no ${type}; run the set-up again.`);
  return descriptor;
}
