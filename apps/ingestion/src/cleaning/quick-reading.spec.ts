import { COLUMN_TYPES, type ColumnType } from '@millrace/core';
import { openTables, type Tables } from '@millrace/tables';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ColumnContract } from '../column-contract.js';
import { type Cell, cellOf, layered } from './cell.js';
import { quickReading } from './quick-reading.js';

const TEXTS = 20_000;
const PLAIN: Record<ColumnType, readonly string[]> = {
  INT64: ['0', '12', '-7', '9223372036854775807'],
  FLOAT64: ['0', '0.0', '12', '-7.25', '1e3', '.5', '123456789012345'],
  BOOL: ['true', 'false'],
  TIMESTAMP: ['2001-01-31', '2001-01-31 08:00:00', '2001-01-31T08:00:00', '2001-01-31 08:00:00.5', '0001-01-01'],
  STRING: ['x', 'a b', 'ß', '😀', '0'],
};
const ODD = [
  '', '-0', '+1', '00', '1.', '.', '-', '0x1F', '1_000', '1e400', '1e-400', '-1e-400', '0e5', '5e-324', '0.1234567890123456789', '9007199254740993', '9223372036854775808', '-9223372036854775808', '-9223372036854775809', '2147483648', '1,234', '12 km', '50%', 'nan', 'inf', '-Infinity', 'TRUE', 't', '1',
  '2001-02-30', '2001-02-29', '2000-02-29', '2001-01-31T08:00:00Z', '2001-01-31T08:00:00+02', '2001-1-31', '20010131', '0000-01-01', '-0001-01-01', '10000-01-01', '9999-12-31', '9999-12-31 23:59:59.999999', 'infinity', 'epoch', '2001-01-31 24:00:00', '2001-01-31 08:00', '2001-01-31 08:00:00.1234567', '2001-01-31 08:00:00 BC',
  'n/a', 'null', '\u0000', 'a\u0000', '\uffff', '!', '"', "'", '\u00a0', '\u00a01', '\u20031', '\v1', '\f1', '1\v',
];
const LETTERS = [...'0123456789', ...'0123456789', ...'.,-+eE_ %:TZ/', ...'aflnrstuxNIF', '\u0000', '\uffff', 'é', '\v'];
const BLANKS = '\t\r\n '.repeat(5);

const column = (type: ColumnType, more: Partial<ColumnContract> = {}): ColumnContract => ({ name: 'x', type, required: false, sourceName: 'x', missingTexts: [], badCell: 'QUARANTINE', format: '', ...more });
const COLUMNS: readonly (readonly [string, ColumnContract])[] = [
  ...COLUMN_TYPES.map((type) => [type, column(type)] as const),
  ...COLUMN_TYPES.map((type) => [`${type} with texts for missing cells`, column(type, { missingTexts: ['0', 'n/a', '-7.25', 'true', '2001-01-31'] })] as const),
  ['INT64 of 32 bits', column('INT64', { bits: 32 })],
  ['INT64 with units', column('INT64', { units: [{ text: 'km', factor: 1000 }] })],
  ['FLOAT64 with units', column('FLOAT64', { units: [{ text: 'km', factor: 1000 }] })],
];

let tables: Tables;
beforeAll(async () => {
  tables = await openTables({ memoryLimit: '512MB' });
  const word = fc.array(fc.constantFrom(...LETTERS), { maxLength: 22 }).map((letters) => letters.join(''));
  const number = fc.oneof(fc.double().map(String), fc.float().map(String), fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }).map(String), fc.integer().map((n) => (n / 1000).toFixed(3)));
  const time = fc.date({ noInvalidDate: true }).chain((at) => fc.constantFrom(at.toISOString(), at.toISOString().slice(0, 10), at.toISOString().slice(0, 19), at.toISOString().slice(0, 19).replace('T', ' ')));
  const texts = [...Object.values(PLAIN).flat(), ...ODD, ...fc.sample(fc.oneof(word, number, time), TEXTS)];
  await tables.load('texts', [{ name: 't', type: 'STRING', values: texts }]);
  await tables.run(`CREATE TEMP TABLE cells AS SELECT nullif(t, '') AS c0, '${BLANKS}' || t AS c1 FROM texts`);
});
afterAll(() => tables.close());

describe.each(COLUMNS)('a glance at a text for %s', (_, contract) => {
  const [glanced, looked] = ['c0', 'c1'].map((sql) => cellOf(contract, { sql, kind: 'TEXT' }, sql)) as [Cell, Cell];
  const value = ({ value: sql }: Cell): string => (contract.type === 'STRING' ? `trim(${sql}, E' \\t\\r\\n')` : sql);
  const told = (cell: Cell): string => `{'value': CAST(${value(cell)} AS VARCHAR), 'bad': coalesce(${cell.bad ?? 'false'}, false), 'mended': coalesce(${cell.repaired ?? 'false'}, false)}`;

  it('finds what looking longer finds, of which blanks around the text are the cause', async () => {
    const rows = await tables.rows(`SELECT * FROM (SELECT c0, ${told(glanced)} AS glanced, ${told(looked)} AS looked FROM ${layered('cells', [glanced, looked])}) WHERE glanced <> looked LIMIT 5`);
    expect(rows).toEqual([]);
  });

  it('is enough for what is written as usual, and for nothing else where there are blanks', async () => {
    const glance = quickReading(contract) ?? expect.fail();
    const sure = async (texts: readonly string[]): Promise<readonly boolean[]> => {
      await tables.load('asked', [{ name: 'c', type: 'STRING', values: texts }]);
      return (await tables.rows<{ sure: boolean }>(`SELECT coalesce(${glance.sure('c', 'v')}, false) AS sure FROM (SELECT c, ${glance.value('c')} AS v FROM asked)`)).map((row) => row.sure);
    };
    const usual = PLAIN[contract.type].filter((text) => !contract.missingTexts.includes(text) && !(contract.bits === 32 && text.length > 9));
    expect(await sure(usual)).toEqual(usual.map(() => true));
    expect(await sure(usual.map((text) => BLANKS + text))).toEqual(usual.map(() => false));
  });
});
