import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { ColumnContract_BadCell } from '@millrace/contracts/millrace/ingestion/v1/contract';
import { openLocalObjects } from '@millrace/objects';
import { openTables } from '@millrace/tables';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { contractOf, countsOf, faultOf, type Ingestion, type IngestOptions, startIngestion } from './ingestion.fixture.js';

/** Every spec below shares one service, which therefore outlives each of these sources. */
let ingestion: Ingestion;
let parquet: Uint8Array;
beforeAll(async () => {
  ingestion = await startIngestion();
  const objects = await openLocalObjects(join(ingestion.dataDir, 'objects'));
  await using tables = await openTables({ objects });
  parquet = await objects.read((await tables.writeParquet("SELECT range AS a, 'grain ' || range AS b FROM range(5000)")).ref.digest);
});
afterAll(() => ingestion.close());

const NUMBERS = contractOf({ a: 'INT64', b: 'STRING' });
const FAIL = contractOf({ a: { type: 'INT64', badCell: ColumnContract_BadCell.FAIL }, b: 'STRING' });
const wide = Array.from({ length: 10_000 }, (_, i) => `c${i}`);
const bytes = (...parts: readonly (string | readonly number[])[]): Uint8Array => Buffer.concat(parts.map((part) => Buffer.from(part as string)));

interface Refusal {
  readonly file: string;
  readonly content: () => string | Uint8Array;
  readonly options?: IngestOptions;
  readonly reason: string;
  /** What the message must name: the place, and what to do. */
  readonly says: readonly string[];
}

const REFUSALS: readonly (readonly [string, Refusal])[] = [
  ['lacks a column', { file: 'missing.csv', content: () => 'a,x\n1,2\n', options: { contract: NUMBERS }, reason: 'COLUMN_MISSING', says: ['missing.csv', '"b"', 'a, x', 'source_name'] }],
  ['has a column too many', { file: 'extra.csv', content: () => 'a,b,x\n1,2,3\n', options: { contract: NUMBERS }, reason: 'COLUMN_EXTRA', says: ['extra.csv', '"x"', 'extra_columns'] }],
  ['holds a cell that must not be unreadable', { file: 'cell.csv', content: () => 'a,b\n1,x\nzwei,y\n', options: { contract: FAIL }, reason: 'BAD_CELL', says: ['cell.csv', 'row 2', '"a"', '"zwei"', 'INT64', 'not a number', 'bad_cell'] }],
  ['holds such a cell below ragged and empty lines', { file: 'below.csv', content: () => 'a,b\n1,"x\ny"\n2\n\nq,w\n', options: { contract: FAIL }, reason: 'BAD_CELL', says: ['below.csv', 'row 3', '"q"'] }],
  ['holds an unreadable cell of some megabytes', { file: 'long-cell.csv', content: () => `a,b\n${'x'.repeat(3_000_000)},y\n`, options: { contract: FAIL }, reason: 'BAD_CELL', says: ['long-cell.csv', 'row 1', '"xxx'] }],
  ['is empty', { file: 'empty.csv', content: () => '', reason: 'SOURCE_EMPTY', says: ['empty.csv', '0 bytes', 'at least one row'] }],
  ['begins with an empty line', { file: 'blank.csv', content: () => '\n\n', reason: 'SOURCE_EMPTY', says: ['blank.csv', 'header'] }],
  ['has a header only', { file: 'header.csv', content: () => 'a,b\n', reason: 'SOURCE_EMPTY', says: ['header.csv', 'no rows'] }],
  ['has 10,000 columns of CSV', { file: 'wide.csv', content: () => `${wide.join(',')}\n${wide.join(',')}\n`, reason: 'TOO_MANY_COLUMNS', says: ['wide.csv', '10000', '2000'] }],
  ['has 10,000 keys of JSON', { file: 'wide.jsonl', content: () => JSON.stringify(Object.fromEntries(wide.map((name) => [name, 1]))), reason: 'TOO_MANY_COLUMNS', says: ['wide.jsonl', '10000', '2000'] }],
  ['has a header without end', { file: 'endless.csv', content: () => 'x'.repeat(2_000_000), reason: 'SOURCE_UNREADABLE', says: ['endless.csv', 'header', '1048576 bytes'] }],
  ['names a column twice', { file: 'twice.csv', content: () => 'a,b,a\n1,2,3\n', reason: 'SOURCE_UNREADABLE', says: ['twice.csv', '"a"', 'twice'] }],
  ['names columns that differ only by case', { file: 'case.csv', content: () => 'a,A\n1,2\n', reason: 'INVALID_CONTRACT', says: ['columns.A', 'source_name'] }],
  ['has a column without a name', { file: 'unnamed.csv', content: () => 'a,,b\n1,2,3\n', reason: 'SOURCE_UNREADABLE', says: ['unnamed.csv', 'column 2'] }],
  ['has a column whose name no table can have', { file: 'names.csv', content: () => 'a,"or""der"\n1,2\n', reason: 'INVALID_CONTRACT', says: ['or"der', 'source_name'] }],
  ['has a header that is not UTF-8', { file: 'latin.csv', content: () => bytes('a,b', [0xe9], '\n1,2\n'), reason: 'SOURCE_UNREADABLE', says: ['latin.csv', 'header', 'UTF-8'] }],
  ['is UTF-16', { file: 'utf16.csv', content: () => Buffer.from('\uFEFFa,b\n1,2\n', 'utf16le'), reason: 'SOURCE_UNREADABLE', says: ['utf16.csv', 'UTF-16'] }],
  ['ends its lines in two ways', { file: 'lines.csv', content: () => 'a,b\r\n1,x\n2,y\r\n', reason: 'SOURCE_UNREADABLE', says: ['lines.csv', 'CR LF'] }],
  ['is Parquet without its end', { file: 'cut.parquet', content: () => parquet.subarray(0, parquet.length - 100), reason: 'SOURCE_UNREADABLE', says: ['cut.parquet', 'its end is missing'] }],
  ['is Parquet without its middle', { file: 'hole.parquet', content: () => Buffer.concat([parquet.subarray(0, 100), parquet.subarray(parquet.length - 1500)]), reason: 'SOURCE_UNREADABLE', says: ['hole.parquet'] }],
  ['is Parquet with flipped bits', { file: 'bits.parquet', content: () => parquet.map((byte, i) => (i > 200 && i < parquet.length - 2000 && i % 7 === 0 ? byte ^ 0x55 : byte)), reason: 'SOURCE_UNREADABLE', says: ['bits.parquet'] }],
  ['only calls itself Parquet', { file: 'text.parquet', content: () => 'a,b\n1,2\n', reason: 'SOURCE_UNREADABLE', says: ['text.parquet', 'no Parquet'] }],
  ['is a JSON document that is no array', { file: 'object.json', content: () => '{"a":1}', reason: 'SOURCE_UNREADABLE', says: ['object.json', 'array of objects', 'JSON lines'] }],
  ['is half a JSON document', { file: 'half.json', content: () => '[{"a":1},{"a":', reason: 'SOURCE_UNREADABLE', says: ['half.json', 'Malformed JSON'] }],
  ['is a JSON array without an object', { file: 'numbers.json', content: () => '[1,2,3]', reason: 'SOURCE_EMPTY', says: ['numbers.json', 'JSON object'] }],
  ['has keys of JSON that differ only by case', { file: 'case.jsonl', content: () => '{"a":1,"A":2}\n', reason: 'INVALID_CONTRACT', says: ['columns.a', 'source_name'] }],
  ['has no known extension', { file: 'notes.txt', content: () => 'a,b\n1,2\n', reason: 'INVALID_SOURCE', says: ['notes.txt', '.csv', 'format'] }],
];

it.concurrent.each(REFUSALS)('refuses a file that %s, and names what to do', async (_, { file, content, options = {}, reason, says }) => {
  const run = await ingestion.ingest(file, content(), options);
  const fault = faultOf(run);
  expect({ state: fault.state, reason: fault.reason }, fault.message).toEqual({ state: 'FAILED', reason });
  for (const part of says) expect(fault.message).toContain(part);
  expect(fault.message.length).toBeLessThan(1_000);
  expect(fault.message).not.toMatch(/\.\.|undefined/);
  expect(run.datasetVersion).toBe('');
});

it('refuses a path outside the allowed roots, whichever way it is written, and says nothing of what lies there', async () => {
  symlinkSync('/etc/passwd', ingestion.file('link.csv'));
  for (const path of ['/etc/passwd', '/etc/no-such-file', ingestion.file('../data/events.sqlite'), ingestion.file('link.csv'), 'file:///etc/passwd', '../data/events.sqlite']) {
    await expect(ingestion.create(path)).rejects.toMatchObject({ code: 'PERMISSION_DENIED', reason: 'PATH_NOT_ALLOWED', message: expect.stringContaining('allowed directories') });
  }
  await expect(ingestion.create(ingestion.file('nothing.csv'))).rejects.toMatchObject({ code: 'NOT_FOUND', reason: 'PATH_NOT_FOUND' });
  await expect(ingestion.create('https://example.org/a.csv')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'PATH_INVALID' });
});

it('refuses a pipe, which never ends', async () => {
  execFileSync('mkfifo', [ingestion.file('pipe.csv')]);
  expect(faultOf(await ingestion.ingest('pipe.csv'))).toMatchObject({ state: 'FAILED', reason: 'INVALID_SOURCE', message: expect.stringContaining('pipe.csv is neither a file nor a folder') });
});

it('refuses a file that grows while it is read, and one that vanishes before', async () => {
  const path = ingestion.file('grows.csv', `a,b\n${'1,x\n'.repeat(50_000)}`);
  const growth = setInterval(() => appendFileSync(path, '2,y\n'), 5);
  const grown = await ingestion.ingest('grows.csv').finally(() => clearInterval(growth));
  expect(faultOf(grown)).toMatchObject({ state: 'FAILED', reason: 'SOURCE_CHANGED', message: expect.stringContaining('grows.csv changed') });
  const gone = await ingestion.create(ingestion.file('gone.csv', 'a,b\n1,x\n'));
  rmSync(ingestion.file('gone.csv'));
  expect(faultOf(await ingestion.ended(gone))).toMatchObject({ state: 'FAILED', reason: 'SOURCE_NOT_FOUND', message: expect.stringContaining('gone.csv') });
});

it('refuses a folder without a file of a known kind, and one whose files do not agree', async () => {
  mkdirSync(ingestion.file('notes'));
  ingestion.file('notes/a.txt', 'hello');
  expect(faultOf(await ingestion.ingest('notes'))).toMatchObject({ reason: 'SOURCE_EMPTY', message: expect.stringContaining('notes') });
  mkdirSync(ingestion.file('unlike'));
  ingestion.file('unlike/a.csv', 'a,b\n1,2\n');
  ingestion.file('unlike/b.jsonl', '{"a":1,"c":2}\n');
  expect(faultOf(await ingestion.ingest('unlike'))).toMatchObject({ reason: 'COLUMN_MISSING', message: expect.stringContaining('b.jsonl has no column "b"') });
});

it('has written nothing by all this that stays, and takes the next run', async () => {
  const { datasets } = await ingestion.client.listDatasets({ pageSize: 1000 });
  expect(datasets.length).toBeGreaterThan(REFUSALS.length);
  expect(datasets.filter(({ latestVersion }) => latestVersion !== '')).toEqual([]);
  expect(ingestion.manifests()).toEqual([]);
  expect(readdirSync(join(ingestion.dataDir, 'objects/tmp'))).toEqual([]);
  await expect.poll(() => readdirSync(join(ingestion.dataDir, 'ingestion/jobs'))).toEqual([]);
  const objects = await openLocalObjects(join(ingestion.dataDir, 'objects'));
  expect((await objects.collect({ olderThanMs: -1_000 })).kept).toBe(0);
  expect(countsOf(await ingestion.ingest('good.csv', 'a,b\n1,x\n', { contract: NUMBERS }))).toMatchObject({ read: 1, kept: 1 });
});
