import { readdir, stat } from 'node:fs/promises';
import { extname, join, relative } from 'node:path';
import { errors } from '../errors.js';
import type { Format, Source } from './source.js';
import type { FoundFile } from './found-file.js';

export const MAX_FILES = 10_000;

/** One file of a source. */
export interface SourceFile {
  readonly path: string;
  /** How people are told of it: the path below the source's own folder. */
  readonly label: string;
  readonly format: Format;
  /** What tells that the file is still the one that was found. */
  readonly state: string;
  /** What tells a later run that it is the same file. */
  readonly identity: string;
}

const BY_EXTENSION: Readonly<Record<string, Format>> = { '.csv': 'CSV', '.tsv': 'CSV', '.jsonl': 'JSON_LINES', '.ndjson': 'JSON_LINES', '.json': 'JSON', '.parquet': 'PARQUET' };

/** The files of a source in the order of their names; `path` has been checked against the allowed roots before. Symbolic links inside a folder are not followed. */
export async function sourceFiles({ path, format }: Source, choose: (found: readonly SourceFile[]) => readonly FoundFile[]): Promise<readonly SourceFile[]> {
  const info = await stat(path).catch((cause: unknown) => {
    throw errors.SOURCE_NOT_FOUND({ path }, { cause });
  });
  if (info.isFile()) return chosen([await toFile(path, labelOf(path), format)], choose);
  // A pipe or a device never ends.
  if (!info.isDirectory()) throw errors.INVALID_SOURCE({ why: `${labelOf(path)} is neither a file nor a folder` });
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.') && (format !== undefined || formatOf(entry.name) !== undefined))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  if (files.length === 0) throw errors.SOURCE_EMPTY({ file: labelOf(path), why: `the folder holds no file that ends in ${Object.keys(BY_EXTENSION).join(', ')}` });
  if (files.length > MAX_FILES) throw errors.INVALID_SOURCE({ why: `the folder holds ${files.length} files and at most ${MAX_FILES} are read in one run; give it in parts` });
  return chosen(await Promise.all(files.map((file) => toFile(file, relative(path, file), format))), choose);
}

function chosen(files: readonly SourceFile[], choose: (found: readonly SourceFile[]) => readonly FoundFile[]): readonly SourceFile[] {
  const labels = new Set(choose(files).map(({ label }) => label));
  return files.filter(({ label }) => labels.has(label));
}

/** Throws SOURCE_CHANGED where a file is no longer the one that was found: what was read of it may be half of this and half of that. */
export async function refuseChanged(files: readonly SourceFile[]): Promise<void> {
  for (const { path, label, state } of files) if ((await stateOf(path)) !== state) throw errors.SOURCE_CHANGED({ file: label });
}

const labelOf = (path: string): string => path.split('/').at(-1) ?? path;
export const formatOf = (name: string): Format | undefined => BY_EXTENSION[extname(name).toLowerCase()];

/** A local file with its format; INVALID_SOURCE where nobody says which it is. */
export async function toFile(path: string, label: string, format: Format | undefined): Promise<SourceFile> {
  const found = format ?? formatOf(label);
  if (found === undefined) throw errors.INVALID_SOURCE({ why: `${label} has no known extension (${Object.keys(BY_EXTENSION).join(', ')}); set the format` });
  const state = await stateOf(path);
  return { path, label, format: found, state, identity: state };
}

/** Empty when the file is gone. */
async function stateOf(path: string): Promise<string> {
  const info = await stat(path, { bigint: true }).catch(() => undefined);
  return info === undefined ? '' : `${info.ino}:${info.size}:${info.mtimeNs}`;
}
