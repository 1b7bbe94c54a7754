import { type CsvScan, csvScan, rejectedLines } from './csv-scan.js';
import { file, text } from './quote.js';

/** The rows of a file, each with its place among them. */
export interface PlacedRows {
  /** What stands after FROM. */
  readonly from: string;
  /** What stands after SELECT: the columns of the file and no others. */
  readonly columns: string;
  /** SQL of the place of a row, counted from 0. */
  readonly place: string;
}

/**
 * How the engine reads and writes files. A reader takes what the file says and guesses nothing: what a folder is called is no column, and what is packed is
 * not unpacked. Paths are those of single files, whatever characters they have.
 */
export interface FileDialect {
  /** What stands after FROM: the rows of Parquet files as one table, in this order. */
  parquet(paths: readonly string[]): string;
  /** The rows of one Parquet file. */
  placedParquet(path: string): PlacedRows;
  /** What stands after FROM: a row with the number of `rows` that a Parquet file says to have. */
  parquetRows(path: string): string;
  /** What stands after FROM: the parts of its columns, with `name` of the column, the number of `cells` and the `bytes` that they unpack to. */
  parquetChunks(path: string): string;
  /** What stands after FROM: the texts of a file of lines in their order, NULL for a text of no character. Records that cannot be read are kept aside under the name of the scan. */
  csv(scan: CsvScan): string;
  /** A query of what a scan of this name has kept aside, once it has run, one row a line: `line` (from 1, the header counts), `begins` (its first byte, from 0), `_reasons`, `_text`. */
  rejectedLines(name: string): string;
  /** A query: the elements of one array of JSON as texts, with `_row` from 1 and `line`. One of `most` bytes is read, one of many more is an error. */
  jsonArray(path: string, most: number): string;
  /** A statement that writes the rows of a query, in their order, as a Parquet file. */
  writeParquet(query: string, path: string): string;
}

/** DuckDB 1.5. */
export const DUCKDB_FILES: FileDialect = {
  parquet: (paths) => `read_parquet([${paths.map(file).join(', ')}], hive_partitioning = false)`,
  placedParquet: (path) => ({
    from: `read_parquet(${file(path)}, file_row_number = true, hive_partitioning = false)`,
    columns: '* EXCLUDE (file_row_number)',
    place: 'file_row_number',
  }),
  parquetRows: (path) => `(SELECT num_rows AS rows FROM parquet_file_metadata(${file(path)}))`,
  parquetChunks: (path) => `(SELECT path_in_schema AS name, num_values AS cells, total_uncompressed_size AS bytes FROM parquet_metadata(${file(path)}))`,
  csv: csvScan,
  rejectedLines,
  jsonArray: (path, most) =>
    `SELECT row_number() OVER () AS _row, CAST(json AS VARCHAR) AS line FROM read_json_objects(${file(path)}, format = 'array', compression = 'uncompressed', hive_partitioning = false, maximum_object_size = ${most})`,
  writeParquet: (query, path) => `COPY (${query}) TO ${text(path)} (FORMAT parquet, COMPRESSION zstd)`,
};
