import type { ColumnType } from '@millrace/core';
import { engine, text } from '@millrace/tables';
import type { ColumnContract } from '../column-contract.js';
import type { RawKind } from '../reading/raw-kind.js';
import type { RawColumn } from '../reading/raw-table.js';
import { quickReading, trimmed, UNWRITABLE } from './quick-reading.js';
import { integerOf, LARGEST_EXACT, textReading } from './text-reading.js';

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

/** How one raw column becomes the type of the contract, or undefined where that makes no sense. `id` tells one raw column from another in the names of the layers. */
export function cellOf(column: ColumnContract, { sql: raw, kind }: RawColumn, id: string): Cell | undefined {
  if (kind === 'TEXT') return (column.type === 'STRING' ? stringCell : textCell)(column, raw, (part) => `_${part}_${column.type}_${id}`);
  if (kind === 'UNSUPPORTED') return undefined;
  const typed = TYPED[column.type][kind];
  if (typed === undefined) return undefined;
  const { sql, total, rounded } = typed(raw, column);
  const isReal = kind === 'REAL' || kind === 'DECIMAL';
  return { layers: [], value: sql, bad: total ? undefined : `(${raw} IS NOT NULL${isReal && column.type === 'FLOAT64' ? ` AND NOT isnan(CAST(${raw} AS DOUBLE))` : ''} AND (${sql}) IS NULL)`, repaired: rounded };
}

interface Typed {
  readonly sql: string;
  /** Every raw value has a result. */
  readonly total: boolean;
  /** SQL that is true where the value is not quite what stood there. */
  readonly rounded: string | undefined;
}
type Rendering = Partial<Record<Exclude<RawKind, 'TEXT' | 'UNSUPPORTED'>, (raw: string, column: ColumnContract) => Typed>>;

const exact = (sql: string): Typed => ({ sql, total: true, rounded: undefined });
const partial = (sql: string): Typed => ({ sql, total: false, rounded: undefined });
const asText = (raw: string): Typed => exact(`CAST(${raw} AS VARCHAR)`);

const TYPED: Record<ColumnType, Rendering> = {
  INT64: {
    INTEGER: (raw, column) => partial(integerOf(raw, column)),
    REAL: (raw, column) => partial(`CASE WHEN abs(${raw}) <= ${LARGEST_EXACT} AND ${raw} = floor(${raw}) THEN ${integerOf(`CAST(${raw} AS BIGINT)`, column)} END`),
    DECIMAL: (raw, column) => partial(`CASE WHEN ${raw} = trunc(${raw}) THEN ${integerOf(raw, column)} END`),
    BOOLEAN: (raw) => exact(`CAST(${raw} AS BIGINT)`),
  },
  FLOAT64: {
    INTEGER: (raw) => ({ ...exact(`CAST(${raw} AS DOUBLE)`), rounded: `coalesce(abs(CAST(${raw} AS DOUBLE)) > ${LARGEST_EXACT} AND ${engine.tryWide(`CAST(${raw} AS DOUBLE)`)} IS DISTINCT FROM ${engine.tryWide(raw)}, false)` }),
    REAL: (raw) => partial(`CASE WHEN ${engine.isFinite(raw)} THEN CAST(${raw} AS DOUBLE) END`),
    DECIMAL: (raw) => ({ ...exact(`CAST(${raw} AS DOUBLE)`), rounded: roundedText(`CAST(${raw} AS VARCHAR)`, `CAST(${raw} AS DOUBLE)`) }),
    BOOLEAN: (raw) => exact(`CAST(CAST(${raw} AS INTEGER) AS DOUBLE)`),
  },
  BOOL: {
    BOOLEAN: (raw) => exact(raw),
    INTEGER: (raw) => partial(`CASE ${raw} WHEN 0 THEN false WHEN 1 THEN true END`),
    REAL: (raw) => partial(`CASE WHEN ${raw} = 0 THEN false WHEN ${raw} = 1 THEN true END`),
    DECIMAL: (raw) => partial(`CASE WHEN ${raw} = 0 THEN false WHEN ${raw} = 1 THEN true END`),
  },
  STRING: { INTEGER: asText, REAL: asText, DECIMAL: asText, BOOLEAN: asText, TIME: asText, ZONED_TIME: asText },
  TIMESTAMP: {
    TIME: (raw) => partial(`CASE WHEN ${engine.isFiniteTime(`CAST(${raw} AS TIMESTAMP)`)} THEN CAST(${raw} AS TIMESTAMP) END`),
    ZONED_TIME: (raw) => partial(`CASE WHEN ${engine.isFiniteTime(raw)} THEN ${engine.utc(raw)} END`),
  },
};

/** The text without the blanks around it, where a glance at it is not enough, and then unless it stands for a missing cell. */
function presentText(column: ColumnContract, raw: string, name: (part: string) => string): { readonly layers: readonly string[]; readonly present: string; readonly sure: string | undefined; readonly quick: string } {
  const glance = quickReading(column);
  const [quick, sure, bare, present] = ['quick', 'sure', 'bare', 'present'].map(name) as [string, string, string, string];
  const missing = ['', ...column.missingTexts].map((one) => text(one)).join(', ');
  const looking = [`${glance ? `CASE WHEN NOT ${sure} THEN ${trimmed(raw)} END` : trimmed(raw)} AS ${bare}`, `CASE WHEN ${bare} NOT IN (${missing}) THEN ${bare} END AS ${present}`];
  if (!glance) return { layers: looking, present, sure: undefined, quick };
  return { layers: [`${glance.value(raw)} AS ${quick}`, `(${raw} IS NULL OR coalesce(${glance.sure(raw, quick)}, false)) AS ${sure}`, ...looking], present, sure, quick };
}

/** Every text is a STRING but for those with a character that none may hold; the blanks around it stay. */
function stringCell(column: ColumnContract, raw: string, name: (part: string) => string): Cell {
  const { layers, present, sure, quick } = presentText(column, raw, name);
  const broken = name('broken');
  return {
    layers: [...layers, `coalesce(${UNWRITABLE.map((code) => `contains(${present}, chr(${code}))`).join(' OR ')}, false) AS ${broken}`],
    value: `CASE WHEN ${sure ?? 'false'} THEN ${quick} WHEN ${present} IS NOT NULL AND NOT ${broken} THEN ${raw} END`,
    bad: broken,
    repaired: undefined,
  };
}

function textCell(column: ColumnContract, raw: string, name: (part: string) => string): Cell {
  const { layers, present, sure, quick } = presentText(column, raw, name);
  const [plain, mended, rounded] = ['plain', 'mended', 'rounded'].map(name) as [string, string, string];
  const read = textReading(column);
  const isFloat = column.type === 'FLOAT64';
  const looked = `coalesce(${plain}, ${mended})`;
  return {
    layers: [
      ...layers,
      `${read.plain(present)} AS ${plain}`,
      `CASE WHEN ${plain} IS NULL THEN coalesce(${read.mends.map(({ sql }) => sql(present)).join(', ')}) END AS ${mended}`,
      ...(isFloat ? [`${roundedText(present, plain)} AS ${rounded}`] : []),
    ],
    value: sure === undefined ? looked : `CASE WHEN ${sure} THEN ${quick} ELSE ${looked} END`,
    bad: `(${present} IS NOT NULL AND ${plain} IS NULL AND ${mended} IS NULL)`,
    repaired: isFloat ? `(${mended} IS NOT NULL OR ${rounded})` : `(${mended} IS NOT NULL)`,
  };
}

/** Of a number: the exponent, the point and the sign. */
const BESIDE_DIGITS = '[eE].*$|[^0-9]';

/**
 * SQL that is true where a decimal text has digits that its double has not. 15 digits always survive; 16 and 17 do where the double prints them again;
 * more are lost. A text that is not 0 and became 0 has lost all of them.
 */
function roundedText(x: string, double: string): string {
  const digits = engine.trim(engine.withoutParts(x, text(BESIDE_DIGITS)), '0');
  const printed = (places: number): string => engine.trim(engine.withoutParts(engine.exponential(double, places), text(BESIDE_DIGITS)), '0');
  return `coalesce(CASE WHEN ${double} = 0 THEN ${digits} <> '' WHEN length(${x}) > 15 THEN CASE length(${digits}) WHEN 16 THEN ${digits} <> ${printed(15)} WHEN 17 THEN ${digits} <> ${printed(16)} ELSE length(${digits}) > 17 END END, false)`;
}
