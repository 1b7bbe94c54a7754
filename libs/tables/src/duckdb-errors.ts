import { AppError } from '@millrace/core';
import { errors } from './errors.js';

interface Context {
  readonly memoryLimit: string;
  readonly signal: AbortSignal | undefined;
  readonly sql: string | undefined;
}

/** What DuckDB threw, as an error that a caller can act on; what is none of them (a bug) stays as it is. */
export function translate(cause: unknown, { memoryLimit, signal, sql }: Context): unknown {
  if (cause instanceof AppError || !(cause instanceof Error)) return cause;
  const message = cause.message.replace(/^(?:Failed [^:]*: )/, '');
  if (message.startsWith('INTERRUPT')) return cancelled(signal, cause);
  const detail = firstLine(message);
  const options = { cause };
  if (message.includes('max_temp_directory_size')) return errors.SPILL_FULL({ detail }, options);
  if (/No space left on device|ENOSPC|Disk quota exceeded/i.test(message)) return errors.DISK_FULL({ detail }, options);
  if (message.startsWith('Out of Memory Error') || message.includes('std::bad_alloc')) return errors.OUT_OF_MEMORY({ limit: memoryLimit, detail }, options);
  if (message.startsWith('Permission Error')) return errors.FILE_NOT_ALLOWED({ file: quoted(message) ?? detail }, options);
  if (message.includes('No files found that match')) return errors.FILE_NOT_FOUND({ file: quoted(message) ?? detail }, options);
  if (isParquetFault(message)) return errors.PARQUET_INVALID({ file: quoted(message) ?? parquetFiles(sql), detail: detail.replace(/ ?(?:of file )?'[^']+'/, '') }, options);
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
  /too small to be a Parquet file|No magic bytes found|not a parquet file|Parquet file .*(?:footer|corrupt|invalid|truncated)|Footer length error|TProtocolException|don't know what type|Invalid Parquet|(?:ZSTD|Snappy|GZIP|LZ4) (?:Decompression|decompression)|page header|Out of buffer|bytes outside file/i.test(message);

const firstLine = (message: string): string =>
  (message.split('\n').find((line) => line.trim() !== '') ?? '').replace(/^(?:[A-Z][A-Za-z]*(?: [A-Za-z]+){0,3} Error|INTERNAL Error): /, '').replace(/[.!\s]+$/, '');

const quoted = (message: string): string | undefined => /["']([^"'\n]*\/[^"'\n]*)["']/.exec(message)?.[1];

/** Where DuckDB does not say which file it was reading: those that the query reads. */
const parquetFiles = (sql = ''): string => [...sql.matchAll(/'([^'\n]*\/[^'\n]*)'/g)].map(([, path]) => path).join(', ') || 'of the query';

/** A CSV fault spreads over several lines: which line of the file, what is wrong. */
function csvDetail(message: string): string | undefined {
  const lines = message.split('\n').map((line) => line.trim()).filter((line) => line !== '');
  if (message.includes('CSV Error')) return lines.slice(0, 3).join('; ').replace(/^[A-Za-z ]+ Error: /, '');
  if (!message.includes('when sniffing file')) return undefined;
  return [...lines.slice(0, 2), ...lines.filter((line) => line.startsWith('* Columns are set'))].join('; ').replace(/^[A-Za-z ]+ Error: /, '').replace(/[.\s]+$/, '');
}
