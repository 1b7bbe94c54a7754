import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { AppError } from '@millrace/core';
import { postgresConnection } from '@millrace/store';
import pg from 'pg';
import { errors } from '../errors.js';
import { checkConnection, readConnection, reasonOf } from './connection.js';
import { placeOf, type PostgresPlace, type Source } from './source.js';
import { toFile } from './source-files.js';
import type { SourceAccess, SourceKind } from './source-kind.js';

/** Of a wide table these are some tens of megabytes. */
const ROWS_A_FETCH = 5_000;
const CONNECT_MS = 10_000;
const BOOL_OID = 16;

/** A table or a query, read through a cursor into a CSV file: a moment of the database, in constant memory, every value as PostgreSQL writes it. */
export const postgresSource: SourceKind = {
  async check(source, { connections }) {
    const { connection, table, query } = placed(source.postgres);
    checkConnection(connection, connections);
    if ((table === '') === (query === '')) throw errors.INVALID_SOURCE({ why: 'source.postgres needs a table or a query, and not both' });
    return source;
  },
  async files(source, { directory, largest, without, within, until, reach, signal }) {
    const postgres = placed(source.postgres);
    const place = placeOf(source);
    const connection = await readConnection(postgres.connection);
    const { url, tls, password } = connection;
    const file = join(directory, 'rows.csv');
    try {
      const client = new pg.Client({ ...postgresConnection({ url, ...(tls && { tls }), ...(password !== undefined && { password: async () => password }) }), connectionTimeoutMillis: CONNECT_MS, application_name: 'millrace', types: { getTypeParser: (oid) => (value: unknown) => (oid === BOOL_OID ? (value === 't' ? 'true' : 'false') : value) } });
      // A broken line is told by the query that waits for it.
      client.on('error', () => undefined);
      const stop = (): void => void client.end();
      signal.addEventListener('abort', stop, { once: true });
      try {
        await client.connect();
        await begin(client);
        const from = fromOf(client, postgres);
        if (postgres.incrementalColumn !== '') reach({ largest: until?.['largest'] ?? (await largestNow(client, { from, column: postgres.incrementalColumn })) });
        await copy(client, { sql: await selectOf(client, source, { from, largest, without, within, until }), file });
      } finally {
        signal.removeEventListener('abort', stop);
        await client.end();
      }
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof AppError) throw error;
      throw errors.SOURCE_UNREACHABLE({ place, why: reasonOf(error, connection) }, { cause: error });
    }
    return [await toFile(file, place, 'CSV')];
  },
};

const placed = (place: PostgresPlace | undefined): PostgresPlace => place ?? { connection: '', table: '', query: '', incrementalColumn: '' };

const fromOf = (client: pg.Client, { table, query }: PostgresPlace): string => (table === '' ? `(${query.replace(/[;\s]+$/, '')}\n) AS given` : table.split('.').map((part) => client.escapeIdentifier(part)).join('.'));

/** The largest value of the snapshot that is read, as text; empty where there is none. */
async function largestNow(client: pg.Client, { from, column }: { from: string; column: string }): Promise<string> {
  const { rows } = await client.query<{ largest: string | null }>({ name: 'millrace_largest', text: `SELECT ${client.escapeIdentifier(column)}::text AS largest FROM ${from} WHERE ${client.escapeIdentifier(column)} IS NOT NULL ORDER BY ${client.escapeIdentifier(column)} DESC LIMIT 1` });
  return rows[0]?.largest ?? '';
}

/** The largest value itself is asked for again: rows that share it may have come later, and those that are there already are duplicates. */
async function selectOf(client: pg.Client, { postgres }: Source, { from, largest, without, within, until }: Access & { readonly from: string }): Promise<string> {
  const { incrementalColumn } = placed(postgres);
  const known = incrementalColumn === '' ? undefined : await largest(incrementalColumn);
  const column = client.escapeIdentifier(incrementalColumn);
  const times = without === undefined && within === undefined ? [] : await timesOf(client, from, { without, within });
  // What came while this run was interrupted belongs to the next one: of parts that are done it would be lost.
  const end = until?.['largest'] ? [`${column} <= ${client.escapeLiteral(until['largest'])}`] : [];
  const wanted = [...(known === undefined ? [] : [`${column} >= ${client.escapeLiteral(known)}`]), ...end, ...times];
  return `SELECT * FROM ${from}${wanted.length === 0 ? '' : ` WHERE ${wanted.join(' AND ')}`}${incrementalColumn === '' ? '' : ` ORDER BY ${column}`}`;
}

/** What a query is made of. */
type Access = Pick<SourceAccess, 'largest' | 'until'> & { readonly without: SourceAccess['without'] | undefined; readonly within: SourceAccess['within'] | undefined };

const TIME_OIDS = [1082, 1114, 1184];

/** Leaves out times that were read already or are not wanted, where the column is one of times; texts come, and are left out when they have been read as times. */
async function timesOf(client: pg.Client, from: string, { without, within }: Pick<Access, 'without' | 'within'>): Promise<readonly string[]> {
  const { fields } = await client.query({ name: 'millrace_columns', text: `SELECT * FROM ${from} LIMIT 0` });
  const isTime = (column: string): boolean => TIME_OIDS.includes(fields.find(({ name }) => name === column)?.dataTypeID ?? 0);
  const conditions = (column: string, said: (name: string) => readonly string[]): readonly string[] => (isTime(column) ? said(client.escapeIdentifier(column)) : []);
  return [
    ...(without ? conditions(without.column, (name) => without.ranges.map(({ from: begin, to }) => `(${name} IS NULL OR NOT (${name} >= ${time(begin)} AND ${name} < ${time(to)}))`)) : []),
    ...(within?.from === undefined ? [] : conditions(within.column, (name) => [`(${name} IS NULL OR ${name} >= ${time(within.from ?? 0n)})`])),
    // A little more than is wanted, for a literal of milliseconds: the rest is left out when the rows are typed.
    ...(within?.to === undefined ? [] : conditions(within.column, (name) => [`(${name} IS NULL OR ${name} < ${time((within.to ?? 0n) + 1_000n)})`])),
  ];
}

const time = (micros: bigint): string => `timestamptz '${new Date(Number(micros / 1000n)).toISOString()}'`;

/** One moment of the database, that nothing is written to. */
async function begin(client: pg.Client): Promise<void> {
  await client.query("SET TIME ZONE 'UTC'");
  await client.query("SET DateStyle = 'ISO'");
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
}

async function copy(client: pg.Client, { sql, file }: { readonly sql: string; readonly file: string }): Promise<void> {
  // The extended protocol takes one statement: none that follows could end the transaction and write.
  await client.query({ name: 'millrace_rows', text: `DECLARE millrace_rows NO SCROLL CURSOR FOR ${sql}` });
  const out = createWriteStream(file, { flags: 'wx' });
  const write = async (lines: string): Promise<void> => void (out.write(lines) || (await once(out, 'drain')));
  let isFirst = true;
  for (;;) {
    const { rows, fields } = await client.query<unknown[]>({ text: `FETCH ${ROWS_A_FETCH} FROM millrace_rows`, rowMode: 'array' });
    if (isFirst) await write(toLine(fields.map(({ name }) => name)));
    isFirst = false;
    if (rows.length === 0) break;
    await write(rows.map(toLine).join(''));
  }
  out.end();
  await finished(out);
  await client.query('COMMIT');
}

const toLine = (cells: readonly unknown[]): string => `${cells.map((cell) => (cell === null ? '' : `"${String(cell).replaceAll('"', '""')}"`)).join(',')}\n`;
