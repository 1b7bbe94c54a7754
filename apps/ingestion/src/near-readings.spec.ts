import { ColumnContract_BadCell } from '@millrace/contracts/millrace/ingestion/v1/contract';
import { ColumnType } from '@millrace/contracts/millrace/type/v1/schema';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Ingestion, startIngestion } from './ingestion.fixture.js';

let ingestion: Ingestion;
beforeAll(async () => void (ingestion = await startIngestion()));
afterAll(() => ingestion.close());

const ROWS = 200;
const fileOf = (name: string, columns: Readonly<Record<string, (i: number) => string>>): string =>
  ingestion.file(name, `${Object.keys(columns).join(',')}\n${Array.from({ length: ROWS }, (_, i) => Object.values(columns).map((cell) => cell(i)).join(',')).join('\n')}\n`);
/** The draft of a file: of each column how it is read, and why. */
async function drafted(path: string) {
  const { contract, remarks } = await ingestion.client.inferContract({ source: { path } });
  const whyOf = (name: string): string | undefined => remarks.find(({ place }) => place === `columns.${name}`)?.why;
  return { contract, column: (name: string) => ({ ...contract?.columns.find((column) => column.name === name), why: whyOf(name) }) };
}

it('drafts numbers, flags and times for columns that are so but for a few cells, and says what stands in those', async () => {
  const path = fileOf('near.csv', {
    placed: (i) => (i === 7 ? '0000-00-00' : `2001-01-${String((i % 28) + 1).padStart(2, '0')}`),
    items: (i) => (i === 3 ? 'three' : i === 5 || i === 6 ? 'n/a' : String(i % 9)),
    returned: (i) => (i === 9 ? '?' : String(i % 2)),
  });
  const { contract, column } = await drafted(path);
  expect(contract?.eventTime).toBe('placed');
  expect(column('placed')).toMatchObject({ type: ColumnType.TIMESTAMP, badCell: ColumnContract_BadCell.MISSING, required: false, why: '199 of 200 cells read as TIMESTAMP; the others become missing, such as "0000-00-00"; missing in 1 of 200' });
  expect(column('items')).toMatchObject({ type: ColumnType.INT64, badCell: ColumnContract_BadCell.MISSING, why: '197 of 200 cells read as INT64; the others become missing, such as "n/a", "three"; missing in 3 of 200' });
  expect(column('returned')).toMatchObject({ type: ColumnType.INT64, badCell: ColumnContract_BadCell.MISSING });
  const { profile } = await ingestion.client.inspectSource({ source: { path }, ...(contract ? { contract } : {}) });
  expect(profile.find(({ column: name }) => name === 'returned')).toMatchObject({ min: 0, max: 1, distinct: 2n, missing: 1n });
});

it('drafts a decimal comma, and days that are written with dots among others', async () => {
  const { column } = await drafted(fileOf('comma.csv', { amount: (i) => `"1.${String(i).padStart(3, '0')},5"`, at: (i) => (i % 10 === 0 ? `13.01.2001 0${i % 7}:30` : `2001-01-01 00:00:${String(i % 60).padStart(2, '0')}`) }));
  expect(column('amount')).toMatchObject({ type: ColumnType.FLOAT64, required: true, numbers: { thousands: '.', decimal: ',' }, badCell: ColumnContract_BadCell.QUARANTINE });
  expect(column('at')).toMatchObject({ type: ColumnType.TIMESTAMP, required: true, formats: ['%d.%m.%Y %H:%M:%S', '%d.%m.%Y %H:%M', '%d.%m.%Y'], badCell: ColumnContract_BadCell.QUARANTINE });
});

it('leaves a column of texts where more than one cell in twenty is none, and says how near it comes', async () => {
  const { column } = await drafted(fileOf('half.csv', { discount: (i) => (i % 10 === 0 ? 'none' : `0.${i}`), code: (i) => `A${i}`, at: () => '2001-01-01' }));
  expect(column('discount')).toMatchObject({ type: ColumnType.STRING, why: 'every cell reads as STRING; 180 of 200 would read as FLOAT64, and the others not, such as "none"; never missing' });
  expect(column('code')).toMatchObject({ type: ColumnType.STRING, why: 'every cell reads as STRING; never missing' });
});

it('says nothing that could be chance, and keeps its trials apart from columns of any name', async () => {
  expect((await drafted(ingestion.file('few.csv', 'n\n1\n2\nx\n'))).column('n')).toMatchObject({ type: ColumnType.STRING, why: 'every cell reads as STRING; never missing' });
  const { contract, column } = await drafted(fileOf('names.csv', { near0: (i) => (i === 1 ? 'x' : String(i)), Near1: (i) => `t${i}` }));
  expect(contract?.columns.map(({ name }) => name)).toEqual(['near0', 'Near1']);
  expect(column('near0')).toMatchObject({ type: ColumnType.INT64, why: '199 of 200 cells read as INT64; the others become missing, such as "x"; missing in 1 of 200' });
});

it('says of integers that some begin with a zero, for a number loses it', async () => {
  const { contract, column } = await drafted(fileOf('zeros.csv', { postcode: (i) => (i % 4 === 0 ? `0${1000 + i}` : String(10_000 + i)), text: (i) => String(i), unique: (i) => String(i - 50), at: () => '2001-01-01' }));
  expect(contract?.columns.map(({ name }) => name)).toEqual(['postcode', 'text', 'unique', 'at']);
  expect(column('postcode')).toMatchObject({ type: ColumnType.INT64, why: 'every cell reads as INT64; never missing; 50 begin with a zero, which a number loses and STRING keeps' });
  for (const name of ['text', 'unique']) expect(column(name).why).toBe('every cell reads as INT64; never missing');
});
