import type { ColumnType } from '@millrace/core';
import { engine, ident, number } from '@millrace/tables';
import { BIN_BITS, LEAST_BIN, UNIT_BITS } from './exact-figures.js';
import { type Finer, foldedColumns, type Part, partsOf, type Rollup } from './rollup.js';
import { bucketSql, HASHES_KEPT } from './sketches.js';

/** The rows of one finer relation as they are folded: groups `k0…`, the number `w` of the window, and the folded columns `v0…`; a row without a time is left out. */
export function cellsSql(rollup: Rollup, { relation, schema, eventTime }: Finer & { readonly relation: string }): string {
  const micros = engine.micros(ident(eventTime));
  // Rounds down, also before 1970.
  const window = engine.idiv(`(${micros} - ((${micros} % ${rollup.every}) + ${rollup.every}) % ${rollup.every})`, String(rollup.every));
  const keys = rollup.by.map((column, i) => `${ident(column)} AS k${i}`);
  const cells = foldedColumns(rollup).map((column, i) => `${cellSql(ident(column), schema.find(({ name }) => name === column)?.type)} AS v${i}`);
  return `SELECT ${[...keys, `${window} AS w`, ...cells].join(', ')} FROM ${relation} WHERE ${ident(eventTime)} IS NOT NULL`;
}

/** A number that is not finite counts as missing; −0 is 0. */
function cellSql(cell: string, type: ColumnType | undefined): string {
  if (type === 'BOOL') return `CAST(${cell} AS BIGINT)`;
  return type === 'FLOAT64' ? `CASE WHEN ${engine.isFinite(cell)} THEN ${cell} + 0e0 END` : cell;
}

export const keysOf = ({ by }: Rollup): readonly string[] => by.map((_, i) => `k${i}`);

/**
 * The partials of cells, a row each: group and window, `part` what it is, `bin` its bin, bucket or hash, and its whole number `v` or, for the extremes of
 * doubles, `x`. Whole numbers add up to the same in any order, so that partials of any cut of the rows merge to those of all rows.
 */
export function partialSql(rollup: Rollup, { cells, schema }: Pick<Finer, 'schema'> & { readonly cells: string }): string {
  const group = [...keysOf(rollup), 'w'].join(', ');
  const folded = foldedColumns(rollup);
  const parts = partsOf(rollup).map((part) => {
    const { at = '0', v = 'CAST(NULL AS BIGINT)', x = 'CAST(NULL AS DOUBLE)', from = cells } = PARTIALS[part.kind]({ cell: `v${folded.indexOf(part.column)}`, isDouble: schema.find(({ name }) => name === part.column)?.type === 'FLOAT64', cells, group });
    return `SELECT ${group}, '${part.name}' AS part, ${at} AS bin, CAST(${v} AS DECIMAL(38, 0)) AS v, ${x} AS x FROM ${from} GROUP BY ${group}${at === '0' ? '' : ', bin'}`;
  });
  return parts.join(' UNION ALL ');
}

/** Partials of several relations as those of all their rows. */
export function mergedSql(rollup: Rollup, partials: readonly string[]): string {
  const [only, ...others] = partials;
  if (only !== undefined && others.length === 0) return `SELECT * FROM ${only}`;
  const group = [...keysOf(rollup), 'w', 'part'].join(', ');
  const kind = 'substr(part, 1, 1)';
  const all = partials.map((one) => `SELECT * FROM ${one}`).join(' UNION ALL ');
  const v = `CASE ${kind} WHEN 'l' THEN min(v) WHEN 'h' THEN max(v) ELSE CAST(sum(${engine.wide('v')}) AS DECIMAL(38, 0)) END`;
  const figures = `SELECT ${group}, bin, ${v} AS v, CASE ${kind} WHEN 'l' THEN min(x) WHEN 'h' THEN max(x) END AS x FROM (${all}) WHERE ${kind} <> 'd' GROUP BY ${group}, bin`;
  // Of hashes those stay that would have stayed if all rows had been one relation.
  const hashes = `SELECT DISTINCT ${group}, bin, v, x FROM (${all}) WHERE ${kind} = 'd'`;
  return `${figures} UNION ALL SELECT * FROM (${hashes}) QUALIFY row_number() OVER (PARTITION BY ${group} ORDER BY bin) <= ${HASHES_KEPT}`;
}

interface Given {
  readonly cell: string;
  readonly isDouble: boolean;
  readonly cells: string;
  readonly group: string;
}

/** A row of the partials; what is not said is 0 or missing. */
interface Partial {
  readonly at?: string;
  readonly v?: string;
  readonly x?: string;
  readonly from?: string;
}

const PARTIALS: Readonly<Record<Part['kind'], (given: Given) => Partial>> = {
  n: () => ({ v: 'count(*)' }),
  c: ({ cell }) => ({ v: `count(${cell})` }),
  s: ({ cell, isDouble, cells, group }) => (isDouble ? binned(group, `(SELECT ${group}, ${cell} AS y FROM ${cells})`) : { v: `sum(${engine.wide(cell)})` }),
  p: ({ cell, cells, group }) => binned(group, `(SELECT ${group}, y * y AS y FROM (SELECT ${group}, CAST(${cell} AS DOUBLE) AS y FROM ${cells}))`),
  // What the square of a double lost when it was rounded, exactly (Dekker 1971): the double is cut in two halves of 26 bits.
  q: ({ cell, cells, group }) => {
    const cut = `(SELECT ${group}, y, y - high AS low, high FROM (SELECT ${group}, y, c - (c - y) AS high FROM (SELECT ${group}, y, y * 134217729e0 AS c FROM (SELECT ${group}, CAST(${cell} AS DOUBLE) AS y FROM ${cells}))))`;
    return binned(group, `(SELECT ${group}, ((high * high - y * y) + 2e0 * high * low) + low * low AS y FROM ${cut})`);
  },
  l: ({ cell, isDouble }) => (isDouble ? { x: `min(${cell})` } : { v: `min(${cell})` }),
  h: ({ cell, isDouble }) => (isDouble ? { x: `max(${cell})` } : { v: `max(${cell})` }),
  b: ({ cell, cells, group }) => ({ at: 'bin', v: 'count(*)', from: `(SELECT ${group}, ${bucketSql('y')} AS bin FROM (SELECT ${group}, CAST(${cell} AS DOUBLE) AS y FROM ${cells} WHERE ${cell} IS NOT NULL))` }),
  d: ({ cell, cells, group }) => ({
    at: 'bin',
    v: 'count(*)',
    from: `(SELECT * FROM (SELECT DISTINCT ${group}, ${engine.digest52(engine.text(cell))} AS bin FROM (SELECT DISTINCT ${group}, ${cell} FROM ${cells} WHERE ${cell} IS NOT NULL)) QUALIFY row_number() OVER (PARTITION BY ${group} ORDER BY bin) <= ${HASHES_KEPT})`,
  }),
};

/** Doubles y as whole units of their bins. */
function binned(group: string, from: string): Partial {
  const bin = `greatest(${LEAST_BIN}, CAST(floor(log2(abs(y)) / ${BIN_BITS}) AS BIGINT))`;
  const units = engine.wide(`round(y * pow(2e0, ${UNIT_BITS} - ${BIN_BITS} * bin))`);
  return { at: 'bin', v: 'sum(u)', from: `(SELECT ${group}, bin, ${units} AS u FROM (SELECT ${group}, y, ${bin} AS bin FROM ${from} WHERE y <> 0))` };
}

/** SQL that is true where the variance of a column cannot be told: its squares are beyond a double, or a whole number beyond 2^53. */
export const tooLargeToSquare = (cell: string, isDouble: boolean): string => `abs(CAST(${cell} AS DOUBLE)) > ${number(isDouble ? 1e150 : 2 ** 53)}`;
