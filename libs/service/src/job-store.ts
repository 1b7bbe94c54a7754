import { canonicalJson, type EventRecord, type PageRequest, parseCanonicalJson } from '@millrace/core';
import { columnTypes as types, type MigrationDb, type Store } from '@millrace/store';
import type { Kysely } from 'kysely';
import type { JobStatus } from './job-status.js';

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
}
type JobDb<Table extends string> = Kysely<Record<Table, JobRow>>;

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
    .execute();
  await db.schema.createIndex(`${table}_request`).on(table).column('request_id').unique().execute();
  await db.schema.createIndex(`${table}_subject`).on(table).columns(['subject', 'id']).execute();
  await db.schema.createIndex(`${table}_state`).on(table).columns(['state', 'id']).execute();
}

/** Where the jobs of one kind are kept. */
export class JobStore<Resource extends JobResource> {
  private readonly table: 'job';
  private readonly store: Store<never>;

  /** `table` was made by createJobTable in the migrations of this very store. */
  constructor(store: { readonly db: unknown }, table: string) {
    // The name varies by service and a store knows its service's tables; the columns here do not vary.
    this.table = table as 'job';
    this.store = store as Store<never>;
  }

  /** Keeps a new job; where its request id was used before, that job is given back instead. */
  async create(resource: Resource): Promise<Resource> {
    await this.#db.insertInto(this.table).values(toRow(resource)).onConflict((conflict) => conflict.column('request_id').doNothing()).execute();
    if (resource.requestId === '') return resource;
    const row = await this.#db.selectFrom(this.table).select('body').where('request_id', '=', resource.requestId).executeTakeFirstOrThrow();
    return revive<Resource>(row.body);
  }

  async find(id: string): Promise<Resource | undefined> {
    const row = await this.#db.selectFrom(this.table).select('body').where('id', '=', id).executeTakeFirst();
    return row && revive<Resource>(row.body);
  }

  /** Newest first, one more than the page holds; the page's key is the id. */
  async list({ subject, state }: JobFilter, page: PageRequest): Promise<readonly Resource[]> {
    let query = this.#db.selectFrom(this.table).select('body').orderBy('id', 'desc').limit(page.size + 1);
    if (page.after !== undefined) query = query.where('id', '<', page.after);
    if (subject !== undefined) query = query.where('subject', '=', subject);
    if (state !== undefined) query = query.where('state', '=', state);
    return (await query.execute()).map(({ body }) => revive<Resource>(body));
  }

  /** Jobs that have not ended, oldest first. */
  async unfinished(): Promise<readonly Resource[]> {
    const rows = await this.#db.selectFrom(this.table).select('body').where('state', 'in', ['PENDING', 'RUNNING']).orderBy('id').execute();
    return rows.map(({ body }) => revive<Resource>(body));
  }

  /** Saves what a job became, its events, and what else changed with it, in one transaction. */
  async save<Tables>(resource: Resource, events: readonly EventRecord[] = [], also?: (tx: Kysely<Tables>) => Promise<void>): Promise<void> {
    await this.store.write(async (tx, emit) => {
      const { state, body } = toRow(resource);
      await (tx as unknown as JobDb<'job'>).updateTable(this.table).set({ state, body }).where('id', '=', resource.id).execute();
      await also?.(tx as unknown as Kysely<Tables>);
      events.forEach((event) => emit(event));
    });
  }

  get #db(): JobDb<'job'> {
    return this.store.db as unknown as JobDb<'job'>;
  }
}

const toRow = (resource: JobResource): JobRow => ({
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
