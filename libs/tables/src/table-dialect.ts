import { DUCKDB_FILES, type FileDialect } from './file-dialect.js';
import { DUCKDB_JSON, type JsonDialect } from './json-dialect.js';
import { DUCKDB_LISTS, type ListDialect } from './list-dialect.js';
import { ident } from './quote.js';
import { DUCKDB_TEXTS, type TextDialect } from './text-dialect.js';

/** A join of each row on the left with the newest row on the right that is not later. */
export interface AsOfJoin {
  /** What stands after FROM: a name or a query in parentheses. */
  readonly left: string;
  readonly right: string;
  /** Columns that both have and in which they must be equal. */
  readonly keys: readonly string[];
  /** A time, or whatever has an order, on each side: `l.` and `r.` name the sides. */
  readonly at: { readonly left: string; readonly right: string };
  /** Whether the right one must be earlier, and not only not later. */
  readonly strict: boolean;
  /** Columns of the right with the names that they get; NULL where no row is found. */
  readonly take: readonly (readonly [column: string, as: string])[];
}

/**
 * How the engine spells what the reading, cleaning, joining and profiling of tables ask: all that another engine says in other words. What stands elsewhere
 * is SQL that engines share. What expressions and fits ask stands in the dialect of `libs/plan`, which knows no tables.
 */
export interface TableDialect extends FileDialect, TextDialect, JsonDialect, ListDialect {
  /** A time as microseconds since 1970. */
  micros(time: string): string;
  /** A time as milliseconds since 1970. */
  millis(time: string): string;
  /** Microseconds since 1970 as a time. */
  time(micros: string): string;
  /** A whole number that holds the sum of any 2^63 integers of 64 bits. */
  wide(cell: string): string;
  /** The same, NULL where it is no whole number or too large. */
  tryWide(cell: string): string;
  /** 0 and 1 in the fewest bits. */
  bit(cell: string): string;
  /** Whether a number is neither infinite nor NaN. */
  isFinite(cell: string): string;
  /** Whether a time is neither before nor after all others. */
  isFiniteTime(time: string): string;
  /** A moment as a time of UTC. */
  utc(moment: string): string;
  /** The whole part of a quotient of whole numbers. */
  idiv(a: string, b: string): string;
  /** A number that hangs on the cells alone; other engines have other ones. */
  hash(cells: readonly string[]): string;
  readonly hashType: string;
  /** The first 52 bits of the MD5 of a text as a whole number, the same in every engine. */
  digest52(text: string): string;
  /** Whether a hash falls below a share of all hashes. */
  hashBelow(cells: readonly string[], share: number): string;
  /** All columns but these. */
  allBut(columns: readonly string[]): string;
  /** The values at shares of the sorted ones, as a list; none lies between two of them. */
  quantiles(cell: string, shares: readonly number[]): string;
  /** The different values of a group and how often each is there, as two lists in one order. */
  tally(cell: string): { readonly values: string; readonly counts: string };
  /** The place of a row, from 0, in a table that was filled in order and never changed. */
  readonly place: string;
  /** About how many different values a group has. */
  aboutDistinct(cell: string): string;
  /** A query in parentheses: all columns of the left, and those that are taken from the right. */
  asOf(join: AsOfJoin): string;
}

const HASHES = 1_000_000_007;

/** DuckDB 1.5, the engine that tables run on. */
export const engine: TableDialect = {
  ...DUCKDB_FILES,
  ...DUCKDB_TEXTS,
  ...DUCKDB_JSON,
  ...DUCKDB_LISTS,
  micros: (time) => `epoch_us(${time})`,
  millis: (time) => `epoch_ms(${time})`,
  time: (micros) => `make_timestamp(${micros})`,
  wide: (cell) => `CAST(${cell} AS HUGEINT)`,
  tryWide: (cell) => `TRY_CAST(${cell} AS HUGEINT)`,
  bit: (cell) => `CAST(${cell} AS UTINYINT)`,
  isFinite: (cell) => `isfinite(CAST(${cell} AS DOUBLE))`,
  isFiniteTime: (time) => `isfinite(${time})`,
  utc: (moment) => `(${moment} AT TIME ZONE 'UTC')`,
  idiv: (a, b) => `(${a} // ${b})`,
  hash: (cells) => `hash(${cells.join(', ')})`,
  hashType: 'UBIGINT',
  digest52: (cell) => `CAST('0x' || substr(md5(${cell}), 1, 13) AS BIGINT)`,
  hashBelow: (cells, share) => `(hash(${cells.join(', ')}) % ${HASHES}::UBIGINT) < ${Math.round(share * HASHES)}`,
  allBut: (columns) => `* EXCLUDE (${columns.map(ident).join(', ')})`,
  quantiles: (cell, shares) => `quantile_disc(${cell}, [${shares.join(', ')}])`,
  tally: (cell) => ({ values: `map_keys(histogram(${cell}))`, counts: `map_values(histogram(${cell}))` }),
  place: 'rowid',
  aboutDistinct: (cell) => `approx_count_distinct(${cell})`,
  asOf: ({ left, right, keys, at, strict, take }) => {
    const equal = keys.map((key) => `l.${ident(key)} = r.${ident(key)}`);
    const taken = take.map(([column, as]) => `r.${ident(column)} AS ${ident(as)}`);
    return `(SELECT ${['l.*', ...taken].join(', ')} FROM ${left} AS l ASOF LEFT JOIN ${right} AS r ON ${[...equal, `${at.left} ${strict ? '>' : '>='} ${at.right}`].join(' AND ')})`;
  },
};
