import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { openDatabase } from '@millrace/store';
import type { AppendReply, AppendRequest, LogTopic, PackedRecords, PartitionInfo, ReadReply } from './log-message.js';
import { partitionOf } from './partition-of.js';

/** The version of the tables below; a file with a later one is refused. */
export const LOG_FORMAT = 1;
/** A record's row id is its partition times this plus its offset: one B-tree, no second index, exact in a double up to 8,191 partitions. */
export const OFFSETS = 2 ** 40;

const TABLES = `
  create table if not exists topic (id integer primary key, name text not null unique);
  create table if not exists "partition" (id integer primary key, topic integer not null references topic, number integer not null,
    start integer not null, "end" integer not null, bytes integer not null, last_time integer not null, unique (topic, number));
  create table if not exists record (position integer primary key, time integer not null, key text not null, headers text not null, value blob not null);
  create table if not exists group_offset ("group" text not null, "partition" integer not null, "offset" integer not null, primary key ("group", "partition")) without rowid;
`;

interface Partition {
  readonly id: number;
  readonly number: number;
  readonly topic: string;
  start: number;
  end: number;
  bytes: number;
  lastTime: number;
}

/** An append-only log of records in one SQLite file; synchronous, so it lives in the log thread. */
export class LogFile {
  readonly database: DatabaseSync;
  readonly #topics = new Map<string, readonly Partition[]>();
  readonly #partitions = new Map<number, Partition>();
  readonly #statements = new Map<string, StatementSync>();

  constructor(path: string, private readonly defaultPartitions: number) {
    this.database = openDatabase(path, { exclusive: true });
    try {
      const format = this.#one('pragma user_version')['user_version'] as number;
      if (format > LOG_FORMAT) throw Object.assign(new Error('newer format'), { detail: { newer: String(format) } });
      this.database.exec(`begin immediate; ${TABLES} pragma user_version = ${LOG_FORMAT}; commit`);
      this.#load();
    } catch (error) {
      this.database.close();
      throw error;
    }
  }

  /** One transaction, one fsync: all of the request is kept, or nothing. */
  append({ topics, records, commits, drops }: Omit<AppendRequest, 'file'>, now: number): AppendReply {
    return this.#transaction(() => {
      const grown = this.#insert(topics, records, now);
      const commit = this.#prepare('insert into group_offset values (?, ?, ?) on conflict do update set "offset" = max("offset", excluded."offset")');
      for (const { group, partition, offset } of commits) commit.run(group, partition, offset);
      for (const { partition, before } of drops) this.dropHead(this.#partition(partition), before);
      return { ends: [...grown].map(({ id, end }) => ({ partition: id, end })) };
    });
  }

  /** The topic, made if it is not there. */
  topic(name: string, partitions = this.defaultPartitions): LogTopic {
    const known = this.#topics.get(name) ?? this.#transaction(() => this.#create(name, partitions));
    return { name, partitions: known.map(toInfo) };
  }

  find(name: string): LogTopic | undefined {
    const known = this.#topics.get(name);
    return known && { name, partitions: known.map(toInfo) };
  }

  topics(): readonly LogTopic[] {
    return [...this.#topics].map(([name, partitions]) => ({ name, partitions: partitions.map(toInfo) }));
  }

  /** A run of records from an offset on, at most so many rows and (beyond the first record) bytes. */
  read(id: number, from: number, maxRows: number, maxBytes: number): ReadReply {
    const partition = this.#partition(id);
    const first = Math.max(from, partition.start);
    const rows = this.#prepare('select time, key, headers, value from record where position >= ? and position < ? order by position limit ?');
    const [times, keys, headers, lengths, values] = [[] as number[], [] as string[], [] as string[], [] as number[], [] as Uint8Array[]];
    let bytes = 0;
    for (const row of rows.iterate(id * OFFSETS + first, id * OFFSETS + partition.end, maxRows) as Iterable<unknown> as Iterable<{ time: number; key: string; headers: string; value: Uint8Array }>) {
      bytes += row.value.byteLength;
      if (bytes > maxBytes && values.length > 0) break;
      times.push(row.time);
      keys.push(row.key);
      headers.push(row.headers);
      lengths.push(row.value.byteLength);
      values.push(row.value);
    }
    return { first, times, records: { keys, headers, lengths, values: concat(values) } };
  }

  /** The first offset whose record was taken at or after a time. */
  seek(id: number, time: number): number {
    const { start, end } = this.#partition(id);
    const timeAt = this.#prepare('select time from record where position = ?');
    let [low, high] = [start, end];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((timeAt.get(id * OFFSETS + middle) as { time: number }).time < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Where a group stands in each partition of a topic; unseen partitions start at their head or end, and are remembered so. */
  offsets(group: string, topic: string, from: 'earliest' | 'latest'): readonly number[] {
    return this.#transaction(() => {
      const partitions = this.#topics.get(topic) ?? this.#create(topic, this.defaultPartitions);
      const known = this.#prepare('select "offset" from group_offset where "group" = ? and "partition" = ?');
      const remember = this.#prepare('insert into group_offset values (?, ?, ?)');
      return partitions.map(({ id, start, end }) => {
        const row = known.get(group, id) as { offset: number } | undefined;
        if (row) return row.offset;
        const offset = from === 'earliest' ? start : end;
        remember.run(group, id, offset);
        return offset;
      });
    });
  }

  /** The committed offset of every group in one partition. */
  groups(id: number): readonly { readonly group: string; readonly offset: number }[] {
    return this.#prepare('select "group", "offset" from group_offset where "partition" = ?').all(id) as { group: string; offset: number }[];
  }

  /** Removes the records of a partition below an offset; only inside a transaction. */
  dropHead(info: PartitionInfo, before: number): number {
    const partition = this.#partition(info.id);
    const end = Math.min(before, partition.end);
    if (end <= partition.start) return 0;
    const range: [number, number] = [partition.id * OFFSETS + partition.start, partition.id * OFFSETS + end];
    const { bytes } = this.#prepare('select coalesce(sum(length(value) + octet_length(headers) + octet_length(key)), 0) as bytes from record where position >= ? and position < ?').get(...range) as { bytes: number };
    this.#prepare('delete from record where position >= ? and position < ?').run(...range);
    const removed = end - partition.start;
    partition.start = end;
    partition.bytes = Math.max(0, partition.bytes - bytes);
    this.#save(partition);
    return removed;
  }

  /** Runs several changes as one; a failure undoes them on disk and in memory. */
  transaction<T>(change: () => T): T {
    return this.#transaction(change);
  }

  timeAt(id: number, offset: number): number | undefined {
    return (this.#prepare('select time from record where position = ?').get(id * OFFSETS + offset) as { time: number } | undefined)?.time;
  }

  /** Gives freed pages back to the disk. */
  shrink(pages: number): void {
    this.database.exec(`pragma incremental_vacuum(${pages})`);
  }

  close(): void {
    this.#statements.clear();
    this.database.close();
  }

  #insert(topics: readonly string[], { keys, headers, lengths, values }: PackedRecords, now: number): ReadonlySet<Partition> {
    const grown = new Set<Partition>();
    const insert = this.#prepare('insert into record values (?, ?, ?, ?, ?)');
    let at = 0;
    for (let index = 0; index < keys.length; index++) {
      const topic = topics[index] ?? '';
      const [key, header, length] = [keys[index] ?? '', headers[index] ?? '', lengths[index] ?? 0];
      const partitions = this.#topics.get(topic) ?? this.#create(topic, this.defaultPartitions);
      const partition = partitions[partitions.length === 1 ? 0 : partitionOf(key, partitions.length)] as Partition;
      partition.lastTime = Math.max(partition.lastTime, now);
      insert.run(partition.id * OFFSETS + partition.end, partition.lastTime, key, header, values.subarray(at, at + length));
      at += length;
      partition.end++;
      partition.bytes += length + Buffer.byteLength(header) + Buffer.byteLength(key);
      grown.add(partition);
    }
    for (const partition of grown) this.#save(partition);
    return grown;
  }

  #create(name: string, count: number): readonly Partition[] {
    const topic = Number(this.#prepare('insert into topic (name) values (?)').run(name).lastInsertRowid);
    const insert = this.#prepare('insert into "partition" (topic, number, start, "end", bytes, last_time) values (?, ?, 0, 0, 0, 0)');
    const partitions = Array.from({ length: count }, (_, number): Partition => ({ id: Number(insert.run(topic, number).lastInsertRowid), number, topic: name, start: 0, end: 0, bytes: 0, lastTime: 0 }));
    this.#remember(name, partitions);
    return partitions;
  }

  #save({ id, start, end, bytes, lastTime }: Partition): void {
    this.#prepare('update "partition" set start = ?, "end" = ?, bytes = ?, last_time = ? where id = ?').run(start, end, bytes, lastTime, id);
  }

  #transaction<T>(change: () => T): T {
    if (this.database.isTransaction) return change();
    this.database.exec('begin immediate');
    try {
      const result = change();
      this.database.exec('commit');
      return result;
    } catch (error) {
      if (this.database.isTransaction) this.database.exec('rollback');
      this.#load();
      throw error;
    }
  }

  #load(): void {
    this.#topics.clear();
    this.#partitions.clear();
    const rows = this.#prepare('select p.id, p.number, t.name as topic, p.start, p."end", p.bytes, p.last_time as lastTime from "partition" p join topic t on t.id = p.topic order by p.id').all() as unknown as Partition[];
    const byTopic = Map.groupBy(rows.map((row) => ({ ...row })), (row) => row.topic);
    for (const [name, partitions] of byTopic) this.#remember(name, partitions);
  }

  #remember(name: string, partitions: readonly Partition[]): void {
    this.#topics.set(name, partitions);
    for (const partition of partitions) this.#partitions.set(partition.id, partition);
  }

  #partition(id: number): Partition {
    const partition = this.#partitions.get(id);
    if (!partition) throw new Error(`There is no partition ${id}.`);
    return partition;
  }

  #one(sql: string): Record<string, unknown> {
    return this.#prepare(sql).get() as Record<string, unknown>;
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) this.#statements.set(sql, (statement = this.database.prepare(sql)));
    return statement;
  }
}

const toInfo = ({ id, number, start, end, bytes }: Partition): PartitionInfo => ({ id, number, start, end, bytes });

function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}
