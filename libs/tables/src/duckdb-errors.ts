import { AppError } from '@millrace/core';
import { errors } from './errors.js';

/** What DuckDB threw, as an error that a caller can act on; what is none of them (a bug) stays as it is. */
export function translate(cause: unknown, { memoryLimit, signal }: { readonly memoryLimit: string; readonly signal?: AbortSignal | undefined }): unknown {
  if (cause instanceof AppError || !(cause instanceof Error)) return cause;
  const message = cause.message.replace(/^(?:Failed [^:]*: )/, '');
  if (message.startsWith('INTERRUPT')) return cancelled(signal, cause);
  const detail = firstLine(message);
  const options = { cause };
  if (/No space left on device|ENOSPC|Disk quota exceeded|max_temp_directory_size/i.test(message)) return errors.DISK_FULL({ detail }, options);
  if (message.startsWith('Out of Memory Error') || message.includes('std::bad_alloc')) return errors.OUT_OF_MEMORY({ limit: memoryLimit, detail }, options);
  if (message.startsWith('Permission Error')) return errors.FILE_NOT_ALLOWED({ file: quoted(message) ?? detail }, options);
  if (message.includes('No files found that match')) return errors.FILE_NOT_FOUND({ file: quoted(message) ?? detail }, options);
  if (isParquetFault(message)) return errors.PARQUET_INVALID({ file: quoted(message) ?? 'of the query', detail: detail.replace(/ ?(?:of file )?'[^']+'/, '') }, options);
  if (/^(?:Parser|Binder|Catalog) Error/.test(message)) return errors.SQL_INVALID({ detail }, options);
  if (/^(?:Conversion|Out of Range|Invalid Input|Constraint|Mismatch Type) Error/.test(message)) return errors.VALUE_INVALID({ detail: csvDetail(message) ?? detail }, options);
  return cause;
}

/** The error of a query that its caller no longer wants: the signal's own reason where that is an error of ours. */
export function cancelled(signal: AbortSignal | undefined, cause?: unknown): AppError {
  const reason: unknown = signal?.reason;
  if (reason instanceof AppError) return reason;
  return errors.CANCELLED({ why: reason instanceof Error ? reason.message.replace(/\.$/, '') : String(reason ?? 'interrupted') }, { cause: cause ?? reason });
}

const isParquetFault = (message: string): boolean =>
  /too small to be a Parquet file|No magic bytes found|not a parquet file|Parquet file .*(?:footer|corrupt|invalid|truncated)|Footer length error|TProtocolException|Invalid Parquet|(?:ZSTD|Snappy|GZIP|LZ4) (?:Decompression|decompression)|page header|Out of buffer/i.test(message);

const firstLine = (message: string): string =>
  (message.split('\n').find((line) => line.trim() !== '') ?? '').replace(/^(?:[A-Z][A-Za-z]*(?: [A-Za-z]+){0,3} Error|INTERNAL Error): /, '').replace(/[.!\s]+$/, '');

const quoted = (message: string): string | undefined => /["']([^"'\n]*\/[^"'\n]*)["']/.exec(message)?.[1];

/** A CSV fault spreads over several lines: which line of the file, what is wrong. */
const csvDetail = (message: string): string | undefined =>
  message.includes('CSV Error') ? message.split('\n').filter((line) => line.trim() !== '').slice(0, 3).map((line) => line.trim()).join('; ') : undefined;
