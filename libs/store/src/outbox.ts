import type { EventRecord } from '@millrace/core';
import type { Kysely } from 'kysely';
import { addSequence, columnTypes } from './columns.js';
import { createLeaseTable, type LeaseTables } from './lease-table.js';
import type { MigrationDb } from './migrations.js';

/** An event that waits in the database of its change until the bus has it. */
export interface OutboxRow {
  seq: bigint | number;
  topic: string;
  key: string;
  headers: string;
  value: Uint8Array;
}

/** The tables that every store has beside its own. */
export interface StoreTables extends LeaseTables {
  outbox: Omit<OutboxRow, 'seq'> & { seq: never };
  inbox: { consumer: string; event_id: string; time: Date };
}

/** Rows of one INSERT, well below the parameter limits of both databases. */
const INSERT_ROWS = 500;

/** The tables behind emit, once, relay and leases; number 0000 is kept for them. */
export async function createStoreTables(db: MigrationDb): Promise<void> {
  await addSequence(db.schema.createTable('outbox'), db, 'seq')
    .addColumn('topic', columnTypes.text, (column) => column.notNull())
    .addColumn('key', columnTypes.text, (column) => column.notNull())
    .addColumn('headers', columnTypes.json, (column) => column.notNull())
    .addColumn('value', columnTypes.bytes, (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('inbox')
    .addColumn('consumer', columnTypes.text, (column) => column.notNull())
    .addColumn('event_id', columnTypes.text, (column) => column.notNull())
    .addColumn('time', columnTypes.timestamp, (column) => column.notNull())
    .addPrimaryKeyConstraint('inbox_pkey', ['consumer', 'event_id'])
    .execute();
  await db.schema.createIndex('inbox_time').on('inbox').column('time').execute();
  await createLeaseTable(db);
}

/** Puts records into the outbox in their order. */
export async function appendOutbox(tx: Kysely<StoreTables>, records: readonly EventRecord[]): Promise<void> {
  for (let start = 0; start < records.length; start += INSERT_ROWS) {
    const rows = records.slice(start, start + INSERT_ROWS).map(({ topic, key, headers, value }) => ({ topic, key, headers: JSON.stringify(headers), value }));
    await (tx as unknown as Kysely<{ outbox: Omit<OutboxRow, 'seq'> }>).insertInto('outbox').values(rows).execute();
  }
}

/** The oldest records that the bus does not have yet. */
export async function readOutbox(db: Kysely<StoreTables>, size: number): Promise<readonly { readonly seq: bigint | number; readonly record: EventRecord }[]> {
  const rows = await (db as unknown as Kysely<{ outbox: OutboxRow }>).selectFrom('outbox').selectAll().orderBy('seq').limit(size).execute();
  return rows.map(({ seq, topic, key, headers, value }) => ({ seq, record: { topic, key, value, headers: JSON.parse(headers) as Record<string, string> } }));
}

/** How much waits for the bus, and since when: the time of the oldest event, as its headers have it. */
export interface OutboxLag {
  readonly records: number;
  /** Undefined when nothing waits, or the oldest event does not say. */
  readonly oldest: Date | undefined;
}

/** How far the bus is behind the changes. */
export async function readOutboxLag(db: Kysely<StoreTables>): Promise<OutboxLag> {
  const own = db as unknown as Kysely<{ outbox: OutboxRow }>;
  const [size, first] = await Promise.all([own.selectFrom('outbox').select(({ fn }) => fn.countAll().as('size')).executeTakeFirst(), own.selectFrom('outbox').select('headers').orderBy('seq').limit(1).executeTakeFirst()]);
  const { ce_time: time } = JSON.parse(first?.headers ?? '{}') as Readonly<Record<string, string>>;
  return { records: Number(size?.size ?? 0), oldest: time === undefined ? undefined : new Date(time) };
}

/** Forgets records that the bus has. */
export async function deleteOutbox(db: Kysely<StoreTables>, sequence: readonly (bigint | number)[]): Promise<void> {
  await (db as unknown as Kysely<{ outbox: OutboxRow }>).deleteFrom('outbox').where('seq', 'in', sequence).execute();
}
