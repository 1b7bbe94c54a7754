import { join } from 'node:path';
import { ColumnContract_BadCell } from '@millrace/contracts/millrace/ingestion/v1/contract';
import { LedgerEntry_Action } from '@millrace/contracts/millrace/ingestion/v1/set_aside';
import { DatasetVersion } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import type { IngestionRun } from '@millrace/contracts/millrace/ingestion/v1/ingestion_run';
import { openTables } from '@millrace/tables';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { contractOf, countsOf, faultOf, type Ingestion, startIngestion } from './ingestion.fixture.js';

let ingestion: Ingestion;
beforeAll(async () => void (ingestion = await startIngestion()));
afterAll(() => ingestion.close());

type Columns = Parameters<typeof contractOf>[0];

const cellsOf = async (run: IngestionRun, column: string) => (await ingestion.rows(await ingestion.version(run))).map((row) => row[column]);
const ledger = async (run: IngestionRun) =>
  (await ingestion.client.listLedgerEntries({ parent: run.datasetVersion, pageSize: 1000 })).ledgerEntries.map(({ row, column, found, became, action, reason }) => `${row} ${column}: ${found} ${action === LedgerEntry_Action.REPAIRED ? `became ${became}` : action === LedgerEntry_Action.EMPTIED ? 'was emptied' : 'set its row aside'}: ${reason}`);
const read = (name: string, columns: Columns, lines: readonly string[], separator = ';') => ingestion.ingest(name, `${Object.keys(columns).join(separator)}\n${lines.join('\n')}\n`, { contract: contractOf(columns) });

it('reads numbers with the separators that the contract states, and no others', async () => {
  const numbers = { thousands: '.', decimal: ',' };
  const run = await read('comma.csv', { n: { type: 'INT64', numbers }, x: { type: 'FLOAT64', numbers } }, ['1.234;1.234,5', '12;3', '1.5;1', '1;1.5', '1,234;1', '9.007.199.254.740.993;1', '1.000,0;-0,25']);
  expect(await cellsOf(run, 'n')).toEqual([1234n, 12n, 9007199254740993n, 1000n]);
  expect(await cellsOf(run, 'x')).toEqual([1234.5, 3, 1, -0.25]);
  expect(await ledger(run)).toEqual([
    '1 n: 1.234 became 1234: stated separators',
    '1 x: 1.234,5 became 1234.5: stated separators',
    '3 n: 1.5 set its row aside: not a number with the stated separators',
    '4 x: 1.5 set its row aside: not a number with the stated separators',
    '5 n: 1,234 set its row aside: not a number with the stated separators',
    '6 n: 9.007.199.254.740.993 became 9007199254740993: stated separators',
    '7 n: 1.000,0 became 1000: stated separators',
    '7 x: -0,25 became -0.25: stated separators',
  ]);
});

it('reads dates in the first of the given formats that fits', async () => {
  const run = await read('dates.csv', { at: { type: 'TIMESTAMP', format: '%d.%m.%Y', formats: ['%d %b %Y %H:%M', '%Y-%m-%d %H:%M:%S %z'] } }, ['31.01.2001', '31 Jan 2001 08:30', '2001-01-31 08:30:00 +0200', '2001-01-31', '30.02.2001']);
  expect(await cellsOf(run, 'at')).toEqual(['2001-01-31T00:00', '2001-01-31T08:30', '2001-01-31T06:30'].map((time) => new Date(`${time}:00Z`)));
  expect(await ledger(run)).toEqual([
    '2 at: 31 Jan 2001 08:30 became 2001-01-31 08:30:00: the format %d %b %Y %H:%M',
    '3 at: 2001-01-31 08:30:00 +0200 became 2001-01-31 06:30:00: the format %Y-%m-%d %H:%M:%S %z',
    '4 at: 2001-01-31 set its row aside: in none of the stated formats',
    '5 at: 30.02.2001 set its row aside: in none of the stated formats',
  ]);
});

it('reads the words for true and false that the contract states, in any case, in the place of the usual ones', async () => {
  const run = await read('words.csv', { b: { type: 'BOOL', trueTexts: ['ja', 'offen'], falseTexts: ['nein'] }, id: 'INT64' }, ['Ja;1', 'nein;2', 'yes;3', 'true;4', '1;5']);
  expect(await cellsOf(run, 'b')).toEqual([true, false, true]);
  expect(await ledger(run)).toEqual(['1 b: Ja became true: a stated word', '2 b: nein became false: a stated word', '3 b: yes set its row aside: none of the words for true and false', '5 b: 1 set its row aside: none of the words for true and false']);
});

it('reads units by their stated factor, and names one that is not stated', async () => {
  const units = [{ text: 'm', factor: 1 }, { text: 'km', factor: 1000 }];
  const run = await read('units.csv', { way: { type: 'INT64', units }, kg: { type: 'FLOAT64', units: [{ text: 'g', factor: 0.001 }, { text: 'kg', factor: 1 }] } }, ['12 km;500 g', '7;1.5kg', '1.5km;2', '12 miles;1', '9223372036854775807 km;1', '3 m;1 kg']);
  expect(await cellsOf(run, 'way')).toEqual([12000n, 7n, 1500n, 3n]);
  expect(await cellsOf(run, 'kg')).toEqual([0.5, 1.5, 2, 1]);
  expect((await ledger(run)).filter((line) => line.includes(' way:'))).toEqual([
    '1 way: 12 km became 12000: the unit km, of which one counts 1000',
    '3 way: 1.5km became 1500: the unit km, of which one counts 1000',
    '4 way: 12 miles set its row aside: a unit that the contract does not state',
    '5 way: 9223372036854775807 km set its row aside: no whole number in the range of the column once its unit is counted',
    '6 way: 3 m became 3: the unit m, of which one counts 1',
  ]);
});

it('finds what overflows 32 and 64 bits and what passes 2^53 uncertainly, and names it', async () => {
  const run = await read('overflow.csv', { small: { type: 'INT64', bits: 32 }, large: 'INT64' }, ['2147483647;9223372036854775807', '2147483648;1', '-2147483649;1', '1;9223372036854775808', '1;9007199254740993.0', '1;-9223372036854775808', '3e9;1', '"3,000,000,000";1']);
  expect(await cellsOf(run, 'large')).toEqual([9223372036854775807n]);
  expect(await ledger(run)).toEqual([
    '2 small: 2147483648 set its row aside: beyond a 32-bit integer',
    '3 small: -2147483649 set its row aside: beyond a 32-bit integer',
    '4 large: 9223372036854775808 set its row aside: beyond a 64-bit integer',
    '5 large: 9007199254740993.0 set its row aside: beyond 2^53 and written as a decimal, so its last digits are not certain',
    '6 large: -9223372036854775808 set its row aside: the number that stands for a missing one inside models',
    '7 small: 3e9 set its row aside: beyond a 32-bit integer',
    '8 small: 3,000,000,000 set its row aside: beyond a 32-bit integer',
  ]);
});

it('names every decimal of which a double cannot hold the digits, and none that it can', async () => {
  const kept = ['0.1', '1e300', '0.30000000000000004', '0.1234567890123456', '0.10000000000000001', '9007199254740992', '1234567890.12345', '5e-324', '100000000000000000000', '0.000', '0e5'];
  const rounded = ['9007199254740993', '0.123456789012345678', '12345678901234567.5', '1e-400', '3.14159265358979323846'];
  const run = await read('digits.csv', { x: 'FLOAT64', id: 'INT64' }, [...kept, ...rounded].map((x, i) => `${x};${i}`));
  expect(countsOf(run)).toMatchObject({ kept: kept.length + rounded.length, cellsRepaired: rounded.length });
  expect((await ledger(run)).map((line) => line.replace(/^\d+ x: (\S+) became \S+: /, '$1 '))).toEqual(rounded.map((x) => `${x} more digits than a double holds: rounded to the nearest one`));
});

it('finds the same losses in the types of Parquet', async () => {
  const path = ingestion.file('types.parquet', '');
  await using tables = await openTables({ allow: [join(path, '..')] });
  await tables.run(`COPY (SELECT * FROM (VALUES (9007199254740993::BIGINT, 0.1::DECIMAL(38,20), 1::UBIGINT), (9007199254740992, 0.12345678901234567890::DECIMAL(38,20), 18446744073709551615::UBIGINT), (1, 2.5, 2)) AS t(big, exact, u)) TO '${path}' (FORMAT parquet)`);
  const run = await ingestion.ingest('types.parquet', undefined, { contract: contractOf({ big: 'FLOAT64', exact: 'FLOAT64', u: 'INT64' }) });
  expect(await ledger(run)).toEqual(['1 big: 9007199254740993 became 9007199254740992.0: more digits than a double holds: rounded to the nearest one', '2 u: 18446744073709551615 set its row aside: beyond a 64-bit integer']);
  const kept = await ingestion.ingest('types.parquet', undefined, { contract: contractOf({ big: 'INT64', exact: 'FLOAT64', u: 'FLOAT64' }) });
  expect(await ledger(kept)).toEqual(['2 exact: 0.12345678901234567890 became 0.12345678901234568: more digits than a double holds: rounded to the nearest one', '2 u: 18446744073709551615 became 1.8446744073709552e+19: more digits than a double holds: rounded to the nearest one']);
});

it.each([
  ['numbers', { type: 'FLOAT64', numbers: { thousands: ',', decimal: ',' } }, 'cannot be both'],
  ['numbers', { type: 'STRING', numbers: { thousands: '.', decimal: ',' } }, 'it is about numbers'],
  ['units', { type: 'INT64', units: [{ text: '5', factor: 1 }] }, 'is no unit'],
  ['true_texts', { type: 'BOOL', trueTexts: ['x'], falseTexts: ['X'] }, 'stands twice'],
  ['formats', { type: 'TIMESTAMP', formats: ['yesterday'] }, 'is no strptime format'],
  ['bits', { type: 'FLOAT64', bits: 32 }, 'it is about INT64'],
] as const)('refuses %s that contradict themselves or the type, and names the place', async (field, column, says) => {
  const refused = ingestion.create(ingestion.file('overflow.csv'), { contract: contractOf({ small: column as Columns[string] }) });
  await expect(refused).rejects.toMatchObject({ reason: 'INVALID_CONTRACT', metadata: { place: `columns.small.${field}` }, message: expect.stringContaining(says) });
});

it('says what stands in a cell and why it ends the run, where no cell may be unreadable', async () => {
  const run = await ingestion.ingest('fatal.csv', 'n\n1\n99999999999999999999\n', { contract: contractOf({ n: { type: 'INT64', badCell: ColumnContract_BadCell.FAIL } }) });
  expect(faultOf(run)).toMatchObject({ reason: 'BAD_CELL', message: expect.stringContaining('fatal.csv, row 2, column "n": "99999999999999999999" is not INT64: beyond a 64-bit integer.') });
});

it('keeps every digit of an int64 from CSV by Parquet and the message to JSON', async () => {
  const run = await read('digits-of-int.csv', { n: 'INT64', id: 'INT64' }, ['9007199254740993;1', '9223372036854775807;2', '-9223372036854775807;3']);
  expect(await cellsOf(run, 'n')).toEqual([9007199254740993n, 9223372036854775807n, -9223372036854775807n]);
  const version = await ingestion.version(run);
  const json = JSON.parse(JSON.stringify(DatasetVersion.toJSON(version))) as { profile: readonly { minInt64: string; maxInt64: string; }[] };
  expect(json.profile[0]).toMatchObject({ minInt64: '-9223372036854775807', maxInt64: '9223372036854775807' });
});
