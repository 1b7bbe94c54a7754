import { engine, type Tables } from '@millrace/tables';
import { countBlankLines } from './blank-lines.js';
import { readHeader } from './csv-header.js';
import { MAX_LINE_BYTES, type RawTable, refuseTooMany, textColumns } from './raw-table.js';
import { countRejects, type Rejects, rejectsIn } from './rejects.js';
import { refuseLongRecords } from './size-limits.js';
import type { SourceFile } from './source-files.js';

/**
 * Opens a CSV file with a header; every cell is text. Where the file has no other columns than those that are `wanted`, it is read only once, while it is
 * staged: copying it first would take as long. A column that nobody asks for would not be looked at then, so other files are copied.
 */
export async function openCsv(tables: Tables, file: SourceFile, { name, wanted }: { name: string; wanted: ReadonlySet<string> | undefined }): Promise<RawTable> {
  const header = await readHeader(file);
  refuseTooMany(file, header.columns.length);
  await refuseLongRecords(file, header.delimiter);
  const columns = textColumns(header.columns);
  const scan = engine.csv({ path: file.path, columns: [...columns.values()].map(({ sql }) => sql), header: true, delimiter: header.delimiter, quote: '"', maxLineBytes: MAX_LINE_BYTES, name });
  const settle = (): Promise<Rejects | undefined> => findRejects(tables, file, { name, width: header.columns.length });
  if (wanted && header.columns.every((column) => wanted.has(column))) return { file, relation: scan, columns, rejects: undefined, settle };
  await tables.run(`CREATE TEMP TABLE ${name} AS SELECT row_number() OVER () AS _row, * FROM ${scan}`);
  const rejects = await settle();
  if (rejects) await countRejects(tables, name, rejects);
  return { file, relation: name, columns, rejects };
}

/** What the reader kept aside, with its place among all records. */
async function findRejects(tables: Tables, file: SourceFile, { name, width }: { name: string; width: number }): Promise<Rejects | undefined> {
  const bad = await tables.rows<{ line: bigint; begins: bigint }>(`SELECT line, begins FROM (${engine.rejectedLines(name)}) ORDER BY line`);
  if (bad.length === 0) return undefined;
  // The reader counts lines, and skips empty ones where a record has several cells.
  const blanks = width === 1 ? [] : await countBlankLines(file.path, bad.map(({ begins }) => Number(begins)));
  const before = bad.map((_, i) => BigInt(blanks[i] ?? 0));
  await tables.load(`${name}_blanks`, [{ name: 'line', type: 'INT64', values: bad.map(({ line }) => BigInt(line)) }, { name: 'blank', type: 'INT64', values: before }]);
  await tables.run(`CREATE TEMP TABLE ${name}_bad AS SELECT CAST(line - 1 - blank AS BIGINT) AS _row, _reasons, _text FROM (${engine.rejectedLines(name)}) JOIN ${name}_blanks USING (line)`);
  return rejectsIn(tables, `${name}_bad`);
}
