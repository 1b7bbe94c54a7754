import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { openDatabase, SqliteConnection, type StatementResult } from './sqlite-file.js';
import { serveThread } from './thread.js';

/** What `run` and `stream` ask for; `lane` says on which connection of the file. */
export interface Query {
  readonly file: number;
  readonly lane: 'write' | 'read';
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

interface OpenFile {
  readonly writer: SqliteConnection;
  readonly reader: SqliteConnection;
}

const files = new Map<number, OpenFile>();
const cursors = new Map<number, { readonly columns: readonly string[]; readonly rows: Iterator<readonly unknown[], void> }>();
let next = 0;

serveThread({ open, close, run, rollback, stream, fetch, endStream });

function open({ path }: { readonly path: string }): number {
  const inMemory = path === ':memory:';
  if (!inMemory) mkdirSync(dirname(path), { recursive: true });
  const writer = new SqliteConnection(openDatabase(path));
  try {
    const reader = inMemory ? writer : new SqliteConnection(openDatabase(path, { readOnly: true }));
    files.set(++next, { writer, reader });
    return next;
  } catch (error) {
    writer.close();
    throw error;
  }
}

function close({ file }: { readonly file: number }): void {
  const { writer, reader } = fileOf(file);
  files.delete(file);
  if (reader !== writer) reader.close();
  writer.rollback();
  writer.close();
}

function run({ file, lane, sql, parameters }: Query): StatementResult {
  const { writer, reader } = fileOf(file);
  return (lane === 'write' ? writer : reader).run(sql, parameters);
}

function rollback({ file }: { readonly file: number }): void {
  fileOf(file).writer.rollback();
}

function stream({ file, lane, sql, parameters }: Query): number {
  const { writer, reader } = fileOf(file);
  const connection = lane === 'write' ? writer : reader;
  cursors.set(++next, { columns: connection.columnsOf(sql), rows: connection.iterate(sql, parameters) });
  return next;
}

function fetch({ cursor, size }: { readonly cursor: number; readonly size: number }): { columns: readonly string[]; rows: readonly (readonly unknown[])[] } {
  const open = cursors.get(cursor);
  if (!open) return { columns: [], rows: [] };
  const rows: (readonly unknown[])[] = [];
  while (rows.length < size) {
    const { done, value } = open.rows.next();
    if (done || !value) break;
    rows.push(value);
  }
  return { columns: open.columns, rows };
}

function endStream({ cursor }: { readonly cursor: number }): void {
  cursors.get(cursor)?.rows.return?.();
  cursors.delete(cursor);
}

function fileOf(file: number): OpenFile {
  const open = files.get(file);
  if (!open) throw new Error('The file is closed.');
  return open;
}
