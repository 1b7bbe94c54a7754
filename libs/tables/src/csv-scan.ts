import { file, text } from './quote.js';

/** How a file of lines is read: every option is said aloud, for a reader that guesses differently for the next file would change the data. */
export interface CsvScan {
  readonly path: string;
  /** Of the texts of each record, in order. */
  readonly columns: readonly string[];
  /** Whether the first record names the columns. */
  readonly header: boolean;
  /** Between two cells, and around a cell that holds it; the empty text for none. */
  readonly delimiter: string;
  readonly quote: '"' | '';
  /** A longer record is kept aside. */
  readonly maxLineBytes: number;
  /** Begins the names of the tables of what could not be read. */
  readonly name: string;
}

/** See `FileDialect`. */
export const csvScan = ({ path, columns, header, delimiter, quote, maxLineBytes, name }: CsvScan): string =>
  `read_csv(${[
    file(path),
    'auto_detect = false',
    `compression = 'none'`,
    `header = ${header}`,
    `delim = ${text(delimiter)}`,
    `quote = ${text(quote)}, escape = ${text(quote)}`,
    `nullstr = ''`,
    `columns = {${columns.map((column) => `${text(column)}: 'VARCHAR'`).join(', ')}}`,
    'hive_partitioning = false',
    'strict_mode = true',
    `store_rejects = true, rejects_table = ${text(`${name}_rejects`)}, rejects_scan = ${text(`${name}_scans`)}, rejects_limit = 0`,
    `max_line_size = ${maxLineBytes}`,
  ].join(', ')})`;

export const rejectedLines = (name: string): string =>
  `SELECT line, min(line_byte_position) - 1 AS begins, regexp_replace(rtrim(split_part(min(error_message), chr(10), 1), '. '), '^Expected Number of Columns: ([0-9]+) Found: ([0-9]+)$', '\\2 cells, and the header has \\1') AS _reasons, ltrim(coalesce(min(csv_line), ''), E'\\r\\n') AS _text FROM ${name}_rejects GROUP BY line`;
