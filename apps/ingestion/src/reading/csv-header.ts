import { open } from 'node:fs/promises';
import { errors } from '../errors.js';
import type { SourceFile } from './source-files.js';

/** The first record of a CSV file. */
export interface CsvHeader {
  readonly columns: readonly string[];
  readonly delimiter: string;
}

const MAX_HEADER_BYTES = 1024 * 1024;
const DELIMITERS = [',', '\t', ';', '|'];

/** Reads the names of the columns, and finds the delimiter: the one that cuts the first record into the most of them. */
export async function readHeader(file: SourceFile): Promise<CsvHeader> {
  const unreadable = (why: string): Error => errors.SOURCE_UNREADABLE({ file: file.label, format: 'CSV', why });
  const handle = await open(file.path);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAX_HEADER_BYTES), 0, MAX_HEADER_BYTES, 0).finally(() => handle.close());
  const start = buffer.subarray(0, bytesRead);
  if ((start[0] === 0xff && start[1] === 0xfe) || (start[0] === 0xfe && start[1] === 0xff)) throw unreadable('it is UTF-16; write it as UTF-8');
  const record = /^(?:"(?:[^"]|"")*"|[^"\r\n])*/.exec(start.toString('latin1'))?.[0] ?? '';
  if (record.length === MAX_HEADER_BYTES) throw unreadable(`its first line, the header, is longer than ${MAX_HEADER_BYTES} bytes`);
  const line = decode(start.subarray(0, record.length));
  if (line === undefined) throw unreadable('its first line, the header, is not UTF-8');
  if (line.trim() === '') throw errors.SOURCE_EMPTY({ file: file.label, why: 'its first line, the header, is empty' });
  const cut = DELIMITERS.map((delimiter) => ({ delimiter, columns: splitRecord(line, delimiter) }));
  const best = cut.reduce((a, b) => (b.columns.length > a.columns.length ? b : a));
  const twice = repeated(best.columns);
  if (twice !== undefined) throw unreadable(`column "${twice}" stands twice in the header`);
  const unnamed = best.columns.indexOf('');
  if (unnamed >= 0) throw unreadable(`column ${unnamed + 1} of the header has no name`);
  return best;
}

/** Undefined where the bytes are not UTF-8; a byte order mark is left out. */
function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function repeated(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => seen.size === seen.add(name).size);
}

const splitRecord = (record: string, delimiter: string): readonly string[] => {
  const cells: string[] = [];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < record.length; i++) {
    const char = record[i] ?? '';
    if (char === '"' && quoted && record[i + 1] === '"') {
      cell += '"';
      i++;
    } else if (char === '"') quoted = !quoted;
    else if (char === delimiter && !quoted) {
      cells.push(cell.trim());
      cell = '';
    } else cell += char;
  }
  return [...cells, cell.trim()];
};
