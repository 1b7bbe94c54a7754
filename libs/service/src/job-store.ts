import { canonicalJson, type EventRecord, type PageRequest, parseCanonicalJson } from '@millrace/core';
import { currentTraceparent } from '@millrace/rpc';
import { columnTypes as types, isSqlite, type Leases, type MigrationDb, type Store } from '@millrace/store';
import { type Kysely, sql, type Transaction } from 'kysely';
import { isFinal, type JobStatus } from './job-status.js';

/** What every job resource has, whatever else it holds. All of it must be sayable by canonicalJson; Dates only where named here. */
export interface JobResource {
  /** UUID version 7, so that ids sort by time. */
  readonly id: string;
  /** What the job is about, for filters: a dataset, a view; may be empty. */
  readonly subject: string;
  readonly status: JobStatus;
  /** Empty when the caller gave none. */
  readonly requestId: string;
  readonly createTime: Date;
}

interface JobRow {
  id: string;
  subject: string;
  state: string;
  request_id: string | null;
  body: string;
  create_time: Date;
  lane: string | null;
  traceparent: string;
  cancel_reason: string | null;
}
type JobDb<Table extends string> = Kysely<Record<Table, JobRow>>;

/** A job that nobody else may work at, until it is let go. */
export interface HeldJob<Resource> {
  readonly resource: Resource;
  /** The trace that it belongs to; empty where it has none. */
  readonly traceparent: string;
  /** Set where somebody wants it to end. */
  readonly cancelReason: string | undefined;
  /** Instances that died while they worked at it. */
  readonly takeovers: number;
  /** Aborts when another may work at it; nothing that is saved afterwards is kept. */
  readonly lost: AbortSignal;
  /** It has ended: nobody need work at it again. */
  readonly done: () => Promise<void>;
  /** Leaves it to whoever comes next. */
  readonly leave: () => Promise<void>;
}

/** Which jobs a list shows. */
export interface JobFilter {
  readonly subject?: string | undefined;
  readonly state?: string | undefined;
}

/** The table of one kind of job resource, for a migration. */
export async function createJobTable(db: MigrationDb, table: string): Promise<void> {
  await db.schema
    .createTable(table)
    .addColumn('id', types.text, (column) => column.primaryKey())
    .addColumn('subject', types.text, (column) => column.notNull())
    .addColumn('state', types.text, (column) => column.notNull())
    .addColumn('request_id', types.text)
    .addColumn('body', types.json, (column) => column.notNull())
    .addColumn('create_time', types.timestamp, (column) => column.notNull())
    .addColumn('lane', types.text)
    .addColumn('traceparent', types.text, (column) => column.notNull())
    .addColumn('cancel_reason', types.text)
    // By the clock of the database: the clocks of those who create jobs may differ, and their order must not.
    .addColumn('queue_time', types.timestamp, (column) => column.notNull().defaultTo(isSqlite(db) ? sql`(strftime('%Y-%m-%dT%H:%M:%fZ'))` : sql`now()`))
    .execute();
  await db.schema.createIndex(`${table}_request`).on(table).column('request_id').unique().execute();
  await db.schema.createIndex(`${table}_subject`).on(table).columns(['subject', 'id']).execute();
  await db.schema.createIndex(`${table}_state`).on(table).columns(['state', 'id']).execute();
  await sql`create index ${sql.ref(`${table}_lane`)} on ${sql.table(table)} (lane) where state in ('PENDING', 'RUNNING')`.execute(db);
}

const OPEN = ['PENDING', 'RUNNING'] as const;

/** Where the jobs of one kind are kept, and who works at each: one process at a time. */
export class JobStore<Resource extends JobResource> {
  private readonly table: 'job';
  private readonly store: Store<never>;
  private readonly laneOf: (resource: Resource) => string | undefined;
  private readonly patient: boolean;

  /**
   * `table` was made by createJobTable in the migrations of this very store. Jobs of one `lane` are worked at one after another.
   * `patient` work goes on while the database is away, because all it does is kept by `save`.
   */
  constructor(store: { readonly db: unknown }, table: string, { lane = () => undefined, patient = true }: { readonly lane?: (resource: Resource) => string | undefined; readonly patient?: boolean } = {}) {
    // The name varies by service and a store knows its service's tables; the columns here do not vary.
    this.table = table as 'job';
    this.store = store as Store<never>;
    this.laneOf = lane;
    this.patient = patient;
  }

  /** What the jobs are called among those who share them. */
  get kind(): string {
    return this.table;
  }

  /** Whether other processes may work at these jobs. */
  get shared(): boolean {
    return this.store.shared;
  }

  get signals(): Store<never>['signals'] {
    return this.store.signals;
  }

  get leases(): Leases {
    return this.store.leases;
  }

  /** Keeps a new job; where its request id was used before, that job is given back instead. */
  async create(resource: Resource, tx?: Transaction<never>): Promise<Resource> {
    const db = tx === undefined ? this.#db : (tx as unknown as JobDb<'job'>);
    const row = { ...toRow(resource), lane: this.laneOf(resource) ?? null, traceparent: currentTraceparent() ?? '', cancel_reason: null };
    await db.insertInto(this.table).values(row).onConflict((conflict) => conflict.column('request_id').doNothing()).execute();
    if (resource.requestId === '') return resource;
    const kept = await db.selectFrom(this.table).select('body').where('request_id', '=', resource.requestId).executeTakeFirstOrThrow();
    return revive<Resource>(kept.body);
  }

  async find(id: string): Promise<Resource | undefined> {
    const row = await this.#db.selectFrom(this.table).select('body').where('id', '=', id).executeTakeFirst();
    return row && revive<Resource>(row.body);
  }

  /** Newest first, one more than the page holds; the page's key is the id. */
  async list({ subject, state }: JobFilter, page: PageRequest, tx?: Transaction<never>): Promise<readonly Resource[]> {
    let query = (tx === undefined ? this.#db : (tx as unknown as JobDb<'job'>)).selectFrom(this.table).select('body').orderBy('id', 'desc').limit(page.size + 1);
    if (page.after !== undefined) query = query.where('id', '<', page.after);
    if (subject !== undefined) query = query.where('subject', '=', subject);
    if (state !== undefined) query = query.where('state', '=', state);
    return (await query.execute()).map(({ body }) => revive<Resource>(body));
  }

  /** Jobs that have not ended, oldest first. */
  async unfinished({ subject }: { readonly subject?: string } = {}, tx?: Transaction<never>): Promise<readonly Resource[]> {
    let query = (tx === undefined ? this.#db : (tx as unknown as JobDb<'job'>)).selectFrom(this.table).select('body').where('state', 'in', OPEN).orderBy('id');
    if (subject !== undefined) query = query.where('subject', '=', subject);
    return (await query.execute()).map(({ body }) => revive<Resource>(body));
  }

  /** Ids of jobs that nobody works at and that are first in their lane, oldest first; those of `except` are left out. */
  async free({ limit, except = [] }: { readonly limit: number; readonly except?: readonly string[] }): Promise<readonly string[]> {
    const table = sql.table(this.table);
    const others = except.length === 0 ? sql`true` : sql`j.id not in (${sql.join(except)})`;
    const { rows } = await sql<{ id: string }>`
      select j.id from ${table} as j left join lease as l on l.name = ${`${this.table}/`} || j.id
      where j.state in ('PENDING', 'RUNNING') and ${others} and ${this.store.leases.isFree('l')}
        and (j.lane is null or not exists (
          select 1 from ${table} as o where o.lane = j.lane and o.state in ('PENDING', 'RUNNING') and (o.queue_time < j.queue_time or (o.queue_time = j.queue_time and o.id < j.id))))
      order by j.queue_time, j.id limit ${limit}`.execute(this.#db);
    return rows.map(({ id }) => id);
  }

  /** Jobs that somebody wants to end and that have not. */
  async cancelled(): Promise<readonly { readonly id: string; readonly reason: string }[]> {
    const rows = await this.#db.selectFrom(this.table).select(['id', 'cancel_reason']).where('state', 'in', OPEN).where('cancel_reason', 'is not', null).execute();
    return rows.map(({ id, cancel_reason: reason }) => ({ id, reason: reason ?? '' }));
  }

  /** Says that a job is to end, for whoever works at it. */
  async requestCancel(id: string, reason: string): Promise<void> {
    await this.#db.updateTable(this.table).set({ cancel_reason: reason }).where('id', '=', id).where('state', 'in', OPEN).execute();
  }

  /** Takes a job for this process; undefined where another has it, where its lane is taken, and where it has ended. With `waiting` its lane does not matter: it will not be worked at. */
  async hold(id: string, { waiting = false } = {}): Promise<HeldJob<Resource> | undefined> {
    const { leases } = this.store;
    const before = await this.#row(id);
    if (!before || isFinal(before.resource.status)) return undefined;
    const patience = { patient: this.patient };
    const lane = before.lane === null || waiting ? undefined : await leases.acquire(`${this.table}-lane/${before.lane}`, patience);
    if (before.lane !== null && !waiting && !lane) return undefined;
    const lease = await leases.acquire(this.#leaseOf(id), patience);
    const end = async (how: 'forget' | 'release'): Promise<void> => {
      if (lease) await leases[how](lease);
      if (lane) await leases.forget(lane);
    };
    // Whoever had it may have ended it between the two.
    const row = lease && (await this.#row(id));
    if (!row || isFinal(row.resource.status)) {
      await end('forget');
      return undefined;
    }
    const { resource, traceparent, cancelReason } = row;
    const lost = AbortSignal.any(lane ? [lease.lost, lane.lost] : [lease.lost]);
    return { resource, traceparent, cancelReason, takeovers: lease.takeovers, lost, done: () => end('forget'), leave: () => end('release') };
  }

  /** Saves what a job became, its events, and what else changed with it, in one transaction. Throws LEASE_LOST, and keeps nothing, where this process does not hold the job. */
  async save<Tables>(resource: Resource, events: readonly EventRecord[] = [], also?: (tx: Kysely<Tables>) => Promise<void>): Promise<void> {
    await this.store.write(async (tx, emit) => {
      await this.store.leases.guard(tx, this.#leaseOf(resource.id));
      const { state, body } = toRow(resource);
      await (tx as unknown as JobDb<'job'>).updateTable(this.table).set({ state, body }).where('id', '=', resource.id).execute();
      await also?.(tx as unknown as Kysely<Tables>);
      events.forEach((event) => emit(event));
    });
  }

  #leaseOf(id: string): string {
    return `${this.table}/${id}`;
  }

  async #row(id: string): Promise<{ readonly resource: Resource; readonly lane: string | null; readonly traceparent: string; readonly cancelReason: string | undefined } | undefined> {
    const row = await this.#db.selectFrom(this.table).select(['body', 'lane', 'traceparent', 'cancel_reason']).where('id', '=', id).executeTakeFirst();
    return row && { resource: revive<Resource>(row.body), lane: row.lane, traceparent: row.traceparent, cancelReason: row.cancel_reason ?? undefined };
  }

  get #db(): JobDb<'job'> {
    return this.store.db as unknown as JobDb<'job'>;
  }
}

const toRow = (resource: JobResource): Omit<JobRow, 'lane' | 'traceparent' | 'cancel_reason'> => ({
  id: resource.id,
  subject: resource.subject,
  state: resource.status.state,
  request_id: resource.requestId === '' ? null : resource.requestId,
  body: canonicalJson(resource),
  create_time: resource.createTime,
});

function revive<Resource extends JobResource>(body: string): Resource {
  const resource = parseCanonicalJson(body) as Resource;
  const { startTime, endTime } = resource.status;
  const time = (value: Date | undefined) => (value === undefined ? undefined : new Date(value));
  return { ...resource, createTime: new Date(resource.createTime), status: { ...resource.status, startTime: time(startTime), endTime: time(endTime) } };
}
