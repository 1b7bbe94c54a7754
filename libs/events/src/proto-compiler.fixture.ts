import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createFileRegistry, type DescMessage, type FileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';

const BUF = fileURLToPath(new URL('../../../node_modules/.bin/buf', import.meta.url));

/** What a compiler makes of files that it has never seen, by their paths. */
export async function compileProtos(files: Readonly<Record<string, string>>): Promise<FileRegistry> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-proto-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const { stdout } = await promisify(execFile)(BUF, ['build', folder, '--as-file-descriptor-set', '--output', '-#format=binpb'], { encoding: 'buffer' });
    return createFileRegistry(fromBinary(FileDescriptorSetSchema, stdout));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The message of that name; throws where there is none. */
export function messageOf(types: FileRegistry, name: string): DescMessage {
  const found = types.getMessage(name);
  if (!found) throw new Error(`There is no ${name}.`);
  return found;
}

/** All that decides about the bytes of a message and the names that a reader sees; a message within itself is told by its place. */
export function shapeOf(message: DescMessage, outer: readonly DescMessage[] = []): unknown {
  if (outer.includes(message)) return outer.length - outer.indexOf(message);
  return message.fields.map(({ name, number, fieldKind, scalar, oneof, proto, message: inner, enum: values, ...field }) => ({
    name,
    number,
    fieldKind,
    scalar,
    mapKey: 'mapKey' in field ? field.mapKey : undefined,
    oneof: oneof?.name,
    optional: proto.proto3Optional,
    message: inner && shapeOf(inner, [...outer, message]),
    values: values?.values.map((value) => `${value.name} ${value.number}`),
  }));
}
