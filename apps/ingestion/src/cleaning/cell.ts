import type { ColumnType } from '@millrace/core';
import { text } from '@millrace/tables';
import type { ColumnContract } from '../contract.js';
import type { RawColumn } from '../reading/raw-table.js';

/** How a source gives a column: as text to be read, or in a type of its own. */
export type RawKind = 'TEXT' | 'INTEGER' | 'REAL' | 'BOOLEAN' | 'TIME' | 'ZONED_TIME' | 'UNSUPPORTED';

/**
 * How one raw column becomes a column of the contract, in SQL. Each layer of `layers` names what the next ones and the rest build on:
 * said in one expression, a wide table would take minutes to plan. `bad` and `repaired` are undefined where they cannot be true.
 */
export interface Cell {
  readonly layers: readonly string[];
  readonly value: string;
  readonly bad: string | undefined;
  readonly repaired: string | undefined;
}

/** A relation with the layers of all cells on top, each by its depth. */
export function layered(relation: string, cells: readonly Cell[]): string {
  const depth = Math.max(0, ...cells.map(({ layers }) => layers.length));
  const levels = Array.from({ length: depth }, (_, level) => [...new Set(cells.flatMap(({ layers }) => layers[level] ?? []))].join(', '));
  return levels.reduce((from, level) => `(SELECT *, ${level} FROM ${from})`, relation);
}

/** Doubles beyond this are not certain to be the integer that was written: 2^53 may have been 2^53 + 1. */
const LARGEST_EXACT = '9007199254740991e0';
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

/** How one raw column becomes the type of the contract, or undefined where that makes no sense. `id` tells one raw column from another in the names of the layers. */
export function cellOf(column: ColumnContract, { sql: raw, kind }: RawColumn, id: string): Cell | undefined {
  if (kind === 'TEXT') return column.type === 'STRING' ? stringCell(column, raw, id) : textCell({ ...column, type: column.type }, raw, id);
  if (kind === 'UNSUPPORTED') return undefined;
  const typed = TYPED[column.type][kind];
  if (typed === undefined) return undefined;
  const { sql, total } = typed(raw);
  return { layers: [], value: sql, bad: total ? undefined : `(${raw} IS NOT NULL${kind === 'REAL' && column.type === 'FLOAT64' ? ` AND NOT isnan(${raw})` : ''} AND (${sql}) IS NULL)`, repaired: undefined };
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

const trim = (raw: string): string => `trim(${raw}, E' \\t\\r\\n')`;
const missing = ({ missingTexts }: ColumnContract, raw: string): string => `(${raw} IS NULL OR ${trim(raw)} IN (${['', ...missingTexts].map(text).join(', ')}))`;

/** Every text is a STRING but for two characters: U+0000, and U+FFFF. */
function stringCell(column: ColumnContract, raw: string, id: string): Cell {
  const [given, broken] = [`_given_${id}`, `_broken_${id}`];
  return {
    layers: [`CASE WHEN NOT ${missing(column, raw)} THEN ${raw} END AS ${given}`, `coalesce(contains(${given}, chr(0)) OR contains(${given}, chr(65535)), false) AS ${broken}`],
    value: `CASE WHEN NOT ${broken} THEN ${given} END`,
    bad: broken,
    repaired: undefined,
  };
}

function textCell(column: ColumnContract & { readonly type: keyof typeof TEXT }, raw: string, id: string): Cell {
  const [present, plain, mended] = [`_present_${id}`, `_plain_${column.type}_${id}`, `_mended_${column.type}_${id}`];
  const read = TEXT[column.type];
  return {
    layers: [
      `CASE WHEN NOT ${missing(column, raw)} THEN ${trim(raw)} END AS ${present}`,
      `${read.plain(present, column.format)} AS ${plain}`,
      `CASE WHEN ${plain} IS NULL THEN ${read.mended(present, column.format)} END AS ${mended}`,
    ],
    value: `coalesce(${plain}, ${mended})`,
    bad: `(${present} IS NOT NULL AND ${plain} IS NULL AND ${mended} IS NULL)`,
    repaired: `(${mended} IS NOT NULL)`,
  };
}

/** `plain` reads what is written as it should be; `mended` reads the usual ways of writing it otherwise. */
const TEXT: Record<Exclude<ColumnType, 'STRING'>, { readonly plain: (x: string, format: string) => string; readonly mended: (x: string, format: string) => string }> = {
  INT64: {
    plain: (x) => `CASE WHEN regexp_full_match(${x}, '[+-]?\\d+') THEN nullif(TRY_CAST(${x} AS BIGINT), ${RESERVED_INTEGER}) END`,
    // 1,234  1_234  12.0  1e3: only where the number is a whole one and certain.
    mended: (x) =>
      `CASE WHEN regexp_full_match(${x}, '[+-]?\\d{1,3}(,\\d{3})+|[+-]?\\d+(_\\d+)+') THEN nullif(TRY_CAST(regexp_replace(${x}, '[,_]', '', 'g') AS BIGINT), ${RESERVED_INTEGER}) WHEN regexp_full_match(${x}, '[+-]?\\d+(\\.0*|(\\.\\d+)?[eE][+]?\\d{1,2})') AND abs(TRY_CAST(${x} AS DOUBLE)) <= ${LARGEST_EXACT} AND TRY_CAST(${x} AS DOUBLE) = floor(TRY_CAST(${x} AS DOUBLE)) THEN CAST(TRY_CAST(${x} AS DOUBLE) AS BIGINT) END`,
  },
  FLOAT64: {
    plain: (x) => `CASE WHEN isfinite(TRY_CAST(${x} AS DOUBLE)) THEN TRY_CAST(${x} AS DOUBLE) END`,
    mended: (x) => `CASE WHEN regexp_full_match(${x}, '[+-]?\\d{1,3}(,\\d{3})+(\\.\\d+)?') THEN TRY_CAST(replace(${x}, ',', '') AS DOUBLE) WHEN regexp_full_match(${x}, '[+-]?\\d+(\\.\\d+)? ?%') THEN TRY_CAST(trim(${x}, ' %') AS DOUBLE) / 100e0 END`,
  },
  BOOL: {
    plain: (x) => `CASE ${x} WHEN 'true' THEN true WHEN 'false' THEN false END`,
    mended: (x) => `CASE lower(${x}) WHEN 'true' THEN true WHEN 'false' THEN false WHEN 't' THEN true WHEN 'f' THEN false WHEN 'yes' THEN true WHEN 'no' THEN false WHEN 'y' THEN true WHEN 'n' THEN false WHEN '1' THEN true WHEN '0' THEN false END`,
  },
  TIMESTAMP: {
    // A cast to TIMESTAMP would drop an offset without a word, so offsets go by TIMESTAMPTZ.
    plain: (x, format) =>
      format === ''
        ? `CASE WHEN regexp_matches(${x}, '\\d[ T]\\d{2}:\\d{2}.*(Z|[+-]\\d{2}(:?\\d{2})?)$') THEN TRY_CAST(${x} AS TIMESTAMPTZ) AT TIME ZONE 'UTC' WHEN regexp_matches(${x}, '^\\d{4}-\\d{2}-\\d{2}') THEN TRY_CAST(${x} AS TIMESTAMP) END`
        : `TRY_STRPTIME(${x}, ${text(format)})`,
    mended: (x, format) => (format === '' ? `TRY_STRPTIME(${x}, ['%Y/%m/%d %H:%M:%S', '%Y/%m/%d', '%b %d %Y', '%d %b %Y', '%B %d, %Y', '%Y%m%d'])` : 'CAST(NULL AS TIMESTAMP)'),
  },
};
