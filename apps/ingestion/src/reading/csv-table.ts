import { file as fileText, type Tables, text } from '@millrace/tables';
import { countBlankLines } from './blank-lines.js';
import { readHeader } from './csv-header.js';
import { MAX_LINE_BYTES, type RawTable, refuseTooMany, textColumns } from './raw-table.js';
import { countRejects } from './rejects.js';
import { refuseLongRecords } from './size-limits.js';
import type { SourceFile } from './source-files.js';

/** Reads a CSV file with a header; every cell is text. */
export async function openCsv(tables: Tables, file: SourceFile, name: string): Promise<RawTable> {
  const header = await readHeader(file);
  refuseTooMany(file, header.columns.length);
  await refuseLongRecords(file, header.delimiter);
  const columns = header.columns.map((_, i) => `'c${i}': 'VARCHAR'`).join(', ');
  // Every reader option is said aloud: a sniffer that guesses differently for the next file would change the data.
  const scan = `read_csv(${fileText(file.path)}, auto_detect = false, compression = 'none', header = true, delim = ${text(header.delimiter)}, quote = '"', escape = '"', nullstr = '', columns = {${columns}}, hive_partitioning = false, strict_mode = true, ${rejecting(name)})`;
  await tables.run(`CREATE TEMP TABLE ${name} AS SELECT row_number() OVER () AS _row, * FROM ${scan}`);
  const bad = await tables.rows<{ line: bigint; at: bigint }>(`SELECT line, min(line_byte_position) AS at FROM ${name}_rejects GROUP BY line ORDER BY line`);
  // DuckDB counts lines, and skips empty ones where a record has several cells.
  const blanks = header.columns.length === 1 ? [] : await countBlankLines(file.path, bad.map(({ at }) => Number(at) - 1));
  await tables.run(`CREATE TEMP TABLE ${name}_bad AS SELECT CAST(line - 1 - b.blank AS BIGINT) AS _row, _reasons, _text FROM (${rejected(name)}) JOIN (SELECT unnest([${bad.map(({ line }) => `${line}`).join(', ')}]::BIGINT[]) AS line, unnest([${bad.map((_, i) => String(blanks[i] ?? 0)).join(', ')}]::BIGINT[]) AS blank) AS b USING (line)`);
  return { file, relation: name, columns: textColumns(header.columns), rejects: await countRejects(tables, name) };
}

/** Reader options under which a record that cannot be read is kept aside in `<name>_rejects`. */
export const rejecting = (name: string): string => `store_rejects = true, rejects_table = '${name}_rejects', rejects_scan = '${name}_scans', rejects_limit = 0, max_line_size = ${MAX_LINE_BYTES}`;

/** SQL of what was kept aside: one row a line, with the first of its reasons. */
export const rejected = (name: string): string => `SELECT line, rtrim(split_part(min(error_message), chr(10), 1), '. ') AS _reasons, ltrim(coalesce(min(csv_line), ''), E'\\r\\n') AS _text FROM ${name}_rejects GROUP BY line`;
