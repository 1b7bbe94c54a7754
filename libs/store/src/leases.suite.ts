import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import type { Store } from './index.js';
import type { LeaseTables } from './lease-table.js';
import { Leases } from './leases.js';
import { modelMigrations, modelRow, type ModelTables } from './store.suite.js';
import type { Migrations } from './index.js';

/** What leases promise where processes share a database; `open` gives a store of its own for each `place`. */
export function leasesSuite(title: string, open: <Tables>(place: string, migrations: Migrations) => Promise<Store<Tables>>): void {
  let place = 0;
  const fresh = async () => {
    const store = await open<ModelTables>(`l${++place}`, modelMigrations);
    const db = store.db as unknown as Store<LeaseTables>['db'];
    const time = { ms: 0 };
    return {
      store,
      time,
      /** A process that shares the database. */
      process: (owner: string) => new Leases(db, { owner, lastsMs: 30_000, monotonic: () => time.ms }),
      /** As if its owner had been silent for so long. */
      runOut: (name: string) => sql`update lease set expire_time = now() - interval '1 millisecond' where name = ${name}`.execute(db),
      rows: () => db.selectFrom('lease').select(['name', 'epoch', 'takeovers']).orderBy('name').execute(),
      /** The same row in a transaction that is fenced. */
      keep: (leases: Leases, name: string, row: string) =>
        store.write(async (tx) => {
          await leases.guard(tx, name);
          await tx.insertInto('models').values(modelRow(row)).execute();
        }),
      kept: async () => (await store.db.selectFrom('models').select('name').orderBy('name').execute()).map(({ name }) => name),
    };
  };

  describe(title, () => {
    it('are held by one, and free for the next when they are given back', async () => {
      const { store, process, rows } = await fresh();
      const [a, b] = [process('a'), process('b')];
      const lease = await a.acquire('job/1');
      expect(lease).toMatchObject({ name: 'job/1', takeovers: 0 });
      expect(await b.acquire('job/1')).toBeUndefined();
      expect(await a.acquire('job/1'), 'nobody holds one twice').toBeUndefined();
      if (lease) await a.release(lease);
      const next = await b.acquire('job/1');
      expect(next?.takeovers, 'what was given back was not taken over').toBe(0);
      expect([a.held, b.held]).toEqual([0, 1]);
      if (next) await b.forget(next);
      expect(await rows()).toEqual([]);
      await store.close();
    });

    it('go to one of many who ask at once', async () => {
      const { store, process } = await fresh();
      const taken = await Promise.all(Array.from({ length: 8 }, (_, i) => process(`p${i}`).acquire('job/1')));
      expect(taken.filter((lease) => lease !== undefined)).toHaveLength(1);
      await store.close();
    });

    it('are taken over when they run out, and each takeover is counted', async () => {
      const { store, process, runOut } = await fresh();
      await process('a').acquire('job/1');
      await runOut('job/1');
      const b = process('b');
      expect(await b.acquire('job/1')).toMatchObject({ takeovers: 1 });
      await runOut('job/1');
      const c = process('c');
      const third = await c.acquire('job/1');
      expect(third).toMatchObject({ takeovers: 2 });
      if (third) await c.release(third);
      expect((await process('d').acquire('job/1'))?.takeovers, 'giving it back does not hide who died before').toBe(2);
      expect([b.takeovers, c.takeovers]).toEqual([1, 1]);
      await store.close();
    });

    it('come back at once to an owner that was started again, as no takeover', async () => {
      const { store, process, rows } = await fresh();
      await process('a').acquire('job/1');
      expect(await process('a').acquire('job/1')).toMatchObject({ takeovers: 0 });
      expect(await rows()).toEqual([{ name: 'job/1', epoch: 2, takeovers: 0 }]);
      await store.close();
    });

    it('keep nothing of an owner that had lost them, and tell it so', async () => {
      const { store, process, runOut, keep, kept } = await fresh();
      const [a, b] = [process('a'), process('b')];
      const lease = await a.acquire('job/1');
      await keep(a, 'job/1', 'first');
      await runOut('job/1');
      await keep(a, 'job/1', 'late but nobody came');
      await b.acquire('job/1');
      await expect(keep(a, 'job/1', 'from the dead')).rejects.toMatchObject({ reason: 'LEASE_LOST', code: 'ABORTED' });
      expect(lease?.lost.aborted).toBe(true);
      expect(lease?.lost.reason).toMatchObject({ reason: 'LEASE_LOST' });
      await keep(b, 'job/1', 'second');
      expect(await kept()).toEqual(['first', 'late but nobody came', 'second']);
      await expect(keep(process('c'), 'job/1', 'from a stranger')).rejects.toMatchObject({ reason: 'LEASE_LOST' });
      await store.close();
    });

    it('keep nothing of the former life of an owner', async () => {
      const { store, process, keep } = await fresh();
      const [before, after] = [process('a'), process('a')];
      await before.acquire('job/1');
      await after.acquire('job/1');
      await expect(keep(before, 'job/1', 'x')).rejects.toMatchObject({ reason: 'LEASE_LOST' });
      await store.close();
    });

    it('live as long as they are renewed, all in one beat', async () => {
      const { store, process, runOut } = await fresh();
      const [a, b] = [process('a'), process('b')];
      const leases = [await a.acquire('job/1'), await a.acquire('job/2'), await a.acquire('job/3')];
      await runOut('job/1');
      await runOut('job/2');
      await runOut('job/3');
      await b.acquire('job/2');
      await a.beat();
      expect(leases.map((lease) => lease?.lost.aborted)).toEqual([false, true, false]);
      expect(await b.acquire('job/1')).toBeUndefined();
      await store.close();
    });

    it('are given up by the own clock before another may take them, unless the holder is patient', async () => {
      const { store, time } = await fresh();
      const db = store.db as unknown as Store<LeaseTables>['db'];
      // Looks at its clock every 10 ms, and that clock stands still until it is moved.
      const deaf = new Leases(db, { owner: 'a', lastsMs: 200, monotonic: () => time.ms });
      const [lease, patient] = [await deaf.acquire('run/1'), await deaf.acquire('job/1', { patient: true })];
      await store.close();
      time.ms = 179;
      await new Promise((resolve) => setTimeout(resolve, 30));
      expect(lease?.lost.aborted).toBe(false);
      time.ms = 181;
      await expect.poll(() => lease?.lost.aborted).toBe(true);
      expect(patient?.lost.aborted).toBe(false);
      await deaf.close();
    });

    it('give one caller in so much time the turn, whoever it was, until it gives it back', async () => {
      const { store, process, runOut } = await fresh();
      const [a, b] = [process('a'), process('b')];
      const turn = await a.period('chore/tidy', 1_000);
      expect(turn).toBeDefined();
      expect([await a.period('chore/tidy', 1_000), await b.period('chore/tidy', 1_000)]).toEqual([undefined, undefined]);
      await turn?.giveBack();
      expect(await b.period('chore/tidy', 1_000)).toBeDefined();
      expect(await a.period('chore/tidy', 1_000)).toBeUndefined();
      await runOut('chore/tidy');
      expect(await a.period('chore/tidy', 1_000)).toBeDefined();
      await store.close();
    });

    it('are forgotten when they ran out long ago', async () => {
      const { store, process, rows } = await fresh();
      const a = process('a');
      await a.acquire('job/1');
      await a.acquire('job/2');
      await sql`update lease set expire_time = now() - interval '31 days' where name = 'job/1'`.execute(store.db);
      await a.sweep();
      expect((await rows()).map(({ name }) => name)).toEqual(['job/2']);
      await store.close();
    });
  });
}
