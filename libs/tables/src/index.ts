export type { ColumnData } from './column-sink.js';
export { toColumnType, toDuckdbType } from './column-type.js';
export type { CsvScan } from './csv-scan.js';
export type { Matrix } from './matrix-sink.js';
export { file, ident, number, text } from './quote.js';
export type { Numbers, TypedValues } from './raw-vector.js';
export { type AsOfJoin, engine, type TableDialect } from './table-dialect.js';
export type { ColumnInput } from './table-load.js';
export { openTables, type Param, type Params, type QueryOptions, type Tables, type TablesOptions, type WrittenParquet } from './tables.js';
