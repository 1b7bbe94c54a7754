import { readFile, stat } from 'node:fs/promises';
import { createFileRegistry, type DescMessage, fromBinary, toJsonString } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { errors } from '../errors.js';

/** A message as one line: a JSON object, or what it is instead. */
export type ToLine = (value: Uint8Array) => string;

const MAX_DESCRIPTOR_BYTES = 8 * 1024 * 1024;
const DECODER = new TextDecoder();

/** JSON goes as it came, so that no number loses a digit; line breaks stand between its parts only. */
export const jsonLine: ToLine = (value) => DECODER.decode(value).replace(/[\r\n]+/g, ' ');

/** Protobuf goes in its JSON form, under the names that fields have in the .proto; what is no such message comes as a text that names the fault. */
export async function protobufLine(path: string, type: string): Promise<ToLine> {
  const message = await descriptorOf(path, type);
  return (value) => {
    try {
      return toJsonString(message, fromBinary(message, value), { useProtoFieldName: true, alwaysEmitImplicit: true });
    } catch (error) {
      return JSON.stringify(`no ${type}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
}

async function descriptorOf(path: string, type: string): Promise<DescMessage> {
  const { size } = await stat(path);
  if (size > MAX_DESCRIPTOR_BYTES) throw errors.INVALID_SOURCE({ why: `the file of source.kafka.descriptor_path has ${size} bytes, and at most ${MAX_DESCRIPTOR_BYTES} are read` });
  const registry = await (async () => {
    try {
      return createFileRegistry(fromBinary(FileDescriptorSetSchema, await readFile(path)));
    } catch (cause) {
      throw errors.INVALID_SOURCE({ why: 'the file of source.kafka.descriptor_path is no FileDescriptorSet; `buf build -o descriptor.binpb` makes one' }, { cause });
    }
  })();
  const message = registry.getMessage(type);
  if (message === undefined) throw errors.INVALID_SOURCE({ why: `source.kafka.descriptor_path holds no message "${type}"` });
  return message;
}

/** Adds a member to the text of a JSON object; what is none stays as it is. */
export function withMember(line: string, name: string, value: string): string {
  const [, rest] = /^\s*\{([\s\S]*)$/.exec(line) ?? [];
  if (rest === undefined) return line;
  return `{${JSON.stringify(name)}:${JSON.stringify(value)}${/^\s*\}/.test(rest) ? '' : ','}${rest}`;
}
