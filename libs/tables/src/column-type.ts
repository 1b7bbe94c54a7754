import type { ColumnType } from '@millrace/core';

const TYPES: Readonly<Record<string, ColumnType>> = {
  BOOLEAN: 'BOOL',
  TINYINT: 'INT64',
  SMALLINT: 'INT64',
  INTEGER: 'INT64',
  BIGINT: 'INT64',
  UTINYINT: 'INT64',
  USMALLINT: 'INT64',
  UINTEGER: 'INT64',
  UBIGINT: 'INT64',
  HUGEINT: 'INT64',
  UHUGEINT: 'INT64',
  FLOAT: 'FLOAT64',
  DOUBLE: 'FLOAT64',
  DECIMAL: 'FLOAT64',
  VARCHAR: 'STRING',
  ENUM: 'STRING',
  UUID: 'STRING',
  DATE: 'TIMESTAMP',
  TIMESTAMP: 'TIMESTAMP',
  TIMESTAMP_S: 'TIMESTAMP',
  TIMESTAMP_MS: 'TIMESTAMP',
  TIMESTAMP_NS: 'TIMESTAMP',
  'TIMESTAMP WITH TIME ZONE': 'TIMESTAMP',
};

/** The column type that takes every value of a DuckDB type, or undefined (nested types, blobs, times of day, intervals). */
export const toColumnType = (duckdbType: string): ColumnType | undefined =>
  duckdbType.endsWith(']') ? undefined : TYPES[duckdbType.replace(/\(.*$/s, '').trim().toUpperCase()];

/** The DuckDB type that holds a column type. */
export const toDuckdbType = (type: ColumnType): string =>
  ({ BOOL: 'BOOLEAN', INT64: 'BIGINT', FLOAT64: 'DOUBLE', STRING: 'VARCHAR', TIMESTAMP: 'TIMESTAMP' } satisfies Record<ColumnType, string>)[type];
