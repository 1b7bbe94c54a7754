import { mkdirSync } from 'node:fs';
import { ColumnContract_BadCell, Contract_ExtraColumns } from '@millrace/contracts/millrace/ingestion/v1/contract';
import { LedgerEntry_Action } from '@millrace/contracts/millrace/ingestion/v1/set_aside';
import type { IngestionRun } from '@millrace/contracts/millrace/ingestion/v1/ingestion_run';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { contractOf, countsOf, type Ingestion, startIngestion } from './ingestion.fixture.js';

let ingestion: Ingestion;
beforeAll(async () => void (ingestion = await startIngestion()));
afterAll(() => ingestion.close());

const bytes = (...parts: readonly (string | readonly number[])[]): Uint8Array => Buffer.concat(parts.map((part) => Buffer.from(part as string)));
const rowsOf = async (run: IngestionRun) => ingestion.rows(await ingestion.version(run));
const setAside = async (run: IngestionRun) => (await ingestion.client.listQuarantinedRows({ parent: run.datasetVersion })).quarantinedRows;
const ledger = async (run: IngestionRun) => (await ingestion.client.listLedgerEntries({ parent: run.datasetVersion })).ledgerEntries;

it('keeps every digit of large integers, and sets aside what no integer column can hold', async () => {
  const csv = await ingestion.ingest('big.csv', 'n\n9007199254740993\n9223372036854775807\n9223372036854775808\n-9223372036854775808\n1e3\n1.5\n', { contract: contractOf({ n: 'INT64' }) });
  expect(countsOf(csv)).toEqual({ read: 6, kept: 3, duplicates: 0, quarantined: 3, cellsRepaired: 1 });
  expect(await rowsOf(csv)).toEqual([{ n: 9007199254740993n }, { n: 9223372036854775807n }, { n: 1000n }]);
  expect((await setAside(csv)).map(({ row, cells }) => [row, cells['n']])).toEqual([[3n, '9223372036854775808'], [4n, '-9223372036854775808'], [6n, '1.5']]);
  // A decimal point makes it a double before anybody sees it, and 2^53 may then have been 2^53 + 1.
  const json = await ingestion.ingest('big.jsonl', '{"n":9007199254740993}\n{"n":"9007199254740995"}\n{"n":9223372036854775808}\n{"n":9007199254740993.0}\n{"n":9007199254740991.0}\n{"n":1e400}\n', { contract: contractOf({ n: 'INT64' }) });
  expect(await rowsOf(json)).toEqual([{ n: 9007199254740993n }, { n: 9007199254740995n }, { n: 9007199254740991n }]);
  expect(countsOf(json)).toMatchObject({ read: 6, quarantined: 3 });
});

it('sets aside what is no finite number, with file, row, column and text', async () => {
  const run = await ingestion.ingest('nan.csv', 'x,id\n1.5,1\nNaN,2\nInf,3\n-inf,4\n1e999,5\nInfinity,6\n', { contract: contractOf({ x: 'FLOAT64', id: 'INT64' }) });
  expect(countsOf(run)).toMatchObject({ read: 6, kept: 1, quarantined: 5 });
  expect(await setAside(run)).toEqual(['NaN', 'Inf', '-inf', '1e999', 'Infinity'].map((x, i) => ({ file: 'nan.csv', row: BigInt(i + 2), reasons: 'x: not FLOAT64', cells: { x, id: String(i + 2) }, text: '' })));
  const named = await ingestion.ingest('nan.csv', undefined, { contract: contractOf({ x: { type: 'FLOAT64', missingTexts: ['NaN'] }, id: 'INT64' }) });
  expect(countsOf(named)).toMatchObject({ kept: 2, quarantined: 4 });
});

it('sets aside ragged records and broken UTF-8 under their own row, whatever stands around them', async () => {
  const run = await ingestion.ingest('ragged.csv', bytes('a,b\r\n1,"x\r\ny"\r\n2\r\n\r\n3,z,extra\r\n4,', [0xff], '\r\n5,ok\r\nsix,ok\r\n7,"open\r\n'), { contract: contractOf({ a: 'INT64', b: 'STRING' }) });
  expect(countsOf(run)).toMatchObject({ read: 7, kept: 2, quarantined: 5 });
  expect(await rowsOf(run)).toEqual([{ a: 1n, b: 'x\r\ny' }, { a: 5n, b: 'ok' }]);
  const rows = await setAside(run);
  expect(rows.map(({ row, reasons }) => `${row} ${reasons}`)).toEqual([
    '2 1 cells, and the header has 2',
    '3 3 cells, and the header has 2',
    expect.stringMatching(/^4 Invalid unicode/),
    '6 a: not INT64',
    expect.stringMatching(/^7 Value with unterminated quote/),
  ]);
  expect(rows[1]).toMatchObject({ file: 'ragged.csv', text: '3,z,extra', cells: {} });
});

it('sets aside U+0000, which no STRING may hold', async () => {
  const run = await ingestion.ingest('nul.jsonl', '{"s":"x\\u0000y"}\n{"s":"z"}\n', { contract: contractOf({ s: 'STRING' }) });
  expect(countsOf(run)).toMatchObject({ kept: 1, quarantined: 1 });
  expect(await setAside(run)).toMatchObject([{ row: 1n, reasons: 's: not STRING', cells: { s: 'x\0y' } }]);
});

it('sets aside lines that are no JSON object, and reads the others', async () => {
  const run = await ingestion.ingest('lines.jsonl', bytes('{"a":1}\n{"a":\n\n"x"\n{"a":1,"a":2}\n{"a":"', [0xff], '"}\n{"a":7}\n'), { contract: contractOf({ a: 'INT64' }) });
  expect(countsOf(run)).toMatchObject({ read: 6, kept: 2, quarantined: 4 });
  expect((await setAside(run)).map(({ row, reasons }) => `${row} ${reasons}`)).toEqual(['2 not JSON', '4 not a JSON object', '5 a key stands twice', expect.stringMatching(/^6 Invalid unicode/)]);
});

it('sets aside tens of thousands of records one by one', async () => {
  const run = await ingestion.ingest('all-ragged.csv', `a,b\n${'1,2,3\n'.repeat(30_000)}1,2\n`, { contract: contractOf({ a: 'INT64', b: 'INT64' }) });
  expect(countsOf(run)).toMatchObject({ read: 30_001, kept: 1, quarantined: 30_000 });
});

it('takes any name of a column, and never takes one for another', async () => {
  const names = ['select', 'or"der', 'group by', 'x,y', '_row', '_file', 'c0', 'A', 'a', 'ü', 'a.b', '$', ''];
  const header = names.filter((name) => name !== '').map((name) => `"${name.replaceAll('"', '""')}"`).join(',');
  const contract = contractOf(Object.fromEntries(names.slice(0, -1).map((sourceName, i) => [`column ${i}`, { type: 'INT64' as const, sourceName }])));
  const csv = await ingestion.ingest('names.csv', `${header}\n${names.slice(0, -1).map((_, i) => i).join(',')}\n`, { contract });
  const row = Object.fromEntries(names.slice(0, -1).map((_, i) => [`column ${i}`, BigInt(i)]));
  expect(await rowsOf(csv)).toEqual([row]);
  const json = await ingestion.ingest('names.jsonl', `${JSON.stringify(Object.fromEntries(names.map((name, i) => [name, i])))}\n`, { contract: { ...contract, extraColumns: Contract_ExtraColumns.DROP } });
  expect(await rowsOf(json)).toEqual([row]);
});

it('drafts names where a contract would not take those of the source, and then reads by them', async () => {
  const path = ingestion.file('costs.csv', 'id,Cost Total $,%\n1,10,0.5\n2,20,0.25\n');
  const { contract, counts } = await ingestion.client.inferContract({ source: { path } });
  expect(contract?.columns.map(({ name, sourceName }) => [name, sourceName])).toEqual([['id', 'id'], ['Cost Total', 'Cost Total $'], ['column', '%']]);
  expect(counts).toMatchObject({ read: 2n, kept: 2n });
  expect(await rowsOf(await ingestion.ingest('costs.csv', undefined, contract ? { contract } : {}))).toEqual([{ id: 1n, 'Cost Total': 10n, column: 0.5 }, { id: 2n, 'Cost Total': 20n, column: 0.25 }]);
});

it('reads the file that is named, whatever patterns its name looks like', async () => {
  ingestion.file('mill1.csv', 'a\n1\n');
  ingestion.file('mill2.csv', 'a\n2\n');
  for (const [name, content] of [['mill[12].csv', 'a\n3\n'], ['mill*.jsonl', '{"a":3}\n'], ['mill?.json', '[{"a":3}]']] as const) expect(await rowsOf(await ingestion.ingest(name, content))).toEqual([{ a: 3n }]);
  mkdirSync(ingestion.file('year=2001'));
  expect(await rowsOf(await ingestion.ingest('year=2001/a.csv', 'a\n3\n'))).toEqual([{ a: 3n }]);
});

it('reads a folder of several formats in the order of the names, and leaves out what is no data', async () => {
  mkdirSync(ingestion.file('mixed/deep'), { recursive: true });
  ingestion.file('mixed/b.CSV', 'a,s\n1,x\ntwo,y\n');
  ingestion.file('mixed/deep/c.jsonl', '{"s":"z","a":3}\n{"s":"w","a":{}}\n');
  ingestion.file('mixed/readme.txt', 'not data');
  ingestion.file('mixed/.hidden.csv', 'not data');
  const run = await ingestion.ingest('mixed', undefined, { contract: contractOf({ a: 'INT64', s: 'STRING' }) });
  expect(await rowsOf(run)).toEqual([{ a: 1n, s: 'x' }, { a: 3n, s: 'z' }]);
  expect((await setAside(run)).map(({ file, row }) => [file, row])).toEqual([['b.CSV', 2n], ['deep/c.jsonl', 2n]]);
});

it('takes deep JSON as text, a huge cell as it is, and a record beyond 16 MiB not at all', async () => {
  const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
  const huge = 'x'.repeat(2_000_000);
  const run = await ingestion.ingest('deep.jsonl', `{"id":1,"s":${deep}}\n{"id":2,"s":"${huge}"}\n{"id":3,"s":"${'y'.repeat(17_000_000)}"}\n`, { contract: contractOf({ id: 'INT64', s: 'STRING' }) });
  expect(countsOf(run)).toMatchObject({ read: 3, kept: 2, quarantined: 1 });
  expect((await rowsOf(run)).map(({ s }) => String(s).length)).toEqual([deep.length, huge.length]);
  expect((await ingestion.version(run)).profile[1]?.top.map(({ value }) => value.length)).toEqual([100, 100]);
  expect((await setAside(run))[0]).toMatchObject({ row: 3n, reasons: expect.stringContaining('16777216 bytes'), text: expect.stringMatching(/^\{"id":3,"s":"y{400}/) });
});

it('enters every mended and emptied cell in the ledger, page by page', async () => {
  const contract = contractOf({ n: { type: 'INT64', badCell: ColumnContract_BadCell.MISSING }, t: 'TIMESTAMP', b: 'BOOL', p: 'FLOAT64' });
  const run = await ingestion.ingest('mended.csv', 'n,t,b,p\n"1,234",2001-01-31,true,0.5\nmany,31 Jan 2001,yes,50%\n3,2001-02-30,false,1\n', { contract });
  expect(countsOf(run)).toEqual({ read: 3, kept: 2, duplicates: 0, quarantined: 1, cellsRepaired: 5 });
  expect(await ledger(run)).toEqual([
    { file: 'mended.csv', row: 1n, column: 'n', found: '1,234', became: '1234', action: LedgerEntry_Action.REPAIRED, step: 'types', reason: 'thousands separators' },
    { file: 'mended.csv', row: 2n, column: 'b', found: 'yes', became: 'true', action: LedgerEntry_Action.REPAIRED, step: 'types', reason: 'a usual word' },
    { file: 'mended.csv', row: 2n, column: 'n', found: 'many', became: '', action: LedgerEntry_Action.EMPTIED, step: 'types', reason: 'not a number' },
    { file: 'mended.csv', row: 2n, column: 'p', found: '50%', became: '0.5', action: LedgerEntry_Action.REPAIRED, step: 'types', reason: 'per cent' },
    { file: 'mended.csv', row: 2n, column: 't', found: '31 Jan 2001', became: '2001-01-31 00:00:00', action: LedgerEntry_Action.REPAIRED, step: 'types', reason: 'a usual format' },
    { file: 'mended.csv', row: 3n, column: 't', found: '2001-02-30', became: '', action: LedgerEntry_Action.SET_ASIDE, step: 'types', reason: 'no such date or time' },
  ]);
  const pages: string[] = [];
  let pageToken = '';
  do {
    const page = await ingestion.client.listLedgerEntries({ parent: run.datasetVersion, pageSize: 2, pageToken });
    pages.push(page.ledgerEntries.map(({ column }) => column).join(''));
    pageToken = page.nextPageToken;
  } while (pageToken !== '' && pages.length < 9);
  expect(pages).toEqual(['nb', 'np', 'tt']);
  const clean = await ingestion.ingest('clean.csv', 'n\n1\n');
  expect([await ledger(clean), await setAside(clean)]).toEqual([[], []]);
});

it('sets a row aside whose required cell cannot be read, also where unreadable cells become missing', async () => {
  const run = await ingestion.ingest('required.csv', 'n,m\n1,1\nx,2\n,3\n4,y\n', { contract: contractOf({ n: { type: 'INT64', required: true, badCell: ColumnContract_BadCell.MISSING }, m: { type: 'INT64', badCell: ColumnContract_BadCell.MISSING } }) });
  expect(countsOf(run)).toMatchObject({ read: 4, kept: 2, quarantined: 2, cellsRepaired: 1 });
  const { quarantinedRows } = await ingestion.client.listQuarantinedRows({ parent: run.datasetVersion });
  expect(quarantinedRows.map(({ row, reasons }) => [Number(row), reasons])).toEqual([[2, 'n: missing but required'], [3, 'n: missing but required']]);
});
