import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { entryUrl, type EventRecord } from '@millrace/core';
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CrashTables, crashMigrations } from './crash-writer.fixture.js';
import { type Migrations, openStore, type Store } from './index.js';
import { leasesSuite } from './leases.suite.js';
import { eventOf, modelMigrations, modelRow, type ModelTables, storeSuite } from './store.suite.js';

const url = process.env['MILLRACE_TEST_POSTGRES'] ?? '';
const run = `t${process.pid}`;
let admin: pg.Client;
const schemas = new Set<string>();
let next = 0;

beforeAll(async () => {
  if (url === '') throw new Error('MILLRACE_TEST_POSTGRES is not set; run npm run test:cluster, which starts a server.');
  admin = new pg.Client({ connectionString: url });
  await admin.connect();
});
afterAll(async () => {
  for (const schema of schemas) await admin.query(`drop schema if exists ${schema} cascade`);
  await admin.end();
});

const open = <Tables = ModelTables>(place: string, migrations: Migrations = modelMigrations): Promise<Store<Tables>> => {
  const schema = `${run}_${place}`;
  schemas.add(schema);
  return openStore<Tables>({ postgres: { url, schema }, migrations });
};
const fresh = (): string => `x${++next}`;

storeSuite('a store in a PostgreSQL server', open);
leasesSuite('leases in a PostgreSQL server', open);

describe('a line to PostgreSQL that is cut without a word', () => {
  it('gives its connections up after the longest statement, and goes on over new ones', async () => {
    const line = await layLine(new URL(url));
    const schema = `${run}_${fresh()}`;
    schemas.add(schema);
    const store = await openStore<ModelTables>({ postgres: { url: line.url, schema, statementTimeoutMs: 500 }, migrations: modelMigrations });
    const put = (name: string) => store.db.insertInto('models').values(modelRow(name, { rows: BigInt(name.length) })).execute();
    await put('before');
    line.hold();
    await expect(put('into the void')).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: 'STORE_UNREACHABLE' });
    line.forget();
    await put('after');
    expect(await store.db.selectFrom('models').select('name').orderBy('name').execute()).toEqual([{ name: 'after' }, { name: 'before' }]);
    await store.close();
    await line.close();
  });
});

/** A way to a server on which nothing passes, and nothing ends, once it is held; after `forget` new connections pass again, the old ones never. */
async function layLine(to: URL) {
  const sockets: Socket[] = [];
  let held = false;
  const server = createServer((client) => {
    const upstream = connect(Number(to.port), to.hostname);
    if (!held) client.pipe(upstream).pipe(client);
    for (const socket of [client, upstream]) sockets.push(socket.on('error', () => undefined));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const through = new URL(to);
  through.port = String((server.address() as { readonly port: number }).port);
  return {
    url: through.toString(),
    hold(): void {
      held = true;
      for (const socket of sockets) socket.unpipe().pause();
    },
    forget: () => void (held = false),
    close(): Promise<void> {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

describe('several processes on one PostgreSQL', () => {
  it('start together: one of them makes the tables', async () => {
    const place = fresh();
    const stores = await Promise.all(Array.from({ length: 6 }, () => open(place)));
    await Promise.all(stores.map((store, i) => store.db.insertInto('models').values(modelRow(`m${i}`, { rows: BigInt(i) })).execute()));
    expect(await stores[0]?.db.selectFrom('models').select('name').execute()).toHaveLength(6);
    await Promise.all(stores.map((store) => store.close()));
  });

  it('change the same row as if one after the other', async () => {
    const place = fresh();
    const stores = await Promise.all([open(place), open(place), open(place)]);
    await stores[0]?.db.insertInto('models').values(modelRow('count', { revision: 0 })).execute();
    const add = (store: Store<ModelTables>): Promise<void> =>
      store.write(async (tx) => {
        const { revision } = await tx.selectFrom('models').select('revision').where('name', '=', 'count').executeTakeFirstOrThrow();
        await tx.updateTable('models').set({ revision: revision + 1 }).where('name', '=', 'count').execute();
      });
    await Promise.all(stores.flatMap((store) => Array.from({ length: 10 }, () => add(store))));
    expect(await stores[0]?.db.selectFrom('models').select('revision').executeTakeFirst()).toEqual({ revision: 30 });
    await Promise.all(stores.map((store) => store.close()));
  });

  it('tell who ships of every change at once, whoever made it', async () => {
    const place = fresh();
    const stores = await Promise.all([open(place), open(place)]);
    const shipped: string[] = [];
    // Only what it is told makes it look before the spec gives up.
    const relay = stores[0]?.relay(async (records) => void shipped.push(...records.map(({ key }) => key)), { pollMs: 3_600_000 });
    await relay?.idle();
    for (const key of ['a', 'b', 'c']) {
      await stores[1]?.write(async (_, emit) => emit(eventOf(key)));
      await expect.poll(() => shipped.at(-1), { timeout: 20_000 }).toBe(key);
    }
    await Promise.all(Array.from({ length: 50 }, (_, i) => stores[1]?.write(async (_, emit) => emit(eventOf(`k${i}`)))));
    await expect.poll(() => shipped.length, { timeout: 20_000 }).toBe(53);
    await Promise.all(stores.map((store) => store.close()));
  });

  it('ship one outbox in order, one of them at a time, and the next takes over', async () => {
    const place = fresh();
    const stores = await Promise.all([open(place), open(place)]);
    const shipped: { by: number; id: string }[] = [];
    const relays = stores.map((store, by) => store.relay(async (records) => void shipped.push(...records.map(({ headers }) => ({ by, id: headers['ce_id'] ?? '' })))));
    await sleep(300);
    for (let i = 0; i < 40; i++) await stores[i % 2]?.write(async (_, emit) => emit(eventOf('k', String(i))));
    await Promise.all(relays.map((relay) => relay.idle()));
    expect(shipped.map(({ id }) => id)).toEqual(Array.from({ length: 40 }, (_, i) => `k-${i}`));
    const [first = 0] = shipped.map(({ by }) => by);
    expect(new Set(shipped.map(({ by }) => by))).toEqual(new Set([first]));
    await relays[first]?.stop();
    await stores[first]?.write(async (_, emit) => emit(eventOf('k', 'after')));
    await relays[1 - first]?.idle();
    expect(shipped.at(-1)).toEqual({ by: 1 - first, id: 'k-after' });
    await Promise.all(stores.map((store) => store.close()));
  });

  it('keep the order of each key, however their transactions overlap', async () => {
    const place = fresh();
    const stores = await Promise.all([open(place), open(place), open(place)]);
    await stores[0]?.db.insertInto('models').values([modelRow('a', { revision: 0, rows: 1n }), modelRow('b', { revision: 0, rows: 2n })]).execute();
    // The number in the event is the number that the transaction gave the row.
    const bump = (store: Store<ModelTables>, name: string): Promise<void> =>
      store.write(async (tx, emit) => {
        const { revision } = await tx.updateTable('models').set(({ eb }) => ({ revision: eb('revision', '+', 1) })).where('name', '=', name).returning('revision').executeTakeFirstOrThrow();
        emit(eventOf(name, String(revision)));
      });
    const shipped: EventRecord[] = [];
    const relay = stores[1]?.relay(async (records) => void shipped.push(...records));
    await Promise.all(stores.flatMap((store) => Array.from({ length: 25 }, (_, i) => bump(store, i % 2 === 0 ? 'a' : 'b'))));
    await relay?.idle();
    for (const name of ['a', 'b']) {
      const order = shipped.filter(({ key }) => key === name).map(({ headers }) => Number((headers['ce_id'] ?? '').split('-')[1]));
      expect(order).toEqual(Array.from({ length: order.length }, (_, i) => i + 1));
    }
    expect(shipped).toHaveLength(75);
    await Promise.all(stores.map((store) => store.close()));
  });

  it('have the effect of an event once, also when two of them hear of it at the same time', async () => {
    const place = fresh();
    const stores = await Promise.all([open(place), open(place), open(place)]);
    let effects = 0;
    const outcomes = await Promise.all(
      stores.map((store) =>
        store.once('x', 'event-1', async (tx) => {
          await tx.insertInto('models').values(modelRow(`model-${effects++}`)).execute();
        }),
      ),
    );
    expect(outcomes.filter(Boolean)).toHaveLength(1);
    expect(await stores[0]?.db.selectFrom('models').select('name').execute()).toHaveLength(1);
    await Promise.all(stores.map((store) => store.close()));
  });
});

describe('a PostgreSQL that goes away', () => {
  it('is UNAVAILABLE for a while, and the same store goes on afterwards', async () => {
    const place = fresh();
    const store = await open(place);
    await store.db.insertInto('models').values(modelRow('a')).execute();
    const running = store.write(async (tx) => {
      await tx.insertInto('models').values(modelRow('b', { rows: 9n })).execute();
      const { rowCount } = await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1', [`millrace ${run}_${place}`]);
      expect(rowCount).toBeGreaterThan(0);
      await tx.insertInto('models').values(modelRow('c', { rows: 10n })).execute();
    });
    await expect(running).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: 'STORE_UNREACHABLE', retryable: true });
    expect(await store.db.selectFrom('models').select('name').execute()).toEqual([{ name: 'a' }]);
    await store.close();
  });

  it('says that nothing listens, that the password is wrong, and that a statement took too long', async () => {
    const at = (change: (parts: URL) => void): string => {
      const parts = new URL(url);
      change(parts);
      return parts.toString();
    };
    const nobody = openStore({ postgres: { url: at((parts) => (parts.port = '1')), schema: 'nobody' }, migrations: {} });
    await expect(nobody).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: 'STORE_UNREACHABLE' });
    const unknown = openStore({ postgres: { url: at((parts) => (parts.pathname = '/no_such_database')), schema: 'unknown' }, migrations: {} });
    await expect(unknown).rejects.toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'STORE_REFUSED' });
    const schema = `${run}_${fresh()}`;
    schemas.add(schema);
    const hasty = await openStore<ModelTables>({ postgres: { url, schema, statementTimeoutMs: 200 }, migrations: modelMigrations });
    await expect(sql`select pg_sleep(5)`.execute(hasty.db)).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED', reason: 'STORE_TIMEOUT' });
    await hasty.close();
  });
});

describe('a process that is killed while it writes to PostgreSQL', () => {
  it('has kept whatever it acknowledged, and lets the next one ship it', async () => {
    const schema = `${run}_${fresh()}`;
    schemas.add(schema);
    const writer = spawn(process.execPath, [fileURLToPath(entryUrl(import.meta.url, './crash-writer.fixture.js')), `${url}#${schema}`, 'w'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const acknowledged: string[] = [];
    for await (const line of createInterface({ input: writer.stdout })) {
      acknowledged.push(line);
      if (acknowledged.length === 100) writer.kill('SIGKILL');
    }
    const store = await openStore<CrashTables>({ postgres: { url, schema }, migrations: crashMigrations });
    const shipped: string[] = [];
    const relay = store.relay(async (records) => void shipped.push(...records.map(({ key }) => key)));
    await expect.poll(() => store.outboxSize(), { timeout: 10_000 }).toBe(0);
    await relay.stop();
    const kept = (await store.db.selectFrom('changes').select('id').execute()).map(({ id }) => id);
    expect(acknowledged.length).toBeGreaterThanOrEqual(100);
    expect(acknowledged.filter((id) => !kept.includes(id))).toEqual([]);
    expect(shipped.toSorted()).toEqual(kept.toSorted());
    await store.close();
  }, 30_000);
});
