import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { uuidv7 } from '@millrace/core';
import { begun, Changes, createJobTable, defineService, ended, JobDesk, type JobResource, JobStore, PENDING, runProcess } from '@millrace/service';
import { columnTypes, defineMigrations, Leases } from '@millrace/store';
import { z } from 'zod';

/**
 * A service as a process of its own, whose jobs wait for a file and then have an effect. Nothing but the lease keeps an effect from being had twice:
 * it does not look whether the job has ended before. With FIXTURE_FAULT=unfenced not even that. With a FIXTURE_GATE it keeps no end before that file is there.
 */
interface Tables {
  effect: { job: string; instance: string };
}
const config = z.object({ FIXTURE_DIR: z.string(), FIXTURE_FAULT: z.enum(['', 'unfenced']).default(''), FIXTURE_GATE: z.string().default('') });
const ENTRY = new URL('../../jobs/dist/fixtures/endure.job.js', import.meta.url);

const migrations = defineMigrations({
  '0001-jobs': async (db) => {
    await createJobTable(db, 'job');
    await db.schema.createTable('effect').addColumn('job', columnTypes.text, (column) => column.notNull()).addColumn('instance', columnTypes.text, (column) => column.notNull()).execute();
  },
});

let desk: JobDesk<JobResource, object, unknown>;

const counting = defineService<typeof config, Tables>({
  name: 'counting',
  config,
  serves: [],
  migrations,
  module: ({ store, jobs, log, clock, config: { FIXTURE_DIR: dir, FIXTURE_FAULT: fault, FIXTURE_GATE: gate } }) => {
    if (fault === 'unfenced') Leases.prototype.guard = async () => undefined;
    const kept = new JobStore<JobResource>(store, 'job', { lane: ({ subject }) => (subject === '' ? undefined : subject) });
    const become = async (id: string, how: (status: JobResource['status']) => JobResource['status'], effect: boolean): Promise<void> => {
      const found = await kept.find(id);
      if (!found) throw new Error(`There is no job ${id}.`);
      while (effect && gate !== '' && !existsSync(gate)) await sleep(20);
      await kept.save<Tables>({ ...found, status: how(found.status) }, [], async (tx) => {
        if (effect) await tx.insertInto('effect').values({ job: id, instance: String(process.pid) }).execute();
      });
    };
    desk = new JobDesk({
      jobs,
      store: kept,
      changes: new Changes(store.signals),
      entry: ENTRY,
      memoryMb: 500,
      // Far beyond any wrong clock: a job process of this fixture has the right one.
      timeoutMs: 3_600_000,
      order: ({ id, subject }) => ({ name: id, argument: async () => ({ how: 'wait', until: join(dir, `go-${subject}`), ledger: join(dir, 'begun') }) }),
      onBegin: (id) => become(id, (status) => begun(status, clock()), false),
      onResult: (id) => become(id, (status) => ended(status, clock()), true),
      onError: (id, error) => become(id, (status) => ended(status, clock(), error), false),
      onLog: async () => undefined,
      onFault: (job, error) => log.warn({ err: error, job }, 'a fault'),
    });
    return { module: class CountingModule {} };
  },
  routes: (http, _, { store, clock }) => {
    const jobs = new JobStore<JobResource>(store, 'job');
    const laned = new JobStore<JobResource>(store, 'job', { lane: ({ subject }) => (subject === '' ? undefined : subject) });
    http.post<{ Querystring: { lane?: string } }>('/jobs', async ({ query: { lane = '' } }) => {
      const { id } = await laned.create({ id: uuidv7(), subject: lane, status: PENDING, requestId: '', createTime: clock() });
      desk.created();
      return { id };
    });
    http.delete<{ Params: { id: string } }>('/jobs/:id', async ({ params: { id } }) => desk.cancel(id, 'not wanted'));
    http.get<{ Params: { id: string } }>('/jobs/:id', async ({ params: { id } }) => {
      const job = await jobs.find(id);
      return { state: job?.status.state, reason: job?.status.failure?.reason ?? '' };
    });
    http.get('/effects', async () => ({ effects: await store.db.selectFrom('effect').selectAll().execute() }));
  },
  start: () => desk.start(),
  stop: () => desk.close(),
});

await runProcess([counting]);
