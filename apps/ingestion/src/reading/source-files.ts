import { readdir, stat } from 'node:fs/promises';
import { extname, join, relative } from 'node:path';
import { errors } from '../errors.js';
import type { Format, Source } from './source.js';

export const MAX_FILES = 10_000;

/** One file of a source. */
export interface SourceFile {
  readonly path: string;
  /** How people are told of it: the path below the source's own folder. */
  readonly label: string;
  readonly format: Format;
}

const BY_EXTENSION: Readonly<Record<string, Format>> = { '.csv': 'CSV', '.tsv': 'CSV', '.jsonl': 'JSON_LINES', '.ndjson': 'JSON_LINES', '.json': 'JSON', '.parquet': 'PARQUET' };

/** The files of a source in the order of their names; `path` has been checked against the allowed roots before. */
export async function sourceFiles({ path, format }: Source): Promise<readonly SourceFile[]> {
  const info = await stat(path).catch((cause: unknown) => {
    throw errors.SOURCE_NOT_FOUND({ path }, { cause });
  });
  if (!info.isDirectory()) return [toFile(path, labelOf(path), format)];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.') && (format !== undefined || extname(entry.name) in BY_EXTENSION))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  if (files.length === 0) throw errors.SOURCE_EMPTY({ file: labelOf(path), why: `the folder holds no file that ends in ${Object.keys(BY_EXTENSION).join(', ')}` });
  if (files.length > MAX_FILES) throw errors.INVALID_SOURCE({ why: `the folder holds ${files.length} files and at most ${MAX_FILES} are read in one run; give it in parts` });
  return files.map((file) => toFile(file, relative(path, file), format));
}

const labelOf = (path: string): string => path.split('/').at(-1) ?? path;

function toFile(path: string, label: string, format: Format | undefined): SourceFile {
  const found = format ?? BY_EXTENSION[extname(path).toLowerCase()];
  if (found === undefined) throw errors.INVALID_SOURCE({ why: `${label} has no known extension (${Object.keys(BY_EXTENSION).join(', ')}); set the format` });
  return { path, label, format: found };
}
