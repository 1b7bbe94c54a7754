import { AppError, isError } from '@millrace/core';
import { errors } from '../errors.js';
import { refuseChanged, type SourceFile } from './source-files.js';

/** What reading a source threw, as an error about the file; one that is no fault of the file stays as it is. */
export async function asSourceFault(error: unknown, files: readonly SourceFile[]): Promise<unknown> {
  const large = asTooLarge(error, nameOf(error, files));
  if (large !== error) return large;
  if (!(error instanceof AppError) || error.domain !== 'tables.millrace' || !(error.code === 'INVALID_ARGUMENT' || error.code === 'NOT_FOUND')) return error;
  const file = files.length === 1 ? files[0] : files.find(({ path }) => error.message.includes(path));
  if (file === undefined) return error;
  const changed = await refuseChanged([file]).catch((fault: unknown) => fault);
  if (changed) return changed;
  const detail = (error.metadata['detail'] ?? error.message).replaceAll(file.path, file.label).replace(/[.\s]+$/, '');
  return errors.SOURCE_UNREADABLE({ file: file.label, format: FORMATS[file.format], why: IN_WORDS.find(([pattern]) => pattern.test(detail))?.[1] ?? detail }, { cause: error });
}

/** What needed more memory or disk than a run has, as an error about what was read; any other stays as it is. */
export function asTooLarge(error: unknown, read: string): unknown {
  if (isError(error, 'tables.millrace', 'OUT_OF_MEMORY')) return errors.SOURCE_TOO_LARGE({ file: read, why: `reading it needs more than the ${error.metadata['limit'] ?? ''} of memory that a run has` }, { cause: error });
  if (isError(error, 'tables.millrace', 'SPILL_FULL')) return errors.SOURCE_TOO_LARGE({ file: read, why: 'its rows need more room on the disk than a run may take' }, { cause: error });
  return error;
}

/** The file that an error names, else all of them. */
const nameOf = (error: unknown, files: readonly SourceFile[]): string =>
  files.find(({ path }) => error instanceof Error && error.message.includes(path))?.label ?? (files.length === 1 ? (files[0]?.label ?? '') : `The source of ${files.length} files`);

const FORMATS = { CSV: 'CSV', JSON_LINES: 'JSON lines', JSON: 'JSON', PARQUET: 'Parquet' } as const;

/** What DuckDB says in words of its own. */
const IN_WORDS: readonly (readonly [RegExp, string])[] = [
  [/state machine/, 'a record breaks the rules of CSV, or its lines end in more than one way (LF here, CR LF there)'],
  [/Expected top-level JSON array/, 'it is not one array of objects; for one object a line, set the format to JSON lines'],
  [/too small to be a Parquet file|magic bytes|bytes outside file|footer/i, 'the file is no Parquet, or its end is missing'],
];
