import { openLocalObjects, type ObjectStore } from '@millrace/objects';
import fc from 'fast-check';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ident, number, openTables, text, type ColumnData, type ColumnInput, type Tables } from './index.js';

const flights = fileURLToPath(new URL('../../../node_modules/vega-datasets/data/flights-3m.parquet', import.meta.url));

let dir: string;
let objects: ObjectStore;
let tables: Tables;

beforeAll(async () => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-tables-')));
  mkdirSync(join(dir, 'in'));
  objects = await openLocalObjects(join(dir, 'store'));
  tables = await openTables({ objects, tempDir: dir, allow: [join(dir, 'in'), flights] });
});
afterAll(async () => {
  await tables.close();
  rmSync(dir, { recursive: true, force: true });
});

const column = async (sql: string): Promise<ColumnData> => (await tables.columns(sql))[0] ?? expect.fail();

it('gives rows with bigint, number, Date and undefined', async () => {
  const rows = await tables.rows("select 9007199254740993::bigint b, 7::int i, 0.5 d, true t, 'x' s, timestamp '2001-01-01 00:00:00.5' at_, null n, 1::hugeint h");
  expect(rows).toEqual([{ b: 9007199254740993n, i: 7, d: 0.5, t: true, s: 'x', at_: new Date('2001-01-01T00:00:00.500Z'), n: undefined, h: 1n }]);
  expect(await tables.rows("select timestamptz '2001-06-01 12:00:00+02' z, strftime(timestamptz '2001-06-01 12:00:00+02', '%H') h")).toEqual([{ z: new Date('2001-06-01T10:00:00Z'), h: '10' }]);
});

it('binds parameters by place and by name', async () => {
  expect(await tables.rows('select ? a, ? b, ? c, ? d, typeof(?) e', [2n ** 40n, new Date(5), undefined, -0, 3n])).toEqual([{ a: 2n ** 40n, b: new Date(5), c: undefined, d: -0, e: 'BIGINT' }]);
  expect(await tables.rows('select $x || $y s', { x: "o'", y: 'n' })).toEqual([{ s: "o'n" }]);
  expect(await tables.run('create temp table counted as select * from range(10)')).toBe(0);
  expect(await tables.run('delete from counted where range < ?', { params: [4n] })).toBe(4);
});

it('quotes any name, string and number so that DuckDB reads the very same', async () => {
  const cell = async (sql: string): Promise<unknown> => Object.values((await tables.rows(`select ${sql}`))[0] ?? {})[0];
  await fc.assert(
    fc.asyncProperty(fc.double(), async (value) => {
      const [row] = await tables.rows<{ v: number; t: string }>(`select ${number(value)} v, typeof(${number(value)}) t`);
      expect(Object.is(row?.v, value)).toBe(true);
      expect(row?.t).toBe('DOUBLE');
    }),
    { numRuns: 200, examples: [[-0], [0.1], [5e-324], [-1.7976931348623157e308], [1e15], [0.30000000000000004]] },
  );
  await fc.assert(fc.asyncProperty(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n }), async (value) => {
      expect(await cell(number(value))).toBe(value);
    }), { examples: [[-(2n ** 63n)], [2n ** 63n]] });
  const strings = fc.string({ unit: 'binary' }).map((value) => value.toWellFormed());
  await fc.assert(fc.asyncProperty(strings, async (value) => {
      expect(await cell(text(value))).toBe(value);
    }), { examples: [["'"], ['a\0b'], ['\0'], ['\\'], ['$1'], ['--']] });
  await fc.assert(
    fc.asyncProperty(strings.filter((name) => name !== '' && !name.includes('\0')), async (name) => {
      expect(Object.keys((await tables.rows(`select 1 as ${ident(name)}`))[0] ?? {})).toEqual([name]);
    }),
    { numRuns: 50, examples: [['"'], ['label'], ['a b']] },
  );
});

it('gives columns in typed arrays, with a mask where cells are missing', async () => {
  const sql = `select
    case when r % 3 = 0 then null else r end::bigint b, case when r % 3 = 1 then null else r / 4 end::double d, (r % 2 = 0) t, case when r = 5 then null else 's' || r end s,
    r::integer i, r::float f, make_timestamp(r::bigint) at_, date '1970-01-02' as day, sum(r) over () h, (r / 4)::decimal(9, 2) as dec, r::utinyint as u, timestamp_ms '1970-01-01 00:00:00.007' as ms
    from range(250) x(r)`;
  const [b, d, t, s, i, f, at, day, h, dec, u, ms] = await tables.columns(sql);
  expect([b?.type, d?.type, t?.type, s?.type, i?.type, f?.type, at?.type, day?.type, h?.type, dec?.type]).toEqual(['INT64', 'FLOAT64', 'BOOL', 'STRING', 'INT64', 'FLOAT64', 'TIMESTAMP', 'TIMESTAMP', 'INT64', 'FLOAT64']);
  expect(b?.values).toBeInstanceOf(BigInt64Array);
  expect([b?.values.length, b?.values[0], b?.values[1], b?.nulls?.[0], b?.nulls?.[1]]).toEqual([250, 0n, 1n, 1, 0]);
  expect([d?.values[1], d?.values[2], d?.nulls?.[1]]).toEqual([NaN, 0.5, 1]);
  expect([t?.values[0], t?.values[1], t?.nulls]).toEqual([1, 0, undefined]);
  expect([s?.values[5], s?.values[6], s?.nulls?.[5], s?.nulls?.[6]]).toEqual(['', 's6', 1, 0]);
  expect([i?.values.constructor, f?.values.constructor, u?.values.constructor]).toEqual([Int32Array, Float32Array, Uint8Array]);
  expect([at?.values[7], day?.values[0], h?.values[0], dec?.values[3], ms?.values[0]]).toEqual([7n, 86_400_000_000n, 31125n, 0.75, 7000n]);
  await expect(tables.columns('select 2::hugeint ** 70 h')).resolves.toMatchObject([{ type: 'FLOAT64' }]);
  await expect(tables.columns("select 'x'::blob k")).rejects.toMatchObject({ reason: 'TYPE_UNSUPPORTED', metadata: { column: 'k', type: 'BLOB' } });
  await expect(tables.columns("select '99999999999999999999'::hugeint k")).rejects.toMatchObject({ reason: 'VALUE_INVALID' });
});

it('gives a matrix by rows, NaN for missing, and refuses what is not numeric by name', async () => {
  const { data, rows, cols } = await tables.matrix('select r::float a, case when r = 3000 then null else r * 0.1::double end b, r::bigint c, r % 2 = 1 d, (r / 8)::decimal(9, 3) e from range(5000) x(r)');
  expect([rows, cols, data.length]).toEqual([5000, 5, 25000]);
  expect([...data.subarray(4999 * 5)]).toEqual([4999, Math.fround(4999 * 0.1), 4999, 1, Math.fround(624.875)]);
  expect(data[3000 * 5 + 1]).toBeNaN();
  expect(await tables.matrix('select 1::float a where false')).toEqual({ data: new Float32Array(0), rows: 0, cols: 1 });
  await expect(tables.matrix("select 1 a, 'x' route")).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'TYPE_UNSUPPORTED', metadata: { column: 'route' } });
});

it('never gives half a result for a query that fails on the way', async () => {
  const sql = "select (case when r = 900000 then 'bad' else '1' end)::float x from range(1000000) t(r)";
  for (const query of [tables.matrix(sql), tables.columns(sql), tables.rows(sql), tables.run(sql)]) await expect(query).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'VALUE_INVALID' });
});

it('loads columns into a table and gives them back', async () => {
  const dates = [new Date(0), undefined, new Date(86_400_000)];
  const input: ColumnInput[] = [
    { name: 'b', type: 'INT64', values: BigInt64Array.of(1n, -(2n ** 63n), 3n), nulls: Uint8Array.of(0, 0, 1) },
    { name: 'd', type: 'FLOAT64', values: Float64Array.of(-0, NaN, 1.5) },
    { name: 'f', type: 'FLOAT64', values: Float32Array.of(0.5, 1, 2), nulls: Uint8Array.of(1, 0, 0) },
    { name: 't', type: 'BOOL', values: [true, undefined, false] },
    { name: 's"', type: 'STRING', values: ['', 'wheat and other grain', undefined] },
    { name: 'at', type: 'TIMESTAMP', values: dates },
    { name: 'us', type: 'TIMESTAMP', values: BigInt64Array.of(1n, 2n, 3n) },
    { name: 'i', type: 'INT64', values: Int32Array.of(1, 2, 3) },
    { name: 'm', type: 'INT64', values: [1n, undefined, 3n] },
  ];
  expect(await tables.load('my table', input)).toBe(3);
  expect(await tables.rows('select * from "my table"')).toEqual([
    { b: 1n, d: -0, f: undefined, t: true, 's"': '', at: dates[0], us: new Date(0), i: 1, m: 1n },
    { b: -(2n ** 63n), d: NaN, f: 1, t: undefined, 's"': 'wheat and other grain', at: undefined, us: new Date(0), i: 2, m: undefined },
    { b: undefined, d: 1.5, f: 2, t: false, 's"': undefined, at: dates[2], us: new Date(0), i: 3, m: 3n },
  ]);
  const big = Array.from({ length: 5000 }, (_, row) => row * 0.5);
  await tables.load('my table', [{ name: 'x', type: 'FLOAT64', values: Float64Array.from(big) }]);
  expect([...((await column('from "my table"')).values as Float64Array)]).toEqual(big);
  expect(await tables.load('empty', [{ name: 'x', type: 'STRING', values: [] }])).toBe(0);
  await expect(tables.load('t', [{ name: 'a', type: 'STRING', values: ['x'] }, { name: 'b', type: 'STRING', values: [] }])).rejects.toMatchObject({ reason: 'COLUMNS_UNEVEN' });
  await expect(tables.load('t', [{ name: 'a', type: 'STRING', values: ['x'] }, { name: 'A', type: 'STRING', values: ['x'] }])).rejects.toMatchObject({ reason: 'COLUMN_TWICE' });
});

it('describes a query without running it', async () => {
  expect(await tables.describe("select 1::utinyint a, 'x' b, now()::timestamp c, 1.5 d, true e, date '2001-01-01' f where error('run') = 1")).toEqual(
    [['a', 'INT64'], ['b', 'STRING'], ['c', 'TIMESTAMP'], ['d', 'FLOAT64'], ['e', 'BOOL'], ['f', 'TIMESTAMP']].map(([name, type]) => ({ name, type, nullable: true })),
  );
  await expect(tables.describe('select [1] list')).rejects.toMatchObject({ reason: 'TYPE_UNSUPPORTED', metadata: { column: 'list', type: 'INTEGER[]' } });
});

const SHAPES = {
  'a filter that thins out its rows': `select * from read_parquet('${flights}') where delay > 20`,
  'a limit': `select * exclude destination from read_parquet('${flights}') where distance > 500 limit 400000`,
  'a sort by a unique key': `select *, row_number() over () k from (from read_parquet('${flights}') limit 300000) order by delay, k`,
  'groups in order': `select origin, destination, count(*) n, sum(delay) s from read_parquet('${flights}') group by all order by all`,
  'a join': `select f.*, a.n from (from read_parquet('${flights}') limit 400000) f left join (select origin, count(*) n from read_parquet('${flights}') group by 1) a using (origin) where f.delay < 0`,
  'a join and groups in no order': `select a.origin, a.destination, a.s, b.n from (select origin, destination, sum(delay) s from read_parquet('${flights}') group by all) a join (select origin, count(*) n from read_parquet('${flights}') group by 1) b using (origin)`,
  'an as-of join': `select f.*, a.n from (from read_parquet('${flights}') limit 300000) f asof left join (select origin, date, count(*) n from read_parquet('${flights}') group by 1, 2) a on f.origin = a.origin and f.date >= a.date`,
  'a loaded table': "select * from loaded where x > 0.1",
  'several files': `select * from read_parquet(['${flights}', '${flights}']) where delay > 100`,
  'a window': `select date, origin, delay, row_number() over (partition by origin order by date, delay, distance, destination) k from read_parquet('${flights}') where delay > 60 order by origin, k`,
};

it.for(Object.keys(SHAPES) as (keyof typeof SHAPES)[])('writes the same bytes with one, two and more threads, with much and little memory: %s', { timeout: 60_000 }, async (shape) => {
  const digests = new Set<string>();
  for (const options of [{ threads: 1 }, { threads: 2 }, { threads: 2, memoryLimit: '150MB' }, { threads: 5 }]) {
    const session = await openTables({ objects, tempDir: dir, allow: [flights], ...options });
    await session.load('loaded', [{ name: 'x', type: 'FLOAT64', values: Float64Array.from({ length: 200_000 }, (_, row) => Math.abs(Math.sin(row))) }]);
    const { ref, rows, bytes } = await session.writeParquet(SHAPES[shape], { rowGroupSize: 50_000 });
    digests.add(ref.digest);
    expect(bytes).toBe(await objects.size(ref.digest));
    expect(rows).toBeGreaterThan(0);
    await session.close();
  }
  expect(digests.size).toBe(1);
});

it('writes Parquet that it reads back row by row, over several objects in their order', async () => {
  const first = await tables.writeParquet('select r, r * 0.1::double d from range(1000) x(r);  ');
  const second = await tables.writeParquet('select r, r * 0.1::double d from range(1000, 1500) x(r) -- comment');
  expect([first.rows, second.rows]).toEqual([1000, 500]);
  const { values } = await column(`select r from ${await tables.scan([second.ref, first.ref.digest])}`);
  expect([values.length, values[0], values[500]]).toEqual([1500, 1000n, 0n]);
  expect(readdirSync(join(objects.directory, 'tmp'))).toEqual([]);
  await expect(tables.scan(`sha256:${'0'.repeat(64)}`)).rejects.toMatchObject({ reason: 'OBJECT_NOT_FOUND' });
  await expect((await openTables()).scan(first.ref)).rejects.toMatchObject({ reason: 'NO_OBJECTS' });
});

it('leaves no object and no file when writing fails half-way', async () => {
  const before = readdirSync(join(objects.directory, 'objects'), { recursive: true }).length;
  await expect(tables.writeParquet("select (case when r = 900000 then 'bad' else '1' end)::int x from range(1000000) t(r)")).rejects.toMatchObject({ reason: 'VALUE_INVALID' });
  expect(readdirSync(join(objects.directory, 'objects'), { recursive: true }).length).toBe(before);
  expect(readdirSync(join(objects.directory, 'tmp'))).toEqual([]);
});

it('names a Parquet file that is empty, cut short or something else', async () => {
  const whole = readFileSync(flights);
  const faults = { empty: Buffer.alloc(0), tiny: Buffer.from('PAR1'), text: Buffer.from('hello, this is no parquet'), cut: whole.subarray(0, whole.length / 2), 'no-head': whole.subarray(whole.length / 2) };
  for (const [name, bytes] of Object.entries(faults)) {
    const file = join(dir, `in/${name}.parquet`);
    writeFileSync(file, bytes);
    const sql = `select sum(delay), min(origin), max(destination), min(date) from read_parquet('${file}')`;
    await expect(tables.rows(sql), name).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'PARQUET_INVALID', metadata: { file } });
  }
  await expect(tables.rows(`from read_parquet('${join(dir, 'in/none.parquet')}')`)).rejects.toMatchObject({ code: 'NOT_FOUND', reason: 'FILE_NOT_FOUND', metadata: { file: join(dir, 'in/none.parquet') } });
});

it('says which line of a CSV is at fault', async () => {
  const file = join(dir, 'in/ragged.csv');
  writeFileSync(file, 'a,b\n1,2\n3\n4,5\n');
  await expect(tables.rows(`from read_csv('${file}', columns = {a: 'BIGINT', b: 'BIGINT'}, header = true, delim = ',', auto_detect = false)`)).rejects.toMatchObject({ reason: 'VALUE_INVALID', message: expect.stringMatching(/Line: 3/) });
});

it('lets SQL reach nothing but the allowed directories, and change no setting', async () => {
  for (const sql of [
    "from read_csv('/etc/passwd')",
    `from read_csv('${dir}/in/../../../etc/passwd')`,
    `copy (select 1) to '${dir}/evil.csv'`,
    `attach '${dir}/evil.db' as evil`,
    "from glob('/etc/*')",
    'install httpfs',
  ]) {
    await expect(tables.rows(sql), sql).rejects.toMatchObject({ code: 'PERMISSION_DENIED', reason: 'FILE_NOT_ALLOWED' });
  }
  for (const sql of ["set allowed_directories = ['/']", 'set enable_external_access = true', "set memory_limit = '9GB'"]) await expect(tables.run(sql), sql).rejects.toThrow();
  expect(existsSync(join(dir, 'evil.csv'))).toBe(false);
});

it('says what is wrong with a query', async () => {
  await expect(tables.rows('selec 1')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'SQL_INVALID', message: expect.stringContaining('near "selec"') });
  await expect(tables.rows('select delya from (select 1 delay)')).rejects.toMatchObject({ reason: 'SQL_INVALID', message: expect.stringContaining('delya') });
  await expect(tables.rows("select 'x'::int")).rejects.toMatchObject({ reason: 'VALUE_INVALID', message: expect.stringContaining("'x'") });
});

it('stops at its limit of memory and disk, and lives on', async () => {
  const small = await openTables({ memoryLimit: '50MB', tempDir: dir });
  await expect(small.rows('select list(hash(r)) l from range(30000000) t(r)')).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED', reason: 'OUT_OF_MEMORY', metadata: { limit: '50MB' } });
  expect(await small.rows('select 1 x')).toEqual([{ x: 1 }]);
  await small.close();
  const bounded = await openTables({ memoryLimit: '100MB', spillLimit: '20MB', tempDir: dir });
  await expect(bounded.run('create temp table wide as select hash(r) a, hash(r + 1) b, hash(r + 2) c from range(30000000) t(r)')).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED', reason: 'SPILL_FULL' });
  expect(await bounded.rows('select 1 x')).toEqual([{ x: 1 }]);
  await bounded.close();
});

const ENDLESS = 'select count(*) from range(100000000) a, range(100000) b';

it('stops a query that is cancelled, while it runs, waits or has not begun, and lives on', async () => {
  const abort = new AbortController();
  setTimeout(() => abort.abort(new Error('the caller hung up.')), 100);
  const running = tables.run(ENDLESS, { signal: abort.signal });
  const waiting = tables.matrix(ENDLESS, { signal: abort.signal });
  for (const query of [running, waiting]) await expect(query).rejects.toMatchObject({ reason: 'CANCELLED', message: 'The query was cancelled: the caller hung up.' });
  await expect(tables.rows('select 1', [], { signal: AbortSignal.abort() })).rejects.toMatchObject({ reason: 'CANCELLED' });
  expect(await tables.rows('select 1 x')).toEqual([{ x: 1 }]);
});

it('tells how far a query has come', async () => {
  const shares: number[] = [];
  // Now and then DuckDB knows nothing of its progress, so there are several tries.
  for (let turn = 0; turn < 8 && shares.length < 3; turn++) {
    const signal = AbortSignal.timeout(1_500);
    const query = tables.run(`create or replace temp table slow as select a.*, md5(a.origin || b.r::varchar) h from read_parquet('${flights}') a, range(40) b(r)`, { signal, onProgress: (share) => shares.push(share) });
    await expect(query).rejects.toMatchObject({ reason: 'CANCELLED' });
  }
  expect(shares.length).toBeGreaterThanOrEqual(3);
  expect(shares.every((share) => share >= 0 && share <= 1)).toBe(true);
});

it('interrupts what runs when it is closed, clears its spill, and answers no more', async () => {
  const session = await openTables({ tempDir: join(dir, 'spill') });
  const running = session.run(ENDLESS).catch((error: unknown) => error);
  await session.close();
  expect(await running).toMatchObject({ domain: 'tables.millrace' });
  expect(readdirSync(join(dir, 'spill'))).toEqual([]);
  await expect(session.rows('select 1')).rejects.toMatchObject({ reason: 'CLOSED' });
});
