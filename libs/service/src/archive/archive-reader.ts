import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { isSqlite } from '@millrace/store';
import { sql } from 'kysely';
import { canonicalJson, parseCanonicalJson } from '@millrace/core';
import { errors } from '../errors.js';
import type { ArchivedTable } from './archived-tables.js';
import { ARCHIVE_FORMAT, type ArchiveLine, type EndLine, type ManifestLine } from './archive-lines.js';
import { type Archivable, sumTables } from './archive-writer.js';
import { readRow, type Row, RowSum, sameSums, type TableSum } from './row-text.js';
import type { AnyDb } from './table-reader.js';

/** Rows of one INSERT. */
const INSERT_ROWS = 200;

/** What became of an import. */
export interface Imported {
  readonly tables: Readonly<Record<string, TableSum>>;
  /** False when the service kept just this already. */
  readonly imported: boolean;
}

/**
 * Takes a file that writeArchive made into a service that keeps nothing, whole or not at all; the objects that it names must be there.
 * Throws ARCHIVE_INVALID, ARCHIVE_NEWER or ARCHIVE_NOT_EMPTY; nothing of a file that is wrong is kept.
 */
export async function readArchive(kept: Archivable, file: string): Promise<Imported> {
  const { manifests, tables } = await checkFile(kept, file);
  const before = await sumTables(kept);
  if (sameSums(before, tables)) return { tables, imported: false };
  refuseFull(kept, before);
  // Named before the rows are there: a name without a row is harmless, a row without its objects is not.
  for (const { manifest, objects, body } of manifests) await kept.objects.writeManifest(manifest, { objects, body });
  await kept.store.write(async (tx) => {
    const db = tx as unknown as AnyDb;
    // Somebody may have begun to work meanwhile.
    for (const { name } of kept.archive.tables) if ((await db.selectFrom(name).select(sql.lit(1).as('one')).limit(1).execute()).length > 0) throw errors.ARCHIVE_NOT_EMPTY({ service: kept.service, tables: name });
    await insertRows(kept, file, db);
    for (const table of kept.archive.tables) await moveSequence(db, table);
  });
  return { tables, imported: true };
}

function refuseFull({ service }: Archivable, sums: Readonly<Record<string, TableSum>>): void {
  const full = Object.entries(sums).filter(([, { rows }]) => rows > 0);
  if (full.length > 0) throw errors.ARCHIVE_NOT_EMPTY({ service, tables: full.map(([name, { rows }]) => `${name}: ${rows}`).join(', ') });
}

/** Reads a file to its end before anything is done with it; gives what it names and what it comes to. */
async function checkFile(kept: Archivable, file: string): Promise<{ readonly manifests: readonly ManifestLine[]; readonly tables: Readonly<Record<string, TableSum>> }> {
  const fault = (place: string, why: string): Error => errors.ARCHIVE_INVALID({ service: kept.service, place, why });
  const sums = new Map(kept.archive.tables.map(({ name }) => [name, new RowSum()]));
  const manifests: ManifestLine[] = [];
  let end: EndLine['end'] | undefined;
  for await (const { line, text, number } of linesOf(kept, file)) {
    const place = `line ${number}`;
    if (end) throw fault(place, 'it stands after the end');
    if (number === 1) {
      if (!('format' in line) || typeof line.format !== 'number') throw fault(place, 'it does not say its format');
      if (line.format > ARCHIVE_FORMAT) throw errors.ARCHIVE_NEWER({ service: kept.service, format: String(line.format), known: String(ARCHIVE_FORMAT) });
      if (line.service !== kept.service) throw fault(place, `it is of ${String(line.service)}`);
    } else if ('table' in line) {
      const table = tableOf(kept, line.table);
      const sum = table && sums.get(table.name);
      if (!table || !sum) throw fault(place, `there is no table ${String(line.table)} here; import it with the version that exported it`);
      const row = rowOf(text, table);
      if (readRow(table, row) === undefined) throw fault(place, `the columns of ${table.name} are others here; import it with the version that exported it`);
      sum.add(row);
    } else if ('manifest' in line) {
      if (!kept.archive.manifests?.some((prefix) => line.manifest.startsWith(prefix))) throw fault(place, `${line.manifest} is no manifest of this service`);
      manifests.push(line);
    } else if ('end' in line) end = line.end;
    else throw fault(place, 'nobody knows what it is');
  }
  if (!end) throw fault('its end', 'the end is missing: it was cut off');
  const tables = Object.fromEntries([...sums].map(([name, { rows, digest }]) => [name, { rows, digest }]));
  if (!sameSums(tables, end.tables) || end.manifests !== manifests.length) throw fault('its end', `it says ${canonicalJson(end.tables)} and holds ${canonicalJson(tables)}`);
  return { manifests, tables };
}

/** The text of the row of a line, as it was summed. */
const rowOf = (text: string, { name }: ArchivedTable): string => text.slice(`{"table":${JSON.stringify(name)},"row":`.length, -1);

const tableOf = ({ archive }: Archivable, name: string): ArchivedTable | undefined => archive.tables.find((table) => table.name === name);

async function* linesOf({ service }: Archivable, file: string): AsyncGenerator<{ readonly line: ArchiveLine; readonly text: string; readonly number: number }> {
  let number = 0;
  for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    number++;
    let line: unknown;
    try {
      line = parseCanonicalJson(text);
    } catch (cause) {
      throw errors.ARCHIVE_INVALID({ service, place: `line ${number}`, why: 'it is no JSON' }, { cause });
    }
    if (typeof line !== 'object' || line === null) throw errors.ARCHIVE_INVALID({ service, place: `line ${number}`, why: 'it is no object' });
    yield { line: line as ArchiveLine, text, number };
  }
}

async function insertRows(kept: Archivable, file: string, db: AnyDb): Promise<void> {
  let table: ArchivedTable | undefined;
  let rows: Row[] = [];
  const flush = async (): Promise<void> => {
    if (table && rows.length > 0) await insert(db, table, rows);
    rows = [];
  };
  for await (const { line, text } of linesOf(kept, file)) {
    if (!('table' in line)) continue;
    if (line.table !== table?.name || rows.length === INSERT_ROWS) await flush();
    table = tableOf(kept, line.table);
    const row = table && readRow(table, rowOf(text, table));
    if (row) rows.push(row);
  }
  await flush();
}

async function insert(db: AnyDb, { name, sequence, columns }: ArchivedTable, rows: readonly Row[]): Promise<void> {
  if (sequence === undefined || isSqlite(db)) {
    await db.insertInto(name).values(rows as Record<string, never>[]).execute();
    return;
  }
  // PostgreSQL gives the numbers of such a column itself unless it is told otherwise, which Kysely has no word for.
  const names = Object.keys(columns);
  const values = rows.map((row) => sql`(${sql.join(names.map((column) => sql.val(row[column])))})`);
  await sql`insert into ${sql.table(name)} (${sql.join(names.map((column) => sql.ref(column)))}) overriding system value values ${sql.join(values)}`.execute(db);
}

/** Lets the database count on after the highest number that was taken over. */
async function moveSequence(db: AnyDb, { name, sequence }: ArchivedTable): Promise<void> {
  if (sequence === undefined || isSqlite(db)) return;
  await sql`select setval(pg_get_serial_sequence(${name}, ${sequence}), greatest(coalesce((select max(${sql.ref(sequence)}) from ${sql.table(name)}), 1), 1), (select count(*) > 0 from ${sql.table(name)}))`.execute(db);
}
