import type { ColumnType } from '@millrace/core';
import { ident, text } from '@millrace/tables';
import type { ColumnContract } from '../contract.js';

/** How a source gives a column: as text to be read, or in a type of its own. */
export type RawKind = 'TEXT' | 'INTEGER' | 'REAL' | 'BOOLEAN' | 'TIME' | 'ZONED_TIME' | 'UNSUPPORTED';

/** Three SQL expressions over one raw column. `bad` and `repaired` are undefined where they cannot be true. */
export interface Cell {
  readonly value: string;
  readonly bad: string | undefined;
  readonly repaired: string | undefined;
}

/** Doubles beyond this are not certain to be the integer that was written. */
const LARGEST_EXACT = '9007199254740992e0';
/** Stands for a missing integer inside models, so it cannot be data. */
const RESERVED_INTEGER = '(-9223372036854775807 - 1)';

/** The kind of a DuckDB type name. */
export function rawKind(duckdbType: string): RawKind {
  if (duckdbType === 'VARCHAR' || duckdbType === 'JSON') return 'TEXT';
  if (duckdbType.startsWith('ENUM(') || duckdbType === 'UUID') return 'TEXT';
  if (/^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER)$/.test(duckdbType)) return 'INTEGER';
  if (/^(DOUBLE|FLOAT|DECIMAL\(.*\))$/.test(duckdbType)) return 'REAL';
  if (duckdbType === 'BOOLEAN') return 'BOOLEAN';
  if (duckdbType === 'TIMESTAMP WITH TIME ZONE') return 'ZONED_TIME';
  return duckdbType.startsWith('TIMESTAMP') || duckdbType === 'DATE' ? 'TIME' : 'UNSUPPORTED';
}

/** How one raw column becomes the type of the contract, or undefined where that makes no sense. */
export function cellOf(column: ColumnContract, kind: RawKind): Cell | undefined {
  const raw = ident(column.sourceName);
  if (kind === 'TEXT') return textCell(column, raw);
  if (kind === 'UNSUPPORTED') return undefined;
  const typed = TYPED[column.type][kind];
  if (typed === undefined) return undefined;
  const { sql, total } = typed(raw);
  return { value: sql, bad: total ? undefined : `(${raw} IS NOT NULL${kind === 'REAL' && column.type === 'FLOAT64' ? ` AND NOT isnan(${raw})` : ''} AND (${sql}) IS NULL)`, repaired: undefined };
}

interface Typed {
  readonly sql: string;
  /** Every raw value has a result. */
  readonly total: boolean;
}
type Rendering = Partial<Record<Exclude<RawKind, 'TEXT' | 'UNSUPPORTED'>, (raw: string) => Typed>>;

const exact = (sql: string): Typed => ({ sql, total: true });
const partial = (sql: string): Typed => ({ sql, total: false });
const asText = (raw: string): Typed => exact(`CAST(${raw} AS VARCHAR)`);

const TYPED: Record<ColumnType, Rendering> = {
  INT64: {
    INTEGER: (raw) => partial(`nullif(TRY_CAST(${raw} AS BIGINT), ${RESERVED_INTEGER})`),
    REAL: (raw) => partial(`CASE WHEN abs(${raw}) <= ${LARGEST_EXACT} AND ${raw} = floor(${raw}) THEN CAST(${raw} AS BIGINT) END`),
    BOOLEAN: (raw) => exact(`CAST(${raw} AS BIGINT)`),
  },
  FLOAT64: {
    INTEGER: (raw) => exact(`CAST(${raw} AS DOUBLE)`),
    REAL: (raw) => partial(`CASE WHEN isfinite(CAST(${raw} AS DOUBLE)) THEN CAST(${raw} AS DOUBLE) END`),
    BOOLEAN: (raw) => exact(`CAST(CAST(${raw} AS INTEGER) AS DOUBLE)`),
  },
  BOOL: {
    BOOLEAN: (raw) => exact(raw),
    INTEGER: (raw) => partial(`CASE ${raw} WHEN 0 THEN false WHEN 1 THEN true END`),
    REAL: (raw) => partial(`CASE WHEN ${raw} = 0 THEN false WHEN ${raw} = 1 THEN true END`),
  },
  STRING: { INTEGER: asText, REAL: asText, BOOLEAN: asText, TIME: asText, ZONED_TIME: asText },
  TIMESTAMP: {
    TIME: (raw) => partial(`CASE WHEN isfinite(CAST(${raw} AS TIMESTAMP)) THEN CAST(${raw} AS TIMESTAMP) END`),
    ZONED_TIME: (raw) => partial(`CASE WHEN isfinite(${raw}) THEN ${raw} AT TIME ZONE 'UTC' END`),
  },
};

function textCell(column: ColumnContract, raw: string): Cell {
  const missingTexts = ['', ...column.missingTexts].map(text).join(', ');
  // One expression for the trimmed text; DuckDB computes common subexpressions once.
  const trimmed = `trim(${raw}, E' \\t\\r\\n')`;
  const missing = `(${raw} IS NULL OR ${trimmed} IN (${missingTexts}))`;
  const present = `CASE WHEN NOT ${missing} THEN ${trimmed} END`;
  if (column.type === 'STRING') {
    const valid = `CASE WHEN NOT ${missing} AND NOT contains(${raw}, chr(0)) AND NOT contains(${raw}, chr(65535)) THEN ${raw} END`;
    return { value: valid, bad: `(NOT ${missing} AND (contains(${raw}, chr(0)) OR contains(${raw}, chr(65535))))`, repaired: undefined };
  }
  const { plain, mended } = TEXT[column.type](present, column.format);
  const value = `coalesce(${plain}, ${mended})`;
  return { value, bad: `(NOT ${missing} AND ${value} IS NULL)`, repaired: `(${plain} IS NULL AND ${mended} IS NOT NULL)` };
}

/** `plain` reads what is written as it should be; `mended` reads the usual ways of writing it otherwise. */
const TEXT: Record<Exclude<ColumnType, 'STRING'>, (present: string, format: string) => { plain: string; mended: string }> = {
  INT64: (x) => ({
    plain: `CASE WHEN regexp_full_match(${x}, '[+-]?\\d+') THEN nullif(TRY_CAST(${x} AS BIGINT), ${RESERVED_INTEGER}) END`,
    // 1,234  1_234  12.0  1e3: only where the number is a whole one and certain.
    mended: `CASE WHEN regexp_full_match(${x}, '[+-]?\\d{1,3}(,\\d{3})+|[+-]?\\d+(_\\d+)+') THEN TRY_CAST(regexp_replace(${x}, '[,_]', '', 'g') AS BIGINT) WHEN regexp_full_match(${x}, '[+-]?\\d+\\.0*') THEN TRY_CAST(regexp_extract(${x}, '^([+-]?\\d+)', 1) AS BIGINT) WHEN regexp_full_match(${x}, '[+-]?\\d+(\\.\\d+)?[eE][+]?\\d{1,2}') AND abs(TRY_CAST(${x} AS DOUBLE)) <= ${LARGEST_EXACT} AND TRY_CAST(${x} AS DOUBLE) = floor(TRY_CAST(${x} AS DOUBLE)) THEN CAST(TRY_CAST(${x} AS DOUBLE) AS BIGINT) END`,
  }),
  FLOAT64: (x) => ({
    plain: `CASE WHEN isfinite(TRY_CAST(${x} AS DOUBLE)) THEN TRY_CAST(${x} AS DOUBLE) END`,
    mended: `CASE WHEN regexp_full_match(${x}, '[+-]?\\d{1,3}(,\\d{3})+(\\.\\d+)?') THEN TRY_CAST(replace(${x}, ',', '') AS DOUBLE) WHEN regexp_full_match(${x}, '[+-]?\\d+(\\.\\d+)? ?%') THEN TRY_CAST(trim(${x}, ' %') AS DOUBLE) / 100e0 END`,
  }),
  BOOL: (x) => ({
    plain: `CASE ${x} WHEN 'true' THEN true WHEN 'false' THEN false END`,
    mended: `CASE lower(${x}) WHEN 'true' THEN true WHEN 'false' THEN false WHEN 't' THEN true WHEN 'f' THEN false WHEN 'yes' THEN true WHEN 'no' THEN false WHEN 'y' THEN true WHEN 'n' THEN false WHEN '1' THEN true WHEN '0' THEN false END`,
  }),
  TIMESTAMP: (x, format) =>
    format === ''
      ? {
          // A cast to TIMESTAMP would drop an offset without a word, so offsets go by TIMESTAMPTZ.
          plain: `CASE WHEN regexp_matches(${x}, '\\d[ T]\\d{2}:\\d{2}.*(Z|[+-]\\d{2}(:?\\d{2})?)$') THEN TRY_CAST(${x} AS TIMESTAMPTZ) AT TIME ZONE 'UTC' WHEN regexp_matches(${x}, '^\\d{4}-\\d{2}-\\d{2}') THEN TRY_CAST(${x} AS TIMESTAMP) END`,
          mended: `coalesce(TRY_STRPTIME(${x}, ['%Y/%m/%d %H:%M:%S', '%Y/%m/%d', '%b %d %Y', '%d %b %Y', '%B %d, %Y', '%Y%m%d']), NULL)`,
        }
      : { plain: `TRY_STRPTIME(${x}, ${text(format)})`, mended: 'CAST(NULL AS TIMESTAMP)' },
};
