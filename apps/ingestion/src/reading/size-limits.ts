import { open } from 'node:fs/promises';
import { engine, type Tables } from '@millrace/tables';
import { errors } from '../errors.js';
import type { SourceFile } from './source-files.js';

/** A longer record of CSV, or line of JSON, refuses its file: the reader would pass over it in silence. One beyond MAX_LINE_BYTES, and not so long, is set aside. */
export const MAX_UNBROKEN_BYTES = 64 * 1024 * 1024;
/** Of one Parquet file. `cellBytes` is the mean of a column and row group: where it is above, some cell is. */
export const PARQUET_LIMITS = { rows: 500_000_000, unpackedBytes: 256 * 1024 ** 3, footerBytes: 64 * 1024 * 1024, cellBytes: 16 * 1024 * 1024 } as const satisfies ParquetLimits;

/** What one Parquet file may hold. */
export interface ParquetLimits {
  readonly rows: number;
  readonly unpackedBytes: number;
  readonly footerBytes: number;
  readonly cellBytes: number;
}

const CHUNK_BYTES = 1024 * 1024;
const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;
const PACKED: readonly (readonly [string, string])[] = [['1f8b', 'gzip'], ['504b0304', 'zip'], ['28b52ffd', 'zstd'], ['425a68', 'bzip2'], ['fd377a585a00', 'xz'], ['04224d18', 'lz4']];

/** Throws SOURCE_UNREADABLE where a file is packed as a whole: what it unpacks to has no bound. */
export async function refusePacked(file: SourceFile): Promise<void> {
  const start = (await firstBytes(file, 6)).toString('hex');
  const [, by] = PACKED.find(([magic]) => start.startsWith(magic)) ?? [];
  if (by !== undefined) throw errors.SOURCE_UNREADABLE({ file: file.label, format: file.format.replace('_', ' '), why: `it is packed by ${by}, and packed files are not read; unpack it first` });
}

/** Throws SOURCE_TOO_LARGE where a file of lines has one that no reader takes, in constant memory. */
export async function refuseLongLines(file: SourceFile): Promise<void> {
  await eachChunk(file, (chunk, before) => {
    const { longest, length } = lineEnds(chunk, before);
    refuseLonger(file, longest, 'line');
    return length;
  });
}

interface Lengths {
  /** Of the line or record that reaches into a chunk, or of the one that reaches out of it: between two ends within a chunk there is less than a chunk. */
  readonly longest: number;
  /** Of the one that reaches out of it. */
  readonly length: number;
}

function lineEnds(chunk: Buffer, before: number): Lengths {
  const first = [chunk.indexOf(LF), chunk.indexOf(CR)].filter((at) => at >= 0);
  if (first.length === 0) return { longest: before + chunk.length, length: before + chunk.length };
  const length = chunk.length - Math.max(chunk.lastIndexOf(LF), chunk.lastIndexOf(CR)) - 1;
  return { longest: Math.max(before + Math.min(...first), length), length };
}

/** The same for the records of a CSV file, which go on over line ends within quotes. */
export async function refuseLongRecords(file: SourceFile, delimiter: string): Promise<void> {
  const records = new RecordScan(delimiter.charCodeAt(0));
  await eachChunk(file, (chunk, before) => {
    const { longest, length } = records.look(chunk, before);
    refuseLonger(file, longest, records.quoted ? 'record, as if a quote did not end,' : 'record');
    return length;
  });
}

/** Where records end: a quote opens where a cell begins, and one right behind another that closed it is one of the text. */
class RecordScan {
  quoted = false;
  #closed = false;
  #last = LF;

  constructor(private readonly comma: number) {}

  look(chunk: Buffer, before: number): Lengths {
    if (!this.quoted && !chunk.includes(QUOTE)) {
      this.#closed = false;
      this.#last = chunk.at(-1) ?? LF;
      return lineEnds(chunk, before);
    }
    // Locals, because this is done for every byte of a large file.
    let quoted = this.quoted;
    let closed = this.#closed;
    let last = this.#last;
    let from = -before;
    let longest = 0;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i] ?? 0;
      if (byte === QUOTE) {
        if (quoted) {
          quoted = false;
          closed = true;
        } else {
          quoted = closed || last === this.comma || last === LF || last === CR;
          closed = false;
        }
      } else {
        closed = false;
        if (!quoted && (byte === LF || byte === CR)) {
          if (i - from > longest) longest = i - from;
          from = i + 1;
        }
      }
      last = byte;
    }
    this.quoted = quoted;
    this.#closed = closed;
    this.#last = last;
    const length = chunk.length - from;
    return { longest: Math.max(longest, length), length };
  }
}

function refuseLonger(file: SourceFile, length: number, what: string): void {
  if (length > MAX_UNBROKEN_BYTES) throw errors.SOURCE_TOO_LARGE({ file: file.label, why: `it has a ${what} of more than ${MAX_UNBROKEN_BYTES} bytes` });
}

/** Goes through a file that is long enough to have such a line; `look` is given how long the one is that reaches into a chunk, and gives it for the next. */
async function eachChunk(file: SourceFile, look: (chunk: Buffer, before: number) => number): Promise<void> {
  const handle = await open(file.path);
  try {
    if ((await handle.stat()).size <= MAX_UNBROKEN_BYTES) return;
    const buffer = Buffer.alloc(CHUNK_BYTES);
    for (let length = 0; ; ) {
      const { bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES);
      if (bytesRead === 0) return;
      length = look(buffer.subarray(0, bytesRead), length);
    }
  } finally {
    await handle.close();
  }
}

/** Throws SOURCE_TOO_LARGE where a Parquet file says itself that it unpacks to more than a run can take. */
export async function refuseParquetBomb(tables: Tables, file: SourceFile, limits: ParquetLimits = PARQUET_LIMITS): Promise<void> {
  const tooLarge = (why: string): Error => errors.SOURCE_TOO_LARGE({ file: file.label, why });
  const footer = await footerBytes(file);
  if (footer > limits.footerBytes) throw tooLarge(`its footer has ${footer} bytes, and at most ${limits.footerBytes} are read`);
  const [found] = await tables.rows<{ rows: bigint }>(`SELECT rows FROM ${engine.parquetRows(file.path)}`);
  const rows = found?.rows ?? 0n;
  if (rows > limits.rows) throw tooLarge(`it has ${rows} rows, and at most ${limits.rows} are read of one file`);
  const [sizes] = await tables.rows<{ total: number; cell: number | undefined; name: string | undefined }>(
    `SELECT CAST(sum(bytes) AS DOUBLE) AS total, max(bytes / cells) AS cell, max_by(name, bytes / cells) AS name FROM ${engine.parquetChunks(file.path)} WHERE cells > 0`,
  );
  if ((sizes?.total ?? 0) > limits.unpackedBytes) throw tooLarge(`it unpacks to ${sizes?.total} bytes, and at most ${limits.unpackedBytes} are read of one file`);
  if ((sizes?.cell ?? 0) > limits.cellBytes) throw tooLarge(`column "${sizes?.name}" holds a cell of ${Math.round(sizes?.cell ?? 0)} bytes, and at most ${limits.cellBytes} are taken`);
}

/** As the last bytes of the file say it; 0 where they are not those of a Parquet file. */
async function footerBytes(file: SourceFile): Promise<number> {
  const handle = await open(file.path);
  try {
    const { size } = await handle.stat();
    const tail = Buffer.alloc(8);
    if (size < 12) return 0;
    await handle.read(tail, 0, 8, size - 8);
    return tail.subarray(4).toString('latin1') === 'PAR1' ? tail.readUInt32LE(0) : 0;
  } finally {
    await handle.close();
  }
}

async function firstBytes(file: SourceFile, count: number): Promise<Buffer> {
  const handle = await open(file.path);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(count), 0, count, 0).finally(() => handle.close());
  return buffer.subarray(0, bytesRead);
}
