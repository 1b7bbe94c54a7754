import { AppError, canonicalJson, type EventRecord, parseCanonicalJson } from '@millrace/core';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { columnTypes, defineMigrations, expectOneRow, isUniqueViolation, type Migrations, type Store } from './index.js';

export interface ModelTables {
  models: { name: string; revision: number; rows: bigint; live: boolean; create_time: Date; metrics: string; score: number; digest: Uint8Array | null };
}

export const modelMigrations = defineMigrations({
  '0001-models': async (db) => {
    await db.schema
      .createTable('models')
      .addColumn('name', columnTypes.text, (column) => column.primaryKey())
      .addColumn('revision', columnTypes.int32, (column) => column.notNull())
      .addColumn('rows', columnTypes.int64, (column) => column.notNull())
      .addColumn('live', columnTypes.boolean, (column) => column.notNull())
      .addColumn('create_time', columnTypes.timestamp, (column) => column.notNull())
      .addColumn('metrics', columnTypes.json, (column) => column.notNull())
      .addColumn('score', columnTypes.float64, (column) => column.notNull())
      .addColumn('digest', columnTypes.bytes)
      .execute();
    await sql`create unique index models_one_live on models (score) where live`.execute(db);
    await db.schema.createIndex('models_rows').on('models').columns(['rows', 'revision']).unique().execute();
  },
});

export const modelRow = (name: string, over: Partial<ModelTables['models']> = {}): ModelTables['models'] => ({
  name,
  revision: 1,
  rows: BigInt(name.length * 1000 + (name.codePointAt(0) ?? 0)),
  live: false,
  create_time: new Date('2001-04-01T12:30:00.123Z'),
  metrics: canonicalJson({ auc: 0.7 }),
  score: 0.1,
  digest: null,
  ...over,
});

export const eventOf = (key: string, note = ''): EventRecord => ({ topic: 'millrace.registry.v1', key, value: new TextEncoder().encode(`${key}${note}`), headers: { ce_id: `${key}-${note}`, 'ce_note': 'ünï' } });

const stale = new AppError('ABORTED', 'test', 'STALE', 'stale');

/** What every home of a store promises; `open` gives a store of its own for each `place`. */
export function storeSuite(title: string, open: <Tables>(place: string, migrations: Migrations) => Promise<Store<Tables>>): void {
  let place = 0;
  const fresh = (): Promise<Store<ModelTables>> => open<ModelTables>(`p${++place}`, modelMigrations);

  describe(title, () => {
    it('gives every value back as it was written', async () => {
      const store = await fresh();
      const row = modelRow('a', { rows: 2n ** 63n - 1n, live: true, metrics: canonicalJson({ n: 2n ** 60n, f: -0, text: '€"\\' }), score: 5e-324, digest: new Uint8Array([0, 255, 1]) });
      await store.db.insertInto('models').values(row).execute();
      const read = await store.db.selectFrom('models').selectAll().executeTakeFirstOrThrow();
      expect({ ...read, digest: Uint8Array.from(read.digest ?? []) }).toEqual(row);
      expect(parseCanonicalJson(read.metrics)).toEqual({ n: 2n ** 60n, f: -0, text: '€"\\' });
      const small = await store.db.insertInto('models').values(modelRow('b', { rows: 7n })).returning(['rows', 'live', 'create_time', 'digest']).executeTakeFirst();
      expect(small).toEqual({ rows: 7n, live: false, create_time: modelRow('b').create_time, digest: null });
      expect(await store.db.selectFrom('models').select('name').where('create_time', '<=', new Date('2001-04-01T12:30:00.123Z')).where('live', '=', true).execute()).toEqual([{ name: 'a' }]);
      await store.close();
    });

    it('keeps rows and events together or not at all', async () => {
      const store = await fresh();
      await store.write(async (tx, emit) => {
        emit(eventOf('a', '1'));
        await tx.insertInto('models').values(modelRow('a')).execute();
        emit(eventOf('a', '2'));
      });
      const failing = store.write(async (tx, emit) => {
        await tx.insertInto('models').values(modelRow('b')).execute();
        emit(eventOf('b'));
        throw stale;
      });
      await expect(failing).rejects.toBe(stale);
      expect(await store.db.selectFrom('models').select('name').execute()).toEqual([{ name: 'a' }]);
      expect(await store.outboxSize()).toBe(2);
      await store.close();
    });

    it('ships events in the order they were emitted, also those of a process that ended before', async () => {
      const store = await fresh();
      for (let change = 0; change < 5; change++) await store.write(async (_, emit) => [1, 2, 3].forEach((note) => emit(eventOf('k', `${change}.${note}`))));
      const shipped: EventRecord[] = [];
      const relay = store.relay(async (records) => void shipped.push(...records), { batch: 4 });
      await store.write(async (_, emit) => emit(eventOf('k', 'last')));
      await relay.idle();
      expect(shipped.map((record) => record.headers['ce_id'])).toEqual([...[0, 1, 2, 3, 4].flatMap((change) => [1, 2, 3].map((note) => `k-${change}.${note}`)), 'k-last']);
      expect({ ...shipped[0], value: Uint8Array.from(shipped[0]?.value ?? []) }).toEqual(eventOf('k', '0.1'));
      expect(await store.outboxSize()).toBe(0);
      await store.close();
    });

    it('says how much waits for the bus, and since when', async () => {
      const store = await fresh();
      expect(await store.outboxLag()).toEqual({ records: 0, oldest: undefined });
      const timed = (time: string): EventRecord => ({ ...eventOf('a', time), headers: { ce_time: time } });
      for (const time of ['2001-05-01T00:00:00.123Z', '2001-05-02T00:00:00Z']) await store.write(async (_, emit) => emit(timed(time)));
      expect(await store.outboxLag()).toEqual({ records: 2, oldest: new Date('2001-05-01T00:00:00.123Z') });
      await store.relay(async () => {}).idle();
      expect(await store.outboxLag()).toEqual({ records: 0, oldest: undefined });
      await store.close();
    });

    it('ships the same events again when the bus fails, and loses none', async () => {
      const store = await fresh();
      const seen: string[] = [];
      const failures: unknown[] = [];
      let outages = 2;
      const relay = store.relay(
        async (records) => {
          if (outages-- > 0) throw stale;
          seen.push(...records.map((record) => record.key));
        },
        { onError: (error) => failures.push(error) },
      );
      for (const key of ['a', 'b', 'c']) await store.write(async (_, emit) => emit(eventOf(key)));
      await relay.idle();
      expect(seen).toEqual(['a', 'b', 'c']);
      expect(failures).toEqual([stale, stale]);
      expect(() => store.relay(async () => {})).toThrow('already has a relay');
      await relay.stop();
      await store.write(async (_, emit) => emit(eventOf('d')));
      expect(await store.outboxSize()).toBe(1);
      await store.close();
    });

    it('has the effect of an event once per consumer, however often and however parallel it comes', async () => {
      const store = await fresh();
      const effect = (consumer: string): Promise<boolean> =>
        store.once(consumer, 'event-1', async (tx, emit) => {
          await tx.insertInto('models').values(modelRow(`${consumer}-model`)).execute();
          emit(eventOf(consumer));
        });
      expect((await Promise.all([effect('x'), effect('x'), effect('yy')])).sort()).toEqual([false, true, true]);
      expect(await store.outboxSize()).toBe(2);
      await store.close();
    });

    it('forgets an event whose effect failed, so that it may come again', async () => {
      const store = await fresh();
      await expect(store.once('x', 'event-1', async () => Promise.reject(stale))).rejects.toBe(stale);
      expect(await store.once('x', 'event-1', async () => {})).toBe(true);
      await store.close();
    });

    it('refuses the second of two changes to the same revision', async () => {
      const store = await fresh();
      await store.db.insertInto('models').values(modelRow('a')).execute();
      const change = (): Promise<void> =>
        store.write(async (tx) => expectOneRow(await tx.updateTable('models').set({ revision: 2 }).where('name', '=', 'a').where('revision', '=', 1).executeTakeFirstOrThrow(), stale));
      const outcomes = await Promise.allSettled([change(), change()]);
      expect(outcomes.map((outcome) => outcome.status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(() => expectOneRow([], stale)).toThrow(stale);
      expectOneRow(await store.db.deleteFrom('models').where('name', '=', 'a').executeTakeFirstOrThrow(), stale);
      await store.close();
    });

    it('names the unique index that a row breaks', async () => {
      const store = await fresh();
      await store.db.insertInto('models').values(modelRow('a', { live: true, rows: 1n })).execute();
      const insert = (row: ModelTables['models']): Promise<unknown> => store.db.insertInto('models').values(row).execute().then(() => undefined, (error: unknown) => error);
      const [sameName, sameLive, sameRows] = [await insert(modelRow('a', { rows: 2n })), await insert(modelRow('b', { live: true, rows: 3n })), await insert(modelRow('c', { rows: 1n }))];
      expect(isUniqueViolation(sameName, 'models_pkey')).toBe(true);
      expect(isUniqueViolation(sameName, 'models_rows')).toBe(false);
      expect(isUniqueViolation(sameLive, 'models_one_live')).toBe(true);
      expect(isUniqueViolation(sameRows, 'models_rows')).toBe(true);
      expect(isUniqueViolation(sameRows)).toBe(true);
      expect(isUniqueViolation(stale)).toBe(false);
      await store.close();
    });

    it('applies each migration once and goes forward only', async () => {
      const home = `p${++place}`;
      const first = await open<ModelTables>(home, modelMigrations);
      await first.db.insertInto('models').values(modelRow('a')).execute();
      await first.close();
      const more = defineMigrations({
        ...modelMigrations,
        '0002-labels': async (db) => {
          await db.schema.alterTable('models').addColumn('label', columnTypes.text).execute();
          await db.updateTable('models').set({ label: 'old' }).execute();
        },
      });
      const second = await open<{ models: ModelTables['models'] & { label: string } }>(home, more);
      expect(await second.db.selectFrom('models').select(['name', 'label']).execute()).toEqual([{ name: 'a', label: 'old' }]);
      await second.close();
      await expect(open(home, defineMigrations({ ...more, '0001-a-late-one': async () => {} }))).rejects.toMatchObject({ reason: 'STORE_MIGRATION_ORDER', metadata: { name: '0001-a-late-one', applied: '0002-labels' } });
    });

    it('lets the former release go on over what a newer one has added, and refuses it once that took something away', async () => {
      const home = `p${++place}`;
      const expanded = defineMigrations({ ...modelMigrations, '0002-owner': async (db) => db.schema.alterTable('models').addColumn('owner', columnTypes.text).execute() });
      const newer = await open<{ models: ModelTables['models'] & { owner: string | null } }>(home, expanded);
      await newer.db.insertInto('models').values({ ...modelRow('new'), owner: 'us' }).execute();
      await newer.close();
      const former = await open<ModelTables>(home, modelMigrations);
      await former.db.insertInto('models').values(modelRow('old', { rows: 7n })).execute();
      expect(await former.db.selectFrom('models').select('name').orderBy('name').execute()).toEqual([{ name: 'new' }, { name: 'old' }]);
      await former.close();
      const contracted = defineMigrations({ ...expanded, '0003-contract-rows': async (db) => db.schema.alterTable('models').dropColumn('owner').execute() });
      await (await open(home, contracted)).close();
      await expect(open(home, modelMigrations)).rejects.toMatchObject({ reason: 'STORE_NEWER', metadata: { names: '0002-owner, 0003-contract-rows' } });
    });

    it('leaves nothing of a failing migration behind', async () => {
      const home = `p${++place}`;
      const broken = defineMigrations({
        ...modelMigrations,
        '0002-broken': async (db) => {
          await db.schema.createTable('half').addColumn('x', columnTypes.text).execute();
          await sql`insert into nowhere values (1)`.execute(db);
        },
      });
      await expect(open(home, broken)).rejects.toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'STORE_MIGRATION_FAILED', message: expect.stringContaining('nowhere') as string });
      const mended = await open<ModelTables & { half: { y: string } }>(home, defineMigrations({ ...modelMigrations, '0002-broken': async (db) => db.schema.createTable('half').addColumn('y', columnTypes.text).execute() }));
      expect(await mended.db.selectFrom('half').select('y').execute()).toEqual([]);
      await mended.close();
      expect(() => defineMigrations({ 'first': async () => {} })).toThrow('0001-models');
    });

    it('refuses to use the store around its own transaction, which would wait for itself', async () => {
      const store = await fresh();
      await expect(store.write(async () => store.write(async () => {}))).rejects.toMatchObject({ reason: 'STORE_NESTED' });
      let later: Promise<void> = Promise.resolve();
      await store.write(async () => {
        later = new Promise((resolve) => setTimeout(resolve, 5)).then(async () => store.write(async () => {}));
      });
      await expect(later).resolves.toBeUndefined();
      await store.close();
    });

    it('runs transactions one after the other', async () => {
      const store = await fresh();
      await store.db.insertInto('models').values(modelRow('count', { revision: 0 })).execute();
      await Promise.all(
        Array.from({ length: 20 }, () =>
          store.write(async (tx) => {
            const { revision } = await tx.selectFrom('models').select('revision').where('name', '=', 'count').executeTakeFirstOrThrow();
            await tx.updateTable('models').set({ revision: revision + 1 }).where('name', '=', 'count').execute();
          }),
        ),
      );
      expect(await store.db.selectFrom('models').select('revision').executeTakeFirst()).toEqual({ revision: 20 });
      await store.close();
    });
  });
}
