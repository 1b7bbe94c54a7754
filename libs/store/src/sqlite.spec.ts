import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { entryUrl } from '@millrace/core';
import { sql } from 'kysely';
import { afterAll, expect, it } from 'vitest';
import { crashMigrations, type CrashTables } from './crash-writer.fixture.js';
import { openStore, type Store } from './index.js';
import { mountSmallDisk } from './small-disk.fixture.js';
import { eventOf, modelMigrations, modelRow, type ModelTables } from './store.suite.js';

const root = mkdtempSync(join(tmpdir(), 'millrace-sqlite-'));
afterAll(() => rm(root, { recursive: true }));
let count = 0;
const freshFile = (): string => join(root, `${++count}.db`);
const open = (file: string): Promise<Store<ModelTables>> => openStore<ModelTables>({ file, migrations: modelMigrations });

it('fsyncs every commit, writes ahead, and enforces foreign keys', async () => {
  const store = await open(freshFile());
  const pragma = async (name: string): Promise<unknown> => Object.values((await sql.raw<Record<string, unknown>>(`pragma ${name}`).execute(store.db)).rows[0] ?? {})[0];
  expect([await pragma('journal_mode'), await pragma('synchronous'), await pragma('foreign_keys')]).toEqual(['wal', 2, 1]);
  await store.close();
});

it('lets readers go on, and see the last commit, while a transaction is open', async () => {
  const store = await open(freshFile());
  const opened = Promise.withResolvers<void>();
  const read = Promise.withResolvers<void>();
  const writing = store.write(async (tx) => {
    await tx.insertInto('models').values(modelRow('a')).execute();
    opened.resolve();
    await read.promise;
  });
  await opened.promise;
  const seenMeanwhile = await store.db.selectFrom('models').select('name').execute();
  read.resolve();
  await writing;
  expect(seenMeanwhile).toEqual([]);
  expect(await store.db.selectFrom('models').select('name').execute()).toEqual([{ name: 'a' }]);
  await store.close();
});

it('keeps a store in memory for specs', async () => {
  const [one, other] = [await open(':memory:'), await open(':memory:')];
  await one.write(async (tx, emit) => {
    await tx.insertInto('models').values(modelRow('a')).execute();
    emit(eventOf('a'));
  });
  expect([await one.outboxSize(), await other.outboxSize()]).toEqual([1, 0]);
  await Promise.all([one.close(), other.close()]);
});

it('streams many rows in chunks and may be left early', async () => {
  const store = await open(freshFile());
  await store.write(async (tx) => {
    for (let start = 0; start < 1000; start += 100) {
      await tx.insertInto('models').values(Array.from({ length: 100 }, (_, index) => modelRow(`m${start + index}`, { rows: BigInt(start + index) }))).execute();
    }
  });
  const all: bigint[] = [];
  for await (const { rows } of store.db.selectFrom('models').select('rows').orderBy('rows').stream(64)) all.push(rows);
  expect(all).toEqual(Array.from({ length: 1000 }, (_, index) => BigInt(index)));
  for await (const { name } of store.db.selectFrom('models').select('name').orderBy('rows').stream(10)) {
    expect(name).toBe('m0');
    break;
  }
  await store.db.deleteFrom('models').execute();
  await store.close();
});

it('keeps every bit of an integer that an expression or a narrow column holds', async () => {
  const store = await open(freshFile());
  const { rows } = await sql<Record<string, unknown>>`select 9007199254740993 as wide, 9007199254740991 as safe, -9223372036854775808 as least, ${5} / 2 as half, count(*) as n from models`.execute(store.db);
  expect(rows).toEqual([{ wide: 9007199254740993n, safe: 9007199254740991, least: -(2n ** 63n), half: 2, n: 0 }]);
  await store.close();
});

it('refuses values that SQLite would silently change', async () => {
  const store = await open(freshFile());
  await expect(store.db.insertInto('models').values(modelRow('a', { score: NaN })).execute()).rejects.toMatchObject({ reason: 'STORE_BAD_PARAMETER', message: expect.stringContaining('NaN') as string });
  const object = { auc: 1 } as unknown as string;
  await expect(store.db.insertInto('models').values(modelRow('a', { metrics: object })).execute()).rejects.toMatchObject({ reason: 'STORE_BAD_PARAMETER', message: expect.stringContaining('canonicalJson') as string });
  await store.close();
});

it('undoes a transaction that a failing statement ended, and works on', async () => {
  const store = await open(freshFile());
  const failing = store.write(async (tx) => {
    await tx.insertInto('models').values(modelRow('a')).execute();
    await sql`insert into nowhere values (1)`.execute(tx);
  });
  await expect(failing).rejects.toMatchObject({ code: 'INTERNAL', reason: 'QUERY_FAILED', message: expect.stringContaining('nowhere') as string });
  await store.write(async (tx) => void (await tx.insertInto('models').values(modelRow('b')).execute()));
  expect(await store.db.selectFrom('models').select('name').execute()).toEqual([{ name: 'b' }]);
  await store.close();
});

it('says RESOURCE_EXHAUSTED when the file may not grow, and keeps all that was acknowledged', async () => {
  const store = await open(freshFile());
  await sql`pragma max_page_count = 60`.execute(store.db);
  const { acked, failure } = await fillUp(store);
  expect(failure).toMatchObject({ code: 'RESOURCE_EXHAUSTED', reason: 'STORE_FULL' });
  expect(await store.db.selectFrom('models').select(({ fn }) => fn.countAll<number>().as('n')).executeTakeFirst()).toEqual({ n: acked });
  await sql`pragma max_page_count = 100000`.execute(store.db);
  await store.write(async (tx) => void (await tx.insertInto('models').values(modelRow('room again', { rows: -1n })).execute()));
  await store.close();
});

const disk = mountSmallDisk(1024);
afterAll(() => disk?.unmount());
it.skipIf(!disk)('says RESOURCE_EXHAUSTED on a full disk, keeps all that was acknowledged, and goes on when there is room', async () => {
  const file = join(disk?.path ?? '', 'small.db');
  const store = await open(file);
  writeFileSync(join(disk?.path ?? '', 'ballast'), new Uint8Array(300_000));
  const { acked, failure } = await fillUp(store);
  expect(failure).toMatchObject({ code: 'RESOURCE_EXHAUSTED', reason: 'STORE_FULL' });
  expect(await store.db.selectFrom('models').select(({ fn }) => fn.countAll<number>().as('n')).executeTakeFirst()).toEqual({ n: acked });
  await rm(join(disk?.path ?? '', 'ballast'));
  await store.write(async (tx) => void (await tx.insertInto('models').values(modelRow('room again', { rows: -1n })).execute()));
  await store.close();
  expect(integrityOf(file)).toBe('ok');
});

it('says UNAVAILABLE while another process holds the file', async () => {
  const file = freshFile();
  const store = await open(file);
  const other = new DatabaseSync(file);
  other.exec('begin immediate');
  const refused = await store.write(async (tx) => void (await tx.insertInto('models').values(modelRow('a')).execute())).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'UNAVAILABLE', reason: 'STORE_BUSY', retryable: true });
  other.exec('rollback');
  other.close();
  await store.write(async (tx) => void (await tx.insertInto('models').values(modelRow('a')).execute()));
  await store.close();
});

it('names a file that is no database, is damaged, or cannot be opened', async () => {
  const noDatabase = freshFile();
  writeFileSync(noDatabase, 'this is a text file that is long enough to be taken for a database header of one hundred bytes or more, truly.');
  await expect(open(noDatabase)).rejects.toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'STORE_CORRUPT', metadata: { file: noDatabase } });
  const damaged = freshFile();
  await (await open(damaged)).close();
  const bytes = readFileSync(damaged);
  writeFileSync(damaged, bytes.fill(0xab, 4096, bytes.length));
  await expect(open(damaged)).rejects.toMatchObject({ reason: 'STORE_CORRUPT' });
  const directory = freshFile();
  mkdirSync(directory);
  await expect(open(directory)).rejects.toMatchObject({ reason: 'STORE_UNREADABLE', metadata: { file: directory } });
});

it('refuses work after it was closed', async () => {
  const store = await open(freshFile());
  await store.close();
  await expect(store.db.selectFrom('models').selectAll().execute()).rejects.toThrow('destroyed');
});

it('loses nothing that it acknowledged when its process is killed', { timeout: 60_000 }, async () => {
  const file = freshFile();
  const acked = new Set<string>();
  for (let round = 0; round < 5; round++) {
    for (const id of await runUntilKilled(file, `r${round}`, 21 + Math.floor(Math.random() * 100))) acked.add(id);
    expect(integrityOf(file)).toBe('ok');
  }
  const store = await openStore<CrashTables>({ file, migrations: crashMigrations });
  const kept = new Set((await store.db.selectFrom('changes').select('id').execute()).map((row) => row.id));
  expect(acked.size).toBeGreaterThan(100);
  expect([...acked].filter((id) => !kept.has(id))).toEqual([]);
  const shipped: string[] = [];
  await store.relay(async (records) => void shipped.push(...records.map((record) => record.key))).idle();
  expect(new Set(shipped)).toEqual(kept);
  expect(shipped.length).toBe(kept.size);
  await store.close();
  expect(statSync(file).size).toBeGreaterThan(0);
});

it('would notice a loss: a writer that acknowledges before its commit is found out', { timeout: 60_000 }, async () => {
  const file = freshFile();
  let lost = 0;
  for (let round = 0; round < 10 && lost === 0; round++) {
    const acked = await runUntilKilled(file, `r${round}`, 5 + Math.floor(Math.random() * 20), 'early');
    const store = await openStore<CrashTables>({ file, migrations: crashMigrations });
    const kept = new Set((await store.db.selectFrom('changes').select('id').execute()).map((row) => row.id));
    lost += acked.filter((id) => !kept.has(id)).length;
    await store.close();
  }
  expect(lost).toBeGreaterThan(0);
});

async function fillUp(store: Store<ModelTables>): Promise<{ readonly acked: number; readonly failure: unknown }> {
  for (let acked = 0; ; acked++) {
    try {
      await store.write(async (tx, emit) => {
        await tx.insertInto('models').values(modelRow(`m${acked}`, { rows: BigInt(acked), digest: new Uint8Array(5_000) })).execute();
        emit(eventOf('k', 'x'.repeat(1_000)));
      });
    } catch (failure) {
      return { acked, failure };
    }
  }
}

/** Lets a child write and kills it a moment after its first acknowledgement; gives what it acknowledged. */
/** A kill comes so long after its line at most, to meet the next write wherever it is. */
const MID_WRITE_MS = 5;

function runUntilKilled(file: string, prefix: string, afterLines: number, ...fault: readonly string[]): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [fileURLToPath(entryUrl(import.meta.url, './crash-writer.fixture.js')), file, prefix, ...fault], { stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    let lines = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      const before = lines;
      out += chunk.toString();
      lines = out.split('\n').length - 1;
      // After a count and not a time: a busy machine must not decide how much was acknowledged.
      if (before < afterLines && lines >= afterLines) setTimeout(() => child.kill('SIGKILL'), Math.random() * MID_WRITE_MS);
    });
    child.on('error', reject);
    child.on('close', () => resolve(out.split('\n').slice(0, -1)));
  });
}

function integrityOf(file: string): unknown {
  const database = new DatabaseSync(file);
  const row = database.prepare('pragma integrity_check').get();
  database.close();
  return row?.['integrity_check'];
}
