import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openTables, type Tables } from '@millrace/tables';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openRawTable } from './open-raw-table.js';
import type { RawTable } from './raw-table.js';
import { MAX_UNBROKEN_BYTES, PARQUET_LIMITS, refuseParquetBomb } from './size-limits.js';
import { stageSource } from '../stage-source.js';
import { OPEN_CONTRACT } from '../contract.js';
import { type SourceFile, toFile } from './source-files.js';

const SPEC_MS = 120_000;
const GB = 1_000_000_000;
const MORE = MAX_UNBROKEN_BYTES + 1;
/** Beyond what the session itself may use. */
const ROOM_BYTES = 300_000_000;
const MEMORY_BYTES = 512_000_000;

let directory: string;
let tables: Tables;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-bombs-'));
  tables = await openTables({ memoryLimit: '512MB', threads: 1, allow: [directory] });
});
afterAll(async () => {
  await tables.close();
  rmSync(directory, { recursive: true });
});

let files = 0;
const written = async (name: string, content: string | Uint8Array): Promise<SourceFile> => {
  const path = join(directory, `${++files}-${name}`);
  writeFileSync(path, content);
  return { ...(await toFile(path, name, undefined)) };
};

/** A beginning, then so many bytes of nothing (which take no room on the disk), then an end. */
async function hollow(name: string, { head, bytes, tail }: { head: string; bytes: number; tail: string | Uint8Array }): Promise<SourceFile> {
  const path = join(directory, `${++files}-${name}`);
  writeFileSync(path, head);
  truncateSync(path, head.length + bytes);
  const end = openSync(path, 'a');
  writeSync(end, Buffer.from(tail));
  closeSync(end);
  return toFile(path, name, undefined);
}

/** What a file is refused with, once it is sure that the memory stayed within bounds. */
async function refusal(file: SourceFile): Promise<string> {
  const before = process.memoryUsage.rss();
  let peak = before;
  const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 10);
  try {
    const told = await openRawTable(tables, file, { index: ++files }).then(
      ({ rejects }: RawTable) => `read, ${rejects?.count ?? 0} rejected`,
      ({ reason, message }: { reason: string; message: string }) => `${reason}: ${message}`,
    );
    expect(peak - before, told).toBeLessThan(MEMORY_BYTES + ROOM_BYTES);
    return told;
  } finally {
    clearInterval(timer);
    rmSync(file.path);
  }
}

it.each([
  ['a cell of 1 GB', 'cell.csv', { head: 'a,b\n1,x\n2,', bytes: GB, tail: '\n3,y\n' }, 'it has a record of more than 67108864 bytes'],
  ['a quoted cell of 1 GB', 'quoted.csv', { head: 'a,b\n1,x\n2,"', bytes: GB, tail: '"\n3,y\n' }, 'it has a record, as if a quote did not end, of more than 67108864 bytes'],
  ['a quote that does not end', 'open.csv', { head: 'a,b\n1,x\n2,"\n', bytes: MORE, tail: '\n3,y\n' }, 'as if a quote did not end'],
  ['a text of 1 GB in JSON lines', 'cell.jsonl', { head: '{"a":1}\n{"a":"', bytes: GB, tail: '"}\n' }, 'it has a line of more than 67108864 bytes'],
])('refuses %s', async (_, name, content, told) => {
  const said = await refusal(await hollow(name, content));
  expect(said).toContain(`SOURCE_TOO_LARGE: ${name} is too large for one run: `);
  expect(said).toContain(told);
}, SPEC_MS);

it('refuses a text of 1 GB in a JSON array by the size of its record', async () => {
  expect(await refusal(await hollow('cell.json', { head: '[{"a":1},{"a":"', bytes: GB, tail: '"}]' }))).toMatch(/^SOURCE_UNREADABLE: .*16777216 bytes exceeded/);
}, SPEC_MS);

it('takes long records and files of many, quotes and doubled quotes within', async () => {
  const line = `"x ""y"", 5' z",${'"a\nb"'},1.5\n`;
  const many = `s,t,n\n${line.repeat(Math.ceil(MORE / line.length))}`;
  expect(await refusal(await written('many.csv', many))).toBe('read, 0 rejected');
  // A quote within a cell is a broken record, and opens nothing.
  expect(await refusal(await written('stray.csv', `a,b\n1,5" pipe\n${'2,x\n'.repeat(MORE / 4)}`))).toMatch(/^read, \d rejected$/);
  expect(await refusal(await written('long.jsonl', `{"a":"${'x'.repeat(17_000_000)}"}\n{"a":"y"}\n`))).toBe('read, 1 rejected');
}, SPEC_MS);

it('refuses a million columns in each format', async () => {
  const names = Array.from({ length: 1_000_000 }, (_, i) => `c${i}`);
  expect(await refusal(await written('wide.csv', `${names.join(',')}\n${names.join(',')}\n`))).toMatch(/SOURCE_UNREADABLE: wide.csv .* the header, is longer than 1048576 bytes/);
  expect(await refusal(await written('wide.jsonl', `{${names.map((name) => `"${name}":1`).join(',')}}\n`))).toMatch(/TOO_MANY_COLUMNS: wide.jsonl has 1000000 columns; at most 2000/);
  const path = join(directory, 'wide.parquet');
  await tables.run(`COPY (SELECT ${names.slice(0, 2_001).map((name) => `1 AS ${name}`).join(', ')}) TO '${path}' (FORMAT parquet)`);
  expect(await refusal(await toFile(path, 'wide.parquet', undefined))).toMatch(/TOO_MANY_COLUMNS: wide.parquet has 2001 columns/);
}, SPEC_MS);

it('names the file that needs more memory than a run has', async () => {
  const depth = 4_000_000;
  expect(await refusal(await written('deep.jsonl', `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}\n{"a":1}\n`))).toMatch(/SOURCE_TOO_LARGE: deep.jsonl .*needs more than the 512MB of memory/);
}, SPEC_MS);

it('refuses what is packed as a whole, whatever it is called', async () => {
  const packed = gzipSync(Buffer.alloc(100_000_000, '1\n'));
  for (const name of ['bomb.csv', 'bomb.jsonl', 'bomb.json', 'bomb.parquet']) expect(await refusal(await written(name, packed))).toMatch(new RegExp(`^SOURCE_UNREADABLE: ${name} .*packed by gzip`));
  for (const [name, magic] of [['zip', 'PK\u0003\u0004'], ['zstd', '\u0028\u00b5\u002f\u00fd']] as const) expect(await refusal(await written('bomb.csv', Buffer.from(`${magic}rest`, 'latin1')))).toContain(`packed by ${name}`);
  const path = join(directory, 'bomb.csv.gz');
  writeFileSync(path, packed);
  expect(await refusal(await toFile(path, 'bomb.csv.gz', 'CSV'))).toContain('packed by gzip');
}, SPEC_MS);

it('refuses Parquet that unpacks to more than it may, by what the file says of itself', async () => {
  const make = async (select: string): Promise<SourceFile> => {
    const path = join(directory, `${++files}.parquet`);
    await tables.run(`COPY (${select}) TO '${path}' (FORMAT parquet, COMPRESSION zstd)`);
    return toFile(path, 'bomb.parquet', undefined);
  };
  // 17 MB of one letter are a few bytes.
  const cell = await make("SELECT 1 AS a, repeat('x', 17000000) AS b");
  expect(await refusal(cell)).toMatch(/SOURCE_TOO_LARGE: bomb.parquet .*column "b" holds a cell of 170000\d\d bytes, and at most 16777216/);
  const rows = await make('SELECT 1 AS a FROM range(1000001)');
  await expect(refuseParquetBomb(tables, rows, { ...PARQUET_LIMITS, rows: 1_000_000 })).rejects.toMatchObject({ reason: 'SOURCE_TOO_LARGE', message: expect.stringContaining('it has 1000001 rows, and at most 1000000') });
  await expect(refuseParquetBomb(tables, rows, { ...PARQUET_LIMITS, unpackedBytes: 10 })).rejects.toMatchObject({ message: expect.stringMatching(/unpacks to \d+ bytes, and at most 10/) });
  expect(await refusal(rows)).toBe('read, 0 rejected');
  // A text that stands in the file once, and in a hundred thousand rows.
  const same = await make("SELECT repeat('x', 20000) || (i % 2) AS a, i FROM range(100000) t(i)");
  const bounded = await openTables({ memoryLimit: '512MB', spillLimit: '300MB', threads: 1, allow: [directory] });
  try {
    await expect(stageSource(bounded, [same], { given: OPEN_CONTRACT, base: undefined, timeFilter: undefined, signal: new AbortController().signal })).rejects.toMatchObject({ reason: 'SOURCE_TOO_LARGE', message: expect.stringMatching(/bomb.parquet .*(?:room on the disk|512MB of memory)/) });
  } finally {
    await bounded.close();
  }
  const length = Buffer.alloc(8, 'PAR1');
  length.writeUInt32LE(999_000_000);
  length.write('PAR1', 4);
  expect(await refusal(await hollow('footer.parquet', { head: 'PAR1', bytes: GB, tail: length }))).toMatch(/SOURCE_TOO_LARGE: .*its footer has 999000000 bytes/);
}, SPEC_MS);
