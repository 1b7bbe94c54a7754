import type { ColumnType } from '@millrace/core';
import { ident, number, type Tables } from '@millrace/tables';
import type { ColumnContract } from '../column-contract.js';

/** What one column holds. Times are microseconds. */
export interface ColumnProfile {
  readonly column: string;
  readonly type: ColumnType;
  readonly missing: number;
  /** Estimated by HyperLogLog above some thousands. */
  readonly distinct: number;
  readonly min?: number;
  readonly max?: number;
  /** Of INT64, to the last digit. */
  readonly minInt64?: bigint;
  readonly maxInt64?: bigint;
  readonly mean?: number;
  readonly stddev?: number;
  /** 0 %, 5 %, 25 %, 50 %, 75 %, 95 %, 100 %. */
  readonly quantiles: readonly number[];
  readonly top: readonly { readonly value: string; readonly count: number }[];
}

export const PROFILE_QUANTILES = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1] as const;
const MAX_TOP = 20;
/** Longer texts are shown by their beginning. */
const MAX_TOP_LENGTH = 100;
/** Beyond this many rows quantiles are read from an evenly spread sample of about so many. */
const QUANTILE_ROWS = 1_000_000;

/** Profiles the columns of a relation of `rows` rows. */
export async function profileColumns(tables: Tables, relation: string, { columns, rows, signal }: { columns: readonly ColumnContract[]; rows: number; signal: AbortSignal }): Promise<readonly ColumnProfile[]> {
  if (rows === 0) return columns.map(({ name, type }) => ({ column: name, type, missing: 0, distinct: 0, quantiles: [], top: [] }));
  const step = Math.max(1, Math.floor(rows / QUANTILE_ROWS));
  const figures = columns.flatMap(({ name, type }, i) => {
    const x = asNumber(name, type);
    return [
      `count(*) - count(${ident(name)}) AS missing_${i}`,
      `approx_count_distinct(${ident(name)}) AS distinct_${i}`,
      ...(type === 'INT64' ? [`min(${x}) AS least_${i}`, `max(${x}) AS most_${i}`] : []),
      ...(x === undefined ? [] : [`CAST(min(${x}) AS DOUBLE) AS min_${i}`, `CAST(max(${x}) AS DOUBLE) AS max_${i}`]),
    ];
  });
  const [whole = {}] = await tables.rows<Record<string, number | bigint>>(`SELECT ${figures.join(', ')} FROM ${relation}`, undefined, { signal });
  const moments = await momentsOf(tables, relation, { columns, whole, signal });
  const quantiles = columns.flatMap(({ name, type }, i) => {
    const x = asNumber(name, type);
    return x === undefined ? [] : [`quantile_disc(CAST(${x} AS DOUBLE), [${PROFILE_QUANTILES.join(', ')}]) AS q_${i}`];
  });
  const sampled = step === 1 ? relation : `(SELECT * FROM (SELECT *, row_number() OVER () AS _n FROM ${relation}) WHERE _n % ${step} = 0)`;
  const [spread = {}] = quantiles.length === 0 ? [] : await tables.rows<Record<string, readonly number[]>>(`SELECT ${quantiles.join(', ')} FROM ${sampled}`, undefined, { signal });
  const profiles: ColumnProfile[] = [];
  for (const [i, { name, type }] of columns.entries()) {
    const top = type === 'STRING' || type === 'BOOL' ? await tables.rows<{ value: string; n: bigint }>(`SELECT left(CAST(${ident(name)} AS VARCHAR), ${MAX_TOP_LENGTH}) AS value, count(*) AS n FROM ${relation} WHERE ${ident(name)} IS NOT NULL GROUP BY ${ident(name)} ORDER BY n DESC, ${ident(name)} LIMIT ${MAX_TOP}`, undefined, { signal }) : [];
    profiles.push({
      column: name,
      type,
      missing: Number(whole[`missing_${i}`] ?? 0),
      distinct: Number(whole[`distinct_${i}`] ?? 0),
      ...figure('min', whole[`min_${i}`]),
      ...figure('max', whole[`max_${i}`]),
      ...integer('minInt64', whole[`least_${i}`]),
      ...integer('maxInt64', whole[`most_${i}`]),
      ...moments[i],
      quantiles: (spread[`q_${i}`] ?? []).map(Number),
      top: top.map(({ value, n }) => ({ value, count: Number(n) })),
    });
  }
  return profiles;
}

/** Beyond this the square of a double is infinite, so it is made smaller before and larger again after. */
const LARGE = 1e150;
const SCALE = 1e-200;

/** Mean and standard deviation of each column, where there are such. */
async function momentsOf(tables: Tables, relation: string, { columns, whole, signal }: { columns: readonly ColumnContract[]; whole: Readonly<Record<string, unknown>>; signal: AbortSignal }): Promise<readonly Partial<Pick<ColumnProfile, 'mean' | 'stddev'>>[]> {
  const isLarge = columns.map((_, i) => Math.max(Math.abs(Number(whole[`min_${i}`] ?? 0)), Math.abs(Number(whole[`max_${i}`] ?? 0))) > LARGE);
  const figures = columns.flatMap(({ name, type }, i) => {
    const x = asNumber(name, type);
    const scaled = isLarge[i] ? `(${x} * ${number(SCALE)})` : x;
    return x === undefined ? [] : [`CAST(avg(${scaled}) AS DOUBLE) AS mean_${i}`, `stddev_samp(${scaled}) AS stddev_${i}`];
  });
  const [found = {}] = figures.length === 0 ? [] : await tables.rows<Record<string, number | undefined>>(`SELECT ${figures.join(', ')} FROM ${relation}`, undefined, { signal });
  return columns.map((_, i) => {
    const unscaled = (value: number | undefined): number | undefined => (value === undefined || !isLarge[i] ? value : value / SCALE);
    return { ...figure('mean', unscaled(found[`mean_${i}`])), ...figure('stddev', unscaled(found[`stddev_${i}`])) };
  });
}

const figure = <Name extends string>(name: Name, value: unknown): Partial<Record<Name, number>> => (typeof value === 'number' && Number.isFinite(value) ? ({ [name]: value } as Record<Name, number>) : {});

const integer = <Name extends string>(name: Name, value: unknown): Partial<Record<Name, bigint>> => (typeof value === 'bigint' ? ({ [name]: value } as Record<Name, bigint>) : {});

const asNumber = (name: string, type: ColumnType): string | undefined => {
  if (type === 'TIMESTAMP') return `epoch_us(${ident(name)})`;
  return type === 'INT64' || type === 'FLOAT64' ? ident(name) : undefined;
};
