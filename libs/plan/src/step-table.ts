import { errors } from './errors.js';
import type { F64, Named } from './expression.js';
import { renderSql } from './sql-renderer.js';
import { DUCKDB_FIT, type FitDialect } from './fit-dialect.js';
import { unitOf } from './whole-sum.js';

/** The training rows of a fit: nothing else is seen. */
export interface FitTable {
  /** What stands after FROM: a quoted name or a query in parentheses. */
  readonly relation: string;
  /** A column with a different whole number in each row: sums run in its order, so that threads do not matter. */
  readonly order: string;
  /** The column of the target, for steps that learn from it. */
  readonly target?: string;
  /** Of the engine that runs the queries: DuckDB unless given. */
  readonly dialect?: FitDialect;
  /** Runs a query; rows are objects by column name. */
  query(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Keeps the result of a query and gives what stands after FROM. Without it, which rows a step leaves out is computed anew for each statistic. */
  keep?(sql: string): Promise<string>;
}

/** A most frequent value or category. */
export interface Category<T> {
  readonly value: T;
  readonly count: number;
}

/** Mean and population variance. */
export interface Moments {
  readonly mean: number;
  readonly variance: number;
}

interface Extremes {
  readonly low: number;
  readonly high: number;
}

/** By column: `lows` and `highs` are missing where there is no value. */
interface Survey {
  readonly counts: readonly number[];
  readonly lows: readonly (number | undefined)[];
  readonly highs: readonly (number | undefined)[];
}

/** SQL of an aggregate, given the finite values of a column. */
type Aggregate = (x: string, column: number) => string;

/** A term of a sum, of which none is larger than the reach of its column. */
interface Term {
  readonly reaches: readonly number[];
  readonly of: Aggregate;
}

/** What a step reads. */
export interface StepColumns {
  readonly columns: readonly Named[];
  readonly keys: readonly Named[];
  /** How errors name the step. */
  readonly place: string;
  /** The part of a row, where the step reads the target. */
  readonly fold: F64 | undefined;
  /** Missing for the rows that no step before has left out; undefined where none leaves any. */
  readonly rule?: F64 | undefined;
}

type Row = Readonly<Record<string, unknown>>;

/** Columns whose statistics are computed by one query: wide tables are served in turns, to bound memory. */
const COLUMNS_AT_ONCE = 8;

/**
 * The columns that a step reads, with the statistics that kinds fit on. Numbers are the finite values only: missing and infinite ones do not count.
 * Every statistic is the same whatever the number of threads: order statistics, counts, and sums in an order that is stated, or that cannot matter.
 */
export class StepTable {
  private surveyed: Promise<Survey> | undefined;

  readonly columns: readonly Named[];
  /** The columns that the step's options name: k0, k1, … in queries. */
  readonly keys: readonly Named[];

  constructor(private readonly table: FitTable, private readonly step: StepColumns) {
    this.columns = step.columns;
    this.keys = step.keys;
  }

  get dialect(): FitDialect {
    return this.table.dialect ?? DUCKDB_FIT;
  }

  /** The finite values of a column in SQL, NULL where there are none. */
  finiteSql(column: number): string {
    return this.dialect.finite(`x${column}`);
  }

  /** How errors name the step. */
  get place(): string {
    return this.step.place;
  }

  /** How errors name the target: y in queries, beside the part of each row, both only for a kind that reads it. */
  get target(): string {
    return this.table.target ?? '';
  }

  /** How many finite values each column has. */
  async counts(): Promise<readonly number[]> {
    return (await this.survey()).counts;
  }

  /** The smallest and largest value of each column. */
  async extremes(): Promise<readonly Extremes[]> {
    const { lows, highs } = await this.survey();
    return this.columns.map(({ name }, i) => ({ low: this.found(lows[i], name), high: this.found(highs[i], name) }));
  }

  /** What nearly every statistic begins with, in one pass. */
  private survey(): Promise<Survey> {
    this.surveyed ??= this.together([(x) => `count(${x})`, (x) => `min(${x})`, (x) => `max(${x})`]).then(([counts = [], lows = [], highs = []]) => ({ counts: counts.map(Number), lows: lows.map(toNumber), highs: highs.map(toNumber) }));
    return this.surveyed;
  }

  /** Quantiles of each column as numpy's default (linear) gives them, bit for bit. */
  async quantiles(shares: readonly number[]): Promise<readonly (readonly number[])[]> {
    const counts = await this.counts();
    const ranks = counts.map((count) => [...new Set(shares.flatMap((share) => neighbours(share, count)))].sort((a, b) => a - b));
    const values = await this.ranked(ranks);
    return this.columns.map(({ name }, column) => {
      const at = new Map(ranks[column]?.map((rank, i) => [rank, values[column]?.[i]]));
      return shares.map((share) => {
        const [below = 0, above = 0] = neighbours(share, counts[column] ?? 0);
        return between(this.found(at.get(below), name), this.found(at.get(above), name), ((counts[column] ?? 0) - 1) * share - below);
      });
    });
  }

  /** The middle value of each column, or the mean of the two middle ones. */
  medians(): Promise<readonly number[]> {
    return this.middles((x) => x);
  }

  /** The median distance of each column's values from a centre. */
  medianDistances(centres: readonly number[]): Promise<readonly number[]> {
    return this.middles((x, i) => `abs(${x} - ${this.dialect.double(centres[i] ?? 0)})`);
  }

  private async middles(of: (x: string, column: number) => string): Promise<readonly number[]> {
    const counts = await this.counts();
    const values = await this.ranked(counts.map((count) => (count === 0 ? [] : [Math.floor((count - 1) / 2), Math.floor(count / 2)])), of);
    return this.columns.map(({ name }, i) => {
      const [a, b] = values[i] ?? [];
      return middle(this.found(a, name), this.found(b, name));
    });
  }

  /** The share of the rows in which each column is missing. */
  missingShares(): Promise<readonly number[]> {
    return this.each((_, i) => `(count(*) - count(x${i})) / count(*)`, (share) => toNumber(share) ?? 0);
  }

  /** Mean of each column: the rounded sum over the count. */
  async means(): Promise<readonly number[]> {
    const counts = await this.counts();
    const reaches = (await this.extremes()).map(({ low, high }) => Math.max(Math.abs(low), Math.abs(high)));
    const [sums = []] = await this.sums([{ reaches, of: (x) => x }]);
    return this.columns.map(({ name }, i) => this.finite((sums[i] ?? 0) / (counts[i] ?? 1), 'sum', name));
  }

  /** Mean and population variance of each column, in two passes. */
  async moments(): Promise<readonly Moments[]> {
    const [counts, means] = [await this.counts(), await this.means()];
    const reaches = await this.reaches(means);
    const mostSquares = reaches.map((reach, i) => this.finite(reach * reach, 'variance', this.columns[i]?.name ?? ''));
    const apart = (x: string, i: number) => `(${x} - ${this.dialect.double(means[i] ?? 0)})`;
    const [squares = [], rests = []] = await this.sums([{ reaches: mostSquares, of: (x, i) => `${apart(x, i)} * ${apart(x, i)}` }, { reaches, of: apart }]);
    return this.columns.map(({ name }, i) => {
      const [count = 1, rest = 0] = [counts[i], rests[i]];
      return { mean: means[i] ?? 0, variance: Math.max(0, this.finite(((squares[i] ?? 0) - (rest * rest) / count) / count, 'variance', name)) };
    });
  }

  /** Sample covariance of the columns, with missing values at the column's mean. */
  async covariance(means: readonly number[]): Promise<readonly (readonly number[])[]> {
    const reaches = await this.reaches(means);
    const centred = this.columns.map((_, i) => `(coalesce(${this.finiteSql(i)}, ${this.dialect.double(means[i] ?? 0)}) - ${this.dialect.double(means[i] ?? 0)})`);
    const rows: number[][] = [];
    for (const [i, a] of centred.entries()) {
      const name = this.columns[i]?.name ?? '';
      const units = reaches.map((reach) => unitOf(this.finite((reaches[i] ?? 0) * reach, 'covariance', name)));
      const products = centred.slice(i).map((b, j) => `${this.dialect.wholeSum(`${a} * ${b} * ${this.dialect.double(1 / (units[i + j] ?? 1))}`)} AS c${j}`);
      const [row = {}] = await this.run(`SELECT greatest(count(*) - 1, 1) AS n, ${products.join(', ')}`);
      rows.push(centred.map((_, j) => (j < i ? (rows[j]?.[i] ?? 0) : this.finite((Number(row[`c${j - i}`]) * (units[j] ?? 1)) / Number(row['n']), 'covariance', name))));
    }
    return rows;
  }

  /** How far the values of each column lie from a centre at most. */
  private async reaches(centres: readonly number[]): Promise<readonly number[]> {
    return (await this.extremes()).map(({ low, high }, i) => Math.max(high - (centres[i] ?? 0), (centres[i] ?? 0) - low));
  }

  /** The sums of terms over each column's values, in one pass. */
  private async sums(terms: readonly Term[]): Promise<readonly (readonly number[])[]> {
    const units = terms.map(({ reaches }) => reaches.map(unitOf));
    const sums = await this.together(terms.map(({ of }, term) => (x, i) => this.dialect.wholeSum(`${of(x, i)} * ${this.dialect.double(1 / (units[term]?.[i] ?? 1))}`)));
    return sums.map((values, term) => values.map((sum, i) => Number(sum) * (units[term]?.[i] ?? 1)));
  }

  /** The values of one column by how often they occur, most frequent first, equals by value (texts by code point); those with fewer rows than `least` are left out. */
  async categories<T extends number | string>(column: number, limit: number, least = 1): Promise<readonly Category<T>[]> {
    const { node } = this.columns[column] ?? {};
    const value = node?.type === 'f64' ? this.finiteSql(column) : this.dialect.identifier(`x${column}`);
    const rows = await this.run(`SELECT ${value} AS v, count(*) AS c`, `WHERE v IS NOT NULL GROUP BY v HAVING c >= ${least} ORDER BY c DESC, v LIMIT ${limit}`);
    // A column's node says whether its values are numbers or texts.
    return rows.map((row) => ({ value: (typeof row['v'] === 'number' ? row['v'] + 0 : row['v']) as T, count: Number(row['c']) }));
  }

  /** How many rows have a value in one column. */
  async present(column: number): Promise<number> {
    const [row = {}] = await this.run(`SELECT count(x${column}) AS c`);
    return Number(row['c']);
  }

  /** Refuses to go on without a value. */
  found<T>(value: T | undefined, column: string): T {
    if (value === undefined) throw errors.FIT_NO_VALUES({ place: this.place, column });
    return value;
  }

  /** Refuses a statistic that a double cannot hold. */
  finite(value: number, what: string, column: string): number {
    if (!Number.isFinite(value)) throw errors.FIT_OVERFLOW({ place: this.place, what, column });
    return value;
  }

  /** Order statistics of each column by rank from 0. The fraction in the middle of a rank hits it whatever the rounding. */
  private async ranked(ranks: readonly (readonly number[])[], of: (x: string, column: number) => string = (x) => x): Promise<readonly (readonly number[])[]> {
    const counts = await this.counts();
    return this.each(
      (x, i) => {
        const fractions = (ranks[i] ?? []).map((rank) => (rank + 0.5) / (counts[i] ?? 1));
        return fractions.length === 0 ? 'NULL' : this.dialect.orderStatistics(of(x, i), fractions);
      },
      (list) => listOf(list).map((value) => Number(value) + 0),
    );
  }

  private async each<T>(aggregate: Aggregate, read: (value: unknown, column: number) => T): Promise<readonly T[]> {
    const [values = []] = await this.together([aggregate]);
    return values.map(read);
  }

  /** Several aggregates of each column, in one pass over a few columns each. */
  private async together(aggregates: readonly Aggregate[]): Promise<readonly (readonly unknown[])[]> {
    const results: unknown[][] = aggregates.map(() => []);
    for (let from = 0; from < this.columns.length; from += COLUMNS_AT_ONCE) {
      const part = this.columns.slice(from, from + COLUMNS_AT_ONCE).map((_, i) => from + i);
      const [row = {}] = await this.run(`SELECT ${part.flatMap((i) => aggregates.map((aggregate, which) => `${aggregate(this.finiteSql(i), i)} AS r${i}_${which}`)).join(', ')}`);
      for (const i of part) results.forEach((values, which) => values.push(row[`r${i}_${which}`]));
    }
    return results;
  }

  /** Runs a query over the columns x0, x1, … and the order o of the rows; `finiteSql` names the finite values of one. */
  run(select: string, rest = ''): Promise<readonly Row[]> {
    return this.table.query(`${select} FROM (${this.source()}) ${rest}`);
  }

  private source(): string {
    const { relation, order } = this.table;
    const { fold, rule } = this.step;
    const named = (nodes: readonly Named[], letter: string) => nodes.map(({ node }, i) => ({ name: `${letter}${i}`, node }));
    const columns = [...named(this.columns, 'x'), ...named(this.keys, 'k'), ...(fold ? [{ name: 'fold', node: fold }] : []), ...(rule ? [{ name: 'rule', node: rule }] : [])];
    const tail = ['__order', ...(fold ? ['__target'] : [])];
    const target = fold ? `, CAST(${this.dialect.identifier(this.target)} AS DOUBLE) AS "__target"` : '';
    const ordered = `(SELECT *, ${this.dialect.identifier(order)} AS "__order"${target} FROM ${relation})`;
    const kept = ['"__order" AS o', ...(fold ? [`${this.dialect.finite('"__target"')} AS y`] : []), ...columns.map(({ name }) => name)];
    return `SELECT ${kept.join(', ')} FROM (${renderSql(columns, { relation: ordered, tail, dialect: this.dialect })})${rule ? ' WHERE rule IS NULL' : ''}`;
  }
}

/** A number of a result, without −0; undefined where it is NULL. */
export const toNumber = (value: unknown): number | undefined => (value === null || value === undefined ? undefined : Number(value) + 0);

/** The mean of two neighbours, or the lower one where their sum is beyond a double. */
export const middle = (low: number, high: number): number => (Number.isFinite(low + high) ? (low + high) / 2 : low);

/** DuckDB clients give lists as arrays or as objects with items. */
function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  const items = typeof value === 'object' && value !== null && 'items' in value ? value.items : [];
  return Array.isArray(items) ? items : [];
}

/** The ranks between which a quantile lies. */
function neighbours(share: number, count: number): readonly number[] {
  if (count === 0) return [];
  const below = Math.floor((count - 1) * share);
  return [below, Math.min(count - 1, below + 1)];
}

/** numpy's interpolation, which is exact at both ends. */
function between(a: number, b: number, weight: number): number {
  const distance = b - a;
  if (!Number.isFinite(distance)) return a * (1 - weight) + b * weight;
  if (distance === 0) return a;
  return (weight >= 0.5 ? b - distance * (1 - weight) : a + distance * weight) + 0;
}
