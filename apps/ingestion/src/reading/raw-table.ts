import { AppError, MAX_COLUMNS } from '@millrace/core';
import { ident, type Tables, text } from '@millrace/tables';
import { open, stat } from 'node:fs/promises';
import { type RawKind, rawKind } from '../cleaning/cell.js';
import { errors } from '../errors.js';
import type { SourceFile } from './source-files.js';

/** A file as a relation: `_row` counts its records from 1, then its columns as the file gives them. */
export interface RawTable {
  readonly file: SourceFile;
  /** What stands after FROM. */
  readonly relation: string;
  readonly columns: ReadonlyMap<string, RawKind>;
  /** Records that could not be read at all. */
  readonly rejects: readonly Reject[];
}

/** A record that is no record: too many cells, broken UTF-8, half a JSON object. */
export interface Reject {
  readonly line: number;
  readonly reason: string;
  readonly text: string;
}

const MAX_LINE_BYTES = 16 * 1024 * 1024;

/** Makes a file readable in a session. `index` keeps the temporary names of several files apart. */
export async function openRawTable(tables: Tables, file: SourceFile, index: number): Promise<RawTable> {
  if ((await stat(file.path)).size === 0) throw errors.SOURCE_EMPTY({ file: file.label, why: 'its size is 0 bytes' });
  try {
    const raw = await OPEN[file.format](tables, file, `_raw_${index}`);
    const count = raw.columns.size;
    if (count > MAX_COLUMNS) throw errors.TOO_MANY_COLUMNS({ file: file.label, count: String(count), limit: String(MAX_COLUMNS) });
    return raw;
  } catch (error) {
    if (error instanceof AppError && (error.domain === 'ingestion.millrace' || error.code !== 'INVALID_ARGUMENT')) throw error;
    throw errors.SOURCE_UNREADABLE({ file: file.label, format: file.format, why: firstLine(error) }, { cause: error });
  }
}

const OPEN = { CSV: openCsv, JSON_LINES: openJson, JSON: openJson, PARQUET: openParquet } as const;

async function openParquet(tables: Tables, file: SourceFile): Promise<RawTable> {
  const scan = `read_parquet(${text(file.path)}, file_row_number = true)`;
  const relation = `(SELECT file_row_number + 1 AS _row, * EXCLUDE (file_row_number) FROM ${scan})`;
  return { file, relation, columns: await columnsOf(tables, relation), rejects: [] };
}

async function openCsv(tables: Tables, file: SourceFile, name: string): Promise<RawTable> {
  const header = await readHeader(file);
  if (header.columns.length > MAX_COLUMNS) throw errors.TOO_MANY_COLUMNS({ file: file.label, count: String(header.columns.length), limit: String(MAX_COLUMNS) });
  const columns = header.columns.map((column) => `${text(column)}: 'VARCHAR'`).join(', ');
  // Every reader option is said aloud: a sniffer that guesses differently for the next file would change the data.
  const scan = `read_csv(${text(file.path)}, auto_detect = false, header = true, delim = ${text(header.delimiter)}, quote = '"', escape = '"', nullstr = '', columns = {${columns}}, store_rejects = true, rejects_table = '${name}_rejects', rejects_scan = '${name}_scans', rejects_limit = 0, max_line_size = ${MAX_LINE_BYTES}, strict_mode = true)`;
  await tables.run(`CREATE TEMP TABLE ${name} AS SELECT row_number() OVER () AS _row, * FROM ${scan}`);
  const rows = await tables.rows<{ line: bigint; reason: string; csv: string }>(`SELECT line, min(error_message) AS reason, coalesce(min(csv_line), '') AS csv FROM ${name}_rejects GROUP BY line ORDER BY line`);
  const rejects = rows.map(({ line, reason, csv }) => ({ line: Number(line), reason: firstLine(reason), text: csv }));
  return { file, relation: name, columns: new Map(header.columns.map((column) => [column, 'TEXT'])), rejects };
}

/** The first record of a CSV file: its names, and the delimiter that cuts it into the most of them. */
async function readHeader(file: SourceFile): Promise<{ columns: readonly string[]; delimiter: string }> {
  const handle = await open(file.path);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(1 << 20), 0, 1 << 20, 0).finally(() => handle.close());
  const start = buffer.subarray(0, bytesRead).toString('utf8').replace(/^\uFEFF/, '');
  const record = /^(?:"(?:[^"]|"")*"|[^"\r\n])*/.exec(start)?.[0] ?? '';
  if (record.trim() === '') throw errors.SOURCE_EMPTY({ file: file.label, why: 'its first line, the header, is empty' });
  const cut = [',', '\t', ';', '|'].map((delimiter) => ({ delimiter, columns: splitRecord(record, delimiter) }));
  const best = cut.reduce((a, b) => (b.columns.length > a.columns.length ? b : a));
  const twice = best.columns.find((column, index) => best.columns.indexOf(column) !== index);
  if (twice !== undefined) throw errors.SOURCE_UNREADABLE({ file: file.label, format: 'CSV', why: `column "${twice}" stands twice in the header` });
  const unnamed = best.columns.indexOf('');
  if (unnamed >= 0) throw errors.SOURCE_UNREADABLE({ file: file.label, format: 'CSV', why: `column ${unnamed + 1} of the header has no name` });
  return best;
}

const splitRecord = (record: string, delimiter: string): readonly string[] => {
  const cells: string[] = [];
  let cell = '';
  let quoted = false;
  for (const char of record) {
    if (char === '"') quoted = !quoted;
    else if (char === delimiter && !quoted) {
      cells.push(cell.trim());
      cell = '';
    } else cell += char;
  }
  return [...cells, cell.trim()];
};

async function openJson(tables: Tables, file: SourceFile, name: string): Promise<RawTable> {
  const lines = file.format === 'JSON_LINES';
  if (lines) {
    // Lines are read as text first, so that one broken line is one reject and not the end of the file.
    await tables.run(`CREATE TEMP TABLE ${name}_text AS SELECT row_number() OVER () AS _row, line FROM read_csv(${text(file.path)}, auto_detect = false, header = false, delim = '', quote = '', escape = '', columns = {'line': 'VARCHAR'}, store_rejects = true, rejects_table = '${name}_rejects', rejects_scan = '${name}_scans', rejects_limit = 0, max_line_size = ${MAX_LINE_BYTES})`);
  } else {
    await tables.run(`CREATE TEMP TABLE ${name}_text AS SELECT row_number() OVER () AS _row, CAST(json AS VARCHAR) AS line FROM read_json_objects(${text(file.path)}, format = 'array', maximum_object_size = ${MAX_LINE_BYTES})`);
  }
  const good = `line IS NOT NULL AND json_valid(line) AND json_type(line) = 'OBJECT'`;
  const bad = await tables.rows<{ _row: bigint; line: string | undefined }>(`SELECT _row, line FROM ${name}_text WHERE NOT coalesce(${good}, false) AND trim(coalesce(line, '')) <> '' ORDER BY _row`);
  const unreadable = lines ? await tables.rows<{ line: bigint; reason: string }>(`SELECT line, min(error_message) AS reason FROM ${name}_rejects GROUP BY line ORDER BY line`) : [];
  const keys = (await tables.rows<{ key: string }>(`SELECT DISTINCT unnest(json_keys(line)) AS key FROM ${name}_text WHERE ${good} ORDER BY key`)).map(({ key }) => key);
  if (keys.length === 0 && bad.length === 0) throw errors.SOURCE_EMPTY({ file: file.label, why: 'it holds no object' });
  if (keys.length > MAX_COLUMNS) throw errors.TOO_MANY_COLUMNS({ file: file.label, count: String(keys.length), limit: String(MAX_COLUMNS) });
  // The text of each value, so that 9007199254740993 keeps its digits; a JSON null becomes missing.
  const cells = keys.map((key) => `json_extract_string(line, ${text(`$.${JSON.stringify(key)}`)}) AS ${ident(key)}`);
  await tables.run(`CREATE TEMP TABLE ${name} AS SELECT ${['_row', ...cells].join(', ')} FROM ${name}_text WHERE ${good}`);
  await tables.run(`DROP TABLE ${name}_text`);
  const rejects = [
    ...bad.map(({ _row, line }) => ({ line: Number(_row), reason: 'not a JSON object', text: line ?? '' })),
    ...unreadable.map(({ line, reason }) => ({ line: Number(line), reason: firstLine(reason), text: '' })),
  ];
  return { file, relation: name, columns: new Map(keys.map((key) => [key, 'TEXT'])), rejects };
}

async function columnsOf(tables: Tables, relation: string): Promise<ReadonlyMap<string, RawKind>> {
  const rows = await tables.rows<{ column_name: string; column_type: string }>(`DESCRIBE SELECT * EXCLUDE (_row) FROM ${relation}`);
  return new Map(rows.map(({ column_name, column_type }) => [column_name, rawKind(column_type)]));
}

const firstLine = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
