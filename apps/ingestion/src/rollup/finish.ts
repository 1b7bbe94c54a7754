import type { ColumnType } from '@millrace/core';
import { type ColumnInput, engine, type Tables } from '@millrace/tables';
import { errors } from '../errors.js';
import { type Exact, nearest, plus, sumOfBins, varianceOf } from './exact-figures.js';
import { figureType, type Finer, type Fold, foldedColumns, type Rollup, type RollupColumn } from './rollup.js';
import { bucketValue, distinctOf } from './sketches.js';

/** Windows of groups whose figures are made at once. */
const PAGE = 20_000;

/** What is known of one folded column in one window of a group. */
interface Cells {
  count: bigint;
  readonly sums: Map<number, bigint>;
  readonly squares: Map<number, bigint>;
  readonly lost: Map<number, bigint>;
  low: number | bigint | undefined;
  high: number | bigint | undefined;
  readonly quantiles: Map<string, number>;
  distinct: number;
}

/**
 * Makes the table `rolled_figures` (g, f0, f1, …) from `rolled_parts`, the merged partials whose windows of groups are numbered `g` from 0. All but
 * quantiles and numbers of different values are exact, and rounded once where a double has to hold them.
 */
export async function finishFigures(tables: Tables, rollup: Rollup, { schema, groups, signal }: Pick<Finer, 'schema'> & { readonly groups: number; readonly signal: AbortSignal }): Promise<void> {
  const folded = foldedColumns(rollup);
  const typeOf = (name: string): ColumnType => schema.find((column) => column.name === name)?.type ?? 'FLOAT64';
  for (let from = 0; from === 0 || from < groups; from += PAGE) {
    const size = Math.min(PAGE, groups - from);
    const found = await readPage(tables, rollup, { from, size, signal });
    const columns = rollup.columns.map((column, i): ColumnInput => {
      const type = typeOf(column.column);
      const values = Array.from({ length: size }, (_, g) => (column.column === '' ? found.rows[g] : FIGURES[column.fold](found.cells[g]?.[folded.indexOf(column.column)] ?? emptyCells(), column, type)));
      return figureType(column.fold, type) === 'FLOAT64' ? { name: `f${i}`, type: 'FLOAT64', values: values.map((value) => (value === undefined ? undefined : Number(value))) } : { name: `f${i}`, type: 'INT64', values: values.map((value) => whole(value, column)) };
    });
    await tables.load('rolled_page', [{ name: 'g', type: 'INT64', values: BigInt64Array.from({ length: size }, (_, g) => BigInt(from + g)) }, ...columns], { signal });
    await tables.run(from === 0 ? 'CREATE TEMP TABLE rolled_figures AS SELECT * FROM rolled_page' : 'INSERT INTO rolled_figures SELECT * FROM rolled_page', { signal });
  }
}

interface Page {
  /** Rows of each window of a group. */
  readonly rows: readonly (bigint | undefined)[];
  /** By window of a group and folded column. */
  readonly cells: readonly (readonly Cells[])[];
}

async function readPage(tables: Tables, rollup: Rollup, { from, size, signal }: { readonly from: number; readonly size: number; readonly signal: AbortSignal }): Promise<Page> {
  const folded = foldedColumns(rollup);
  const rows: (bigint | undefined)[] = new Array<undefined>(size).fill(undefined);
  const cells = Array.from({ length: size }, () => folded.map(emptyCells));
  const of = (g: bigint, part: string): Cells => cells[Number(g) - from]?.[Number(part.slice(1))] ?? emptyCells();
  const page = `FROM rolled_parts WHERE g >= ${from} AND g < ${from + size}`;
  // As typed arrays: as objects, millions of them would take longer than all else.
  const parts = await tables.columns(`SELECT CAST(g - ${from} AS INTEGER) AS g, part, CAST(bin AS INTEGER) AS bin, TRY_CAST(v AS BIGINT) AS v, CASE WHEN TRY_CAST(v AS BIGINT) IS NULL THEN ${engine.text('v')} END AS text, x ${page} AND substr(part, 1, 1) NOT IN ('b', 'd')`, { signal });
  const [g, part, bin, v, text, x] = parts;
  for (let i = 0; i < (g?.values.length ?? 0); i++) {
    const name = String(part?.values[i]);
    const value = v?.nulls?.[i] !== 1 ? BigInt(v?.values[i] ?? 0) : text?.nulls?.[i] !== 1 ? BigInt(text?.values[i] ?? 0) : Number(x?.values[i]);
    const at = Number(g?.values[i]);
    if (name === 'n') rows[at] = BigInt(value);
    else keep(cells[at]?.[Number(name.slice(1))] ?? emptyCells(), name[0] ?? '', { bin: Number(bin?.values[i]), value: x?.nulls?.[i] === 1 && Number.isNaN(value) ? undefined : value });
  }
  const hashes = await tables.rows<{ g: bigint; part: string; kept: bigint; largest: bigint }>(`SELECT g, part, count(*) AS kept, max(bin) AS largest ${page} AND substr(part, 1, 1) = 'd' GROUP BY g, part`, undefined, { signal });
  for (const { g, part, kept, largest } of hashes) of(g, part).distinct = distinctOf({ kept: Number(kept), largest: Number(largest) });
  const asked = rollup.columns.filter(({ fold }) => fold === 'QUANTILE');
  if (asked.length > 0) {
    const picks = asked.map(({ share }, i) => `min(bin) FILTER (WHERE below > ${share}e0 * (rows - 1)) AS b${i}`);
    const ranked = `SELECT g, part, bin, CAST(sum(v) OVER (PARTITION BY g, part ORDER BY bin) AS DOUBLE) AS below, CAST(sum(v) OVER (PARTITION BY g, part) AS DOUBLE) AS rows ${page} AND substr(part, 1, 1) = 'b'`;
    const buckets = await tables.rows<Record<string, bigint | string> & { g: bigint; part: string }>(`SELECT g, part, ${picks.join(', ')} FROM (${ranked}) GROUP BY g, part`, undefined, { signal });
    for (const row of buckets)
      asked.forEach(({ name, column }, i) => {
        if (folded.indexOf(column) === Number(row.part.slice(1))) of(row.g, row.part).quantiles.set(name, bucketValue(Number(row[`b${i}`])));
      });
  }
  return { rows, cells };
}

function keep(cells: Cells, kind: string, { bin, value }: { readonly bin: number; readonly value: bigint | number | undefined }): void {
  if (kind === 'l') cells.low = value;
  else if (kind === 'h') cells.high = value;
  else if (typeof value === 'bigint') {
    if (kind === 'c') cells.count = value;
    else BINS[kind]?.(cells).set(bin, value);
  }
}

const BINS: Readonly<Record<string, (cells: Cells) => Map<number, bigint>>> = { s: ({ sums }) => sums, p: ({ squares }) => squares, q: ({ lost }) => lost };

const emptyCells = (): Cells => ({ count: 0n, sums: new Map(), squares: new Map(), lost: new Map(), low: undefined, high: undefined, quantiles: new Map(), distinct: 0 });

type Figure = number | bigint | undefined;

/** The sum of doubles lies in bins; that of whole numbers is one number. */
const sumOf = ({ sums }: Cells, type: ColumnType): Exact => (type === 'FLOAT64' ? sumOfBins(sums) : { units: sums.get(0) ?? 0n, exponent: 0 });

const varianceOfCells = (cells: Cells, type: ColumnType): number | undefined => (cells.count < 2n ? undefined : varianceOf(sumOf(cells, type), plus(sumOfBins(cells.squares), sumOfBins(cells.lost)), cells.count));

const FIGURES: Readonly<Record<Fold, (cells: Cells, column: RollupColumn, type: ColumnType) => Figure>> = {
  COUNT: ({ count }) => count,
  SUM: (cells, { name, column }, type) => {
    if (cells.count === 0n) return undefined;
    if (type !== 'FLOAT64') return sumOf(cells, type).units;
    const sum = nearest(sumOf(cells, type));
    if (!Number.isFinite(sum)) throw errors.ROLLUP_OVERFLOW({ name, what: `a sum of "${column}" is beyond a double` });
    return sum;
  },
  MIN: ({ low }) => low,
  MAX: ({ high }) => high,
  MEAN: (cells, _, type) => (cells.count === 0n ? undefined : nearest(sumOf(cells, type), cells.count)),
  VARIANCE: (cells, _, type) => varianceOfCells(cells, type),
  STDDEV: (cells, _, type) => {
    const variance = varianceOfCells(cells, type);
    return variance === undefined ? undefined : Math.sqrt(variance);
  },
  // The middle of a bucket may lie beyond the values themselves.
  QUANTILE: ({ quantiles, low, high }, { name }) => {
    const value = quantiles.get(name);
    return value === undefined ? undefined : Math.min(Number(high), Math.max(Number(low), value));
  },
  DISTINCT: ({ distinct }) => BigInt(distinct),
};

function whole(value: Figure, { name, column }: RollupColumn): bigint | undefined {
  if (value === undefined) return undefined;
  const integer = BigInt(value);
  if (BigInt.asIntN(64, integer) !== integer) throw errors.ROLLUP_OVERFLOW({ name, what: `a sum of "${column}" is beyond 64 bits` });
  return integer;
}
