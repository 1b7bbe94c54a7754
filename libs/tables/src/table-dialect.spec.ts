import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { engine, ident, openTables, text, type Tables } from './index.js';

let dir: string;
let tables: Tables;

beforeAll(async () => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-dialect-')));
  tables = await openTables({ tempDir: dir, allow: [dir] });
});
afterAll(async () => {
  await tables.close();
  rmSync(dir, { recursive: true, force: true });
});

const cell = async (sql: string): Promise<unknown> => Object.values((await tables.rows(`SELECT ${sql}`))[0] ?? expect.fail())[0];
/** What SQL over a column `x` gives for each of these texts. */
const each = async (sql: string, texts: readonly string[]): Promise<readonly unknown[]> =>
  (await tables.rows<{ y: unknown }>(`SELECT ${sql} AS y FROM (VALUES ${texts.map((one, i) => `(${i}, ${text(one)})`).join(', ')}) AS t(i, x) ORDER BY i`)).map(({ y }) => y);

describe('texts', () => {
  it('are of the form of a pattern as a whole or in a part', async () => {
    const texts = ['12', 'a12', '12b', ''];
    expect(await each(engine.matches('x', text('\\d+')), texts)).toEqual([true, false, false, false]);
    expect(await each(engine.matchesPart('x', text('^\\d+')), texts)).toEqual([true, false, true, false]);
    expect(await each(engine.withoutParts('x', text('[,_]')), ['1,000,000', '1_0', ',', '7'])).toEqual(['1000000', '10', '', '7']);
  });

  it('lose the given characters at their ends alone, and are measured in bytes', async () => {
    expect(await each(engine.trim('x', ' %'), ['5 %', '% 5 % 5', '  '])).toEqual(['5', '5 % 5', '']);
    expect(await each(engine.bytes('x'), ['', 'ab', 'é', '🛫'])).toEqual([0n, 2n, 2n, 4n]);
  });

  it('are numbers where they can be read, and missing where not', async () => {
    const texts = ['7', '2147483648', '-9223372036854775808', '9223372036854775808', 'x', ''];
    expect(await each(engine.tryInteger('x'), texts)).toEqual([7n, 2147483648n, -(2n ** 63n), undefined, undefined, undefined]);
    expect(await each(engine.tryInteger('x', 32), texts)).toEqual([7n, undefined, undefined, undefined, undefined, undefined]);
    expect(await each(engine.tryDouble('x'), ['0.5', '1e400', 'nan', 'x'])).toEqual([0.5, Infinity, NaN, undefined]);
    expect(await each(engine.isFinite(engine.tryDouble('x')), ['0.5', 'inf', 'nan', 'x'])).toEqual([true, false, false, undefined]);
  });

  it('are times of UTC, by ISO 8601 or by the first format that fits', async () => {
    expect(await each(engine.tryTime('x'), ['2001-02-03 04:05:06', '2001-02-30', 'x'])).toEqual([new Date('2001-02-03T04:05:06Z'), undefined, undefined]);
    expect(await each(engine.tryMoment('x'), ['2001-02-03 04:05:06+02', '2001-02-03T04:05:06Z', 'x'])).toEqual([new Date('2001-02-03T02:05:06Z'), new Date('2001-02-03T04:05:06Z'), undefined]);
    expect(await each(engine.tryTimeBy('x', ['%d.%m.%Y']), ['03.02.2001', '2001-02-03'])).toEqual([new Date('2001-02-03'), undefined]);
    expect(await each(engine.tryTimeBy('x', ['%m/%d/%Y', '%d/%m/%Y']), ['02/03/2001', '13/02/2001', 'x'])).toEqual([new Date('2001-02-03'), new Date('2001-02-13'), undefined]);
    expect(await each(engine.tryTimeBy('x', ['%Y-%m-%d %H:%M %z']), ['2001-02-03 04:05 +0200'])).toEqual([new Date('2001-02-03T02:05:00Z')]);
    expect(await cell(engine.timeText("TIMESTAMP '2001-02-03 04:05:06'", '%Y-%m'))).toBe('2001-02');
  });
});

describe('lists and records', () => {
  it('count places from 0, and a place beyond the end is missing', async () => {
    const list = engine.list(["'a'", "'b'", "'a'"]);
    expect(await cell(engine.item(list, 0))).toBe('a');
    expect(await cell(engine.item(list, '0 + 1'))).toBe('b');
    expect(await cell(engine.item(list, 3))).toBeUndefined();
    expect(await cell(engine.size(list))).toBe(3n);
    expect(await cell(engine.size(engine.distinct(list)))).toBe(2n);
  });

  it('become rows, whose records are read by name', async () => {
    const records = engine.list(['1', '2'].map((n) => engine.record({ n, "it's": text('x') })));
    expect(await tables.rows(`SELECT r.n AS n, r.${ident("it's")} AS s FROM (SELECT ${engine.each(records)} AS r) ORDER BY n`)).toEqual([{ n: 1, s: 'x' }, { n: 2, s: 'x' }]);
  });
});

describe('JSON in a text', () => {
  it('is told from what is no JSON, and objects from other values', async () => {
    expect(await each(engine.isJson('x'), ['{"a": 1}', '[]', 'null', '{', ''])).toEqual([true, true, true, false, false]);
    expect(await each(`NOT ${engine.isObject('x')}`, ['{"a": 1}', '[]', 'null'])).toEqual([false, true, true]);
  });

  it('gives every key, and values with all their digits', async () => {
    expect(await each(engine.size(engine.jsonKeys('x')), ['{"a": 1, "b": 2, "a": 3}', '{}'])).toEqual([3n, 0n]);
    const keys = ['n', 'a/b~c', "o'k", 'none', 'null'];
    const values = engine.jsonValues('x', keys);
    const given = '{"n": 9007199254740993, "a/b~c": [1, 2], "o\'k": "t", "null": null}';
    expect((await Promise.all(keys.map((_, i) => each(engine.item(values, i), [given])))).flat()).toEqual(['9007199254740993', '[1,2]', 't', undefined, undefined]);
  });
});

describe('files', () => {
  it('are read and written under names that look like patterns', async () => {
    const folder = join(dir, "k=1 [a]*'");
    mkdirSync(folder);
    const [first, second] = [join(folder, 'one?.parquet'), join(folder, 'two.parquet')];
    await tables.run(engine.writeParquet("SELECT range AS n, 'x' AS s FROM range(3) ORDER BY n DESC", first));
    await tables.run(engine.writeParquet("SELECT 7::BIGINT AS n, 'y' AS s", second));
    expect(await tables.rows(`SELECT * FROM ${engine.parquet([first, second])}`)).toEqual([{ n: 2n, s: 'x' }, { n: 1n, s: 'x' }, { n: 0n, s: 'x' }, { n: 7n, s: 'y' }]);
    const { from, columns, place } = engine.placedParquet(first);
    expect(await tables.types(`SELECT ${columns} FROM ${from}`)).toEqual([{ name: 'n', type: 'BIGINT' }, { name: 's', type: 'VARCHAR' }]);
    expect(await tables.rows(`SELECT ${place} AS at, n FROM ${from} ORDER BY n`)).toEqual([{ at: 2n, n: 0n }, { at: 1n, n: 1n }, { at: 0n, n: 2n }]);
    expect(await tables.rows(`SELECT * FROM ${engine.parquetRows(first)}`)).toEqual([{ rows: 3n }]);
    const chunks = await tables.rows<{ name: string; cells: bigint; bytes: bigint }>(`SELECT * FROM ${engine.parquetChunks(first)} ORDER BY name`);
    expect(chunks.map(({ name, cells, bytes }) => [name, cells, bytes > 0n])).toEqual([['n', 3n, true], ['s', 3n, true]]);
  });

  it('give their lines and the elements of an array, counted from 1', async () => {
    const [lines, array] = [join(dir, 'lines.txt'), join(dir, 'array.json')];
    writeFileSync(lines, 'a,"b\n  c\td\n');
    writeFileSync(array, '[{"a": 1},\n {"a": [2]}]');
    expect(await tables.rows(`SELECT row_number() OVER () AS _row, line FROM ${engine.csv({ path: lines, columns: ['line'], header: false, delimiter: '', quote: '', maxLineBytes: 100, name: 'lines' })}`)).toEqual([{ _row: 1n, line: 'a,"b' }, { _row: 2n, line: '  c\td' }]);
    expect(await tables.rows(engine.rejectedLines('lines'))).toEqual([]);
    expect(await tables.rows(engine.jsonArray(array, 100))).toEqual([{ _row: 1n, line: '{"a": 1}' }, { _row: 2n, line: '{"a": [2]}' }]);
    writeFileSync(array, `[{"a": "${'x'.repeat(40_000_000)}"}]`);
    await expect(tables.rows(engine.jsonArray(array, 1_000))).rejects.toThrow('maximum_object_size');
  });
});
