import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Partitioning_By } from '@millrace/contracts/millrace/ingestion/v1/contract';
import { IngestionRun_Mode } from '@millrace/contracts/millrace/ingestion/v1/ingestion_run';
import { openTables } from '@millrace/tables';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { contractOf, countsOf, faultOf, type Ingestion, startIngestion } from '../ingestion.fixture.js';

const SPEC_MS = 120_000;
const REGION = 'us-east-1';
const BUCKET = `sources-${process.pid}`;
const DATABASE = `sources_${process.pid}`;
const VARIABLE = 'MILLRACE_SOURCE_WAREHOUSE';
const WRONG = 'MILLRACE_SOURCE_LOCKED';

let ingestion: Ingestion;
let client: S3Client;
let database: pg.Client;
beforeAll(async () => {
  const { MILLRACE_TEST_S3: s3, MILLRACE_TEST_POSTGRES: postgres } = process.env;
  if (s3 === undefined || postgres === undefined) throw new Error('The servers are not named; run npm run test:cluster, which starts them.');
  const { username, password, host } = new URL(s3);
  const endpoint = `http://${host}`;
  client = new S3Client({ region: REGION, endpoint, forcePathStyle: true, credentials: { accessKeyId: username, secretAccessKey: password } });
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const admin = new pg.Client({ connectionString: postgres });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${DATABASE}`).finally(() => admin.end());
  const url = new URL(postgres);
  url.pathname = `/${DATABASE}`;
  database = new pg.Client({ connectionString: url.toString() });
  await database.connect();
  const locked = new URL(url);
  locked.username = 'nobody';
  locked.password = 'open-sesame';
  const secrets = { AWS_ACCESS_KEY_ID: username, AWS_SECRET_ACCESS_KEY: password, [VARIABLE]: url.toString(), [WRONG]: locked.toString() };
  // Jobs see these of their parent.
  Object.assign(process.env, secrets);
  ingestion = await startIngestion({ ...secrets, MILLRACE_SOURCE_BUCKETS: `${BUCKET}/raw,gone-${BUCKET}`, MILLRACE_SOURCE_S3_ENDPOINT: endpoint, MILLRACE_SOURCE_CONNECTIONS: `${VARIABLE}, ${WRONG}, MILLRACE_SOURCE_UNSET, PATH` });
}, SPEC_MS);
afterAll(async () => {
  await ingestion.close();
  await database.end();
  client.destroy();
}, SPEC_MS);

const put = (key: string, body: string | Uint8Array) => client.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: body }));
const read = async (source: object, more: { readonly contract?: object; readonly dataset?: string; readonly mode?: IngestionRun_Mode } = {}) => ingestion.ended(await ingestion.create('', { ...more, source }));
const rowsOf = async (run: { readonly datasetVersion: string }) => ingestion.rows(await ingestion.client.getDatasetVersion({ name: run.datasetVersion }));
const NUMBERS = contractOf({ a: 'INT64', s: 'STRING' });

it('reads every object below a prefix in the order of their keys, of several formats, and names rows by their keys', async () => {
  const copies = () => readdirSync(tmpdir()).filter((name) => name.startsWith('millrace-source-'));
  // A job that was killed here before may have left some.
  const before = copies();
  const path = ingestion.file('c.parquet', '');
  await using tables = await openTables({ allow: [join(path, '..')] });
  await tables.run(`COPY (SELECT 5::BIGINT AS a, 'parquet' AS s) TO '${path}' (FORMAT parquet)`);
  await Promise.all([put('raw/trips/a.csv', 'a,s\n1,x\nzwei,y\n'), put('raw/trips/2001/b.jsonl', '{"a":9007199254740993,"s":"z"}\n'), put('raw/trips/c.parquet', readFileSync(path)), put('raw/trips/readme.txt', 'no data'), put('raw/trips/.hidden.csv', 'a,s\n7,x\n'), put('raw/trips-of-others/d.csv', 'a,s\n8,x\n')]);
  const run = await read({ path: `s3://${BUCKET}/raw/trips` }, { contract: NUMBERS });
  expect(countsOf(run)).toMatchObject({ read: 4, kept: 3, quarantined: 1 });
  expect(await rowsOf(run)).toEqual([{ a: 9007199254740993n, s: 'z' }, { a: 1n, s: 'x' }, { a: 5n, s: 'parquet' }]);
  expect((await ingestion.client.listQuarantinedRows({ parent: run.datasetVersion })).quarantinedRows).toMatchObject([{ file: 'a.csv', row: 2n }]);
  expect(run.source?.path).toBe(`s3://${BUCKET}/raw/trips`);
  // The same content is the same version, wherever it lies.
  const one = await read({ path: `s3://${BUCKET}/raw/trips-of-others/d.csv` }, { contract: NUMBERS });
  const local = await ingestion.ingest('d.csv', 'a,s\n8,x\n', { contract: NUMBERS });
  expect((await ingestion.version(one)).digest).toBe((await ingestion.version(local)).digest);
  expect(copies()).toEqual(before);
}, SPEC_MS);

it('refuses buckets that are not allowed or not there, and prefixes without data', async () => {
  for (const path of ['s3://elsewhere/raw', `s3://${BUCKET}/secret`, `s3://${BUCKET}/raw-other`, `s3://${BUCKET}`]) await expect(ingestion.create('', { source: { path } })).rejects.toMatchObject({ code: 'PERMISSION_DENIED', reason: 'SOURCE_NOT_ALLOWED', message: expect.stringContaining('MILLRACE_SOURCE_BUCKETS') });
  await expect(ingestion.create('', { source: { path: `s3://${BUCKET}/raw/../secret` } })).rejects.toMatchObject({ reason: 'INVALID_SOURCE' });
  expect(faultOf(await read({ path: `s3://gone-${BUCKET}/x` }))).toMatchObject({ state: 'FAILED', reason: 'BUCKET_NOT_FOUND' });
  expect(faultOf(await read({ path: `s3://${BUCKET}/raw/nothing` }))).toMatchObject({ state: 'FAILED', reason: 'SOURCE_EMPTY', message: expect.stringContaining('raw/nothing') });
}, SPEC_MS);

it('reads a table and a query of PostgreSQL through a cursor, and keeps every digit', async () => {
  await database.query(`CREATE TABLE trips (id bigint, at timestamptz, fare double precision, exact numeric, paid boolean, "from" text);
    INSERT INTO trips VALUES (9007199254740993, '2001-01-01 09:30+02', 0.1, 12.50, true, 'a "b", c'), (2, '2001-01-02', 'NaN', NULL, false, NULL);
    INSERT INTO trips SELECT 1000 + n, timestamptz '2001-02-01' + n * interval '1 minute', n / 3.0, n, n % 2 = 0, E'line\\n' || n FROM generate_series(1, 12000) AS n`);
  const contract = contractOf({ id: 'INT64', at: 'TIMESTAMP', fare: 'FLOAT64', exact: 'FLOAT64', paid: 'BOOL', from: 'STRING' });
  const run = await read({ postgres: { connection: VARIABLE, table: 'public.trips' } }, { contract });
  expect(countsOf(run)).toEqual({ read: 12_002, kept: 12_001, duplicates: 0, quarantined: 1, cellsRepaired: 0 });
  const rows = await rowsOf(run);
  expect(rows[0]).toEqual({ id: 9007199254740993n, at: new Date('2001-01-01T07:30:00Z'), fare: 0.1, exact: 12.5, paid: true, from: 'a "b", c' });
  expect(rows.at(-1)).toEqual({ id: 13_000n, at: new Date('2001-02-09T08:00:00Z'), fare: 4000, exact: 12_000, paid: true, from: 'line\n12000' });
  expect((await ingestion.client.listLedgerEntries({ parent: run.datasetVersion })).ledgerEntries).toMatchObject([{ file: `${VARIABLE}: public.trips`, row: 2n, column: 'fare', found: 'NaN', reason: 'not a finite number' }]);
  const query = await read({ postgres: { connection: VARIABLE, query: 'SELECT id AS a, "from" AS s FROM trips WHERE id < 1003 ORDER BY id -- newest last\n;\n' } }, { contract: NUMBERS });
  expect((await rowsOf(query)).map(({ a }) => a)).toEqual([2n, 1001n, 1002n]);
}, SPEC_MS);

it('reads only what is new by an incremental column, and loses no row that shares the largest value', async () => {
  await database.query("CREATE TABLE log (n bigint, at timestamp, s text); INSERT INTO log VALUES (1, '2001-01-01', 'a'), (2, '2001-01-02', 'b')");
  const [dataset, postgres] = ['datasets/log', { connection: VARIABLE, table: 'log', incrementalColumn: 'at' }];
  const contract = contractOf({ n: 'INT64', at: 'TIMESTAMP', s: 'STRING' }, { key: ['n'] });
  expect(countsOf(await read({ postgres }, { dataset, contract }))).toMatchObject({ read: 2, kept: 2 });
  await database.query("INSERT INTO log VALUES (3, '2001-01-02', 'c'), (4, '2001-01-03', 'd')");
  const second = await read({ postgres }, { dataset, contract });
  expect(countsOf(second)).toMatchObject({ read: 3, kept: 2, duplicates: 1 });
  expect((await rowsOf(second)).map(({ s }) => s).join('')).toBe('abcd');
  // Nothing is new: the newest row is read again, and no version is made of it.
  const third = await read({ postgres }, { dataset, contract });
  expect([countsOf(third), third.datasetVersion]).toMatchObject([{ read: 1, kept: 0, duplicates: 1 }, second.datasetVersion]);
}, SPEC_MS);

it('leaves the parts of a table alone that were made before it was killed', async () => {
  const DAYS = 40;
  await database.query(`CREATE TABLE daily (id bigint, at timestamptz); INSERT INTO daily SELECT n, timestamptz '2001-01-01' + n * interval '10 minutes' FROM generate_series(0, ${DAYS * 144 - 1}) AS n`);
  const contract = contractOf({ id: 'INT64', at: 'TIMESTAMP' }, { key: ['id'], partition: { by: Partitioning_By.DAY, column: 'at' } });
  const run = await ingestion.create('', { dataset: 'datasets/pg-daily', source: { postgres: { connection: VARIABLE, table: 'daily', query: '', incrementalColumn: '' } }, contract });
  const parts = (): readonly string[] => ingestion.manifests().filter((name) => name.startsWith(`ingestion-runs/${run.name.split('/')[1] ?? ''}/parts/`)).sort();
  await expect.poll(() => parts().length, { timeout: 60_000, interval: 20 }).toBeGreaterThan(8);
  const jobs = join(ingestion.dataDir, 'ingestion/jobs');
  const [job = ''] = readdirSync(jobs);
  process.kill((JSON.parse(readFileSync(join(jobs, job, 'claim.1.json'), 'utf8')) as { pid: number }).pid, 'SIGKILL');
  const done = parts().map((name) => (name.split('/').at(-1) ?? '').replace('.manifest', ''));
  // Whoever asked the table for them again would find nothing.
  await database.query("DELETE FROM daily WHERE to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD') = ANY($1)", [done]);
  const ended = await ingestion.ended(run);
  expect(faultOf(ended)).toMatchObject({ state: 'SUCCEEDED' });
  expect(ended.partitionsResumed).toBe(done.length);
  expect(countsOf(ended)).toMatchObject({ read: DAYS * 144, kept: DAYS * 144 });
  expect((await ingestion.version(ended)).partitions).toHaveLength(DAYS);
}, SPEC_MS);

it('asks a table for the times that are wanted, and for no others', async () => {
  await database.query("CREATE TABLE spread (n int, at timestamptz); INSERT INTO spread VALUES (1, '2001-01-01 23:59:59.999999+00'), (2, '2001-01-02+00'), (3, '2001-01-02 23:59:59.999999+00'), (4, '2001-01-03+00'), (5, NULL)");
  // Whoever asked for the row of the first day would fail.
  const query = "SELECT n, at, CASE WHEN n = 1 THEN 1 / (n - 1) ELSE n END AS x FROM spread";
  const contract = contractOf({ n: 'INT64', at: 'TIMESTAMP', x: 'INT64' });
  const run = await read({ postgres: { connection: VARIABLE, query }, timeFilter: { column: 'at', from: new Date('2001-01-02'), to: new Date('2001-01-03') } }, { contract });
  expect((await rowsOf(run)).map(({ n }) => n)).toEqual([2n, 3n, 5n]);
}, SPEC_MS);

it('refuses connections that are not allowed, cannot write, and tells no secret', async () => {
  for (const connection of ['HOME', 'PATH', 'MILLRACE_DATABASE_URL', 'MILLRACE_SOURCE_OTHER', '']) await expect(ingestion.create('', { source: { postgres: { connection, table: 'log', query: '', incrementalColumn: '' } } })).rejects.toMatchObject({ code: 'PERMISSION_DENIED', reason: 'SOURCE_NOT_ALLOWED', message: expect.stringContaining('MILLRACE_SOURCE_CONNECTIONS') });
  await expect(ingestion.create('', { source: { postgres: { connection: VARIABLE, table: '', query: '', incrementalColumn: '' } } })).rejects.toMatchObject({ reason: 'INVALID_SOURCE' });
  const failures = [
    [{ connection: WRONG, table: 'log' }, 'SOURCE_UNREACHABLE'],
    [{ connection: 'MILLRACE_SOURCE_UNSET', table: 'log' }, 'INVALID_SOURCE'],
    [{ connection: VARIABLE, table: 'no such; table' }, 'SOURCE_UNREACHABLE'],
    [{ connection: VARIABLE, query: "INSERT INTO log VALUES (9, now(), 'z') RETURNING n" }, 'SOURCE_UNREACHABLE'],
    [{ connection: VARIABLE, query: "SELECT setval('pg_catalog.nothing', 1)" }, 'SOURCE_UNREACHABLE'],
    [{ connection: VARIABLE, query: 'SELECT n FROM log) AS x; COMMIT; DROP TABLE log; --' }, 'SOURCE_UNREACHABLE'],
    [{ connection: VARIABLE, query: 'SELECT n, 1 / (n - 2) AS s FROM log' }, 'SOURCE_UNREACHABLE'],
    [{ connection: VARIABLE, query: 'SELECT n FROM log WHERE false' }, 'SOURCE_EMPTY'],
  ] as const;
  for (const [postgres, reason] of failures) {
    const fault = faultOf(await read({ postgres }));
    expect({ reason: fault.reason, postgres }, fault.message).toEqual({ reason, postgres });
    expect(fault.message).not.toMatch(/open-sesame|postgres(?:ql)?:\/\//);
  }
  expect((await database.query('SELECT count(*)::int AS n FROM log')).rows).toEqual([{ n: 4 }]);
}, SPEC_MS);
