import type { ColumnType } from '@millrace/core';
import { engine, ident, number, type Tables } from '@millrace/tables';
import type { ColumnContract } from '../column-contract.js';
import { type ColumnProfile, MAX_TOP, PROFILE_QUANTILES } from './column-profile.js';
import { coMomentsOf } from './correlation.js';
import { gridExponent, type Histogram } from './histogram.js';
import type { Profile } from './merge-profiles.js';

/** Longer texts are shown by their beginning. */
const MAX_TOP_LENGTH = 100;
/** Beyond this many rows quantiles are read from an evenly spread sample of about so many. */
const QUANTILE_ROWS = 1_000_000;
/** The least and the most are known without looking for them. */
const INNER_QUANTILES = PROFILE_QUANTILES.filter((share) => share > 0 && share < 1);
/** So many distinct values at most are counted one by one; of more the estimate is told. */
const COUNTED_DISTINCT = 10_000;
/** Numbers and times are listed where they are about so few. */
const LISTED_DISTINCT = 1_000;
/** Planning a query takes longer than in proportion to its width. */
const COLUMNS_A_QUERY = 32;

interface Rows {
  readonly relation: string;
  readonly rows: number;
  readonly signal: AbortSignal;
}

/** Profiles the columns of a relation of `rows` rows. */
export async function profileColumns(tables: Tables, relation: string, { columns, rows, signal }: { columns: readonly ColumnContract[]; rows: number; signal: AbortSignal }): Promise<Profile> {
  if (rows === 0) return { rows, columns: columns.map(({ name, type }) => ({ column: name, type, missing: 0, distinct: 0, distinctKind: 'EXACT', quantiles: [], top: [], topComplete: true })), coMoments: [] };
  const profiles: ColumnProfile[] = [];
  for (let from = 0; from < columns.length; from += COLUMNS_A_QUERY) profiles.push(...(await profileSome(tables, columns.slice(from, from + COLUMNS_A_QUERY), { relation, rows, signal })));
  const reach = new Map(profiles.map(({ column, min, max }) => [column, Math.max(Math.abs(min ?? 0), Math.abs(max ?? 0))]));
  return { rows, columns: profiles, coMoments: await coMomentsOf(tables, relation, { columns, rows, largest: (column) => reach.get(column) ?? 0, signal }) };
}

async function profileSome(tables: Tables, columns: readonly ColumnContract[], from: Rows): Promise<readonly ColumnProfile[]> {
  const { relation, rows, signal } = from;
  const ask = async (sql: readonly string[], of = relation): Promise<Readonly<Record<string, unknown>>> => (sql.length === 0 ? {} : ((await tables.rows<Record<string, unknown>>(`SELECT ${sql.join(', ')} FROM ${of}`, undefined, { signal }))[0] ?? {}));
  const numeric = columns.flatMap(({ name, type }, i) => {
    const x = asNumber(name, type);
    return x === undefined ? [] : [{ i, x, type }];
  });
  const whole = await ask([
    ...columns.flatMap(({ name }, i) => [`count(*) - count(${ident(name)}) AS missing_${i}`, `${engine.aboutDistinct(ident(name))} AS distinct_${i}`]),
    ...numeric.flatMap(({ x, i, type }) => [...(type === 'INT64' ? [`min(${x}) AS least_${i}`, `max(${x}) AS most_${i}`] : []), `CAST(min(${x}) AS DOUBLE) AS min_${i}`, `CAST(max(${x}) AS DOUBLE) AS max_${i}`]),
  ]);
  const figure = (name: string): number | undefined => (typeof whole[name] === 'number' ? whole[name] : undefined);
  const scaleOf = (i: number): number => (Math.max(Math.abs(figure(`min_${i}`) ?? 0), Math.abs(figure(`max_${i}`) ?? 0)) > LARGE ? SCALE : 1);
  const grids = new Map(numeric.flatMap(({ i, type }) => {
    const [min, max] = [figure(`min_${i}`), figure(`max_${i}`)];
    return min === undefined || max === undefined ? [] : [[i, gridExponent(min, max, { whole: type !== 'FLOAT64' })] as const];
  }));
  const counted = columns.flatMap(({ name }, i) => (Number(whole[`distinct_${i}`]) <= COUNTED_DISTINCT ? [`count(DISTINCT ${ident(name)}) AS distinct_${i}`] : []));
  const second = await ask([
    ...counted,
    ...numeric.flatMap(({ x, i }) => {
      const [scaled, exponent] = [scaleOf(i) === 1 ? x : `(${x} * ${number(SCALE)})`, grids.get(i)];
      const bars = exponent === undefined ? undefined : engine.tally(`CAST(floor(CAST(${x} AS DOUBLE) / ${number(2 ** exponent)}) AS BIGINT)`);
      return [`CAST(avg(${scaled}) AS DOUBLE) AS mean_${i}`, `stddev_samp(${scaled}) AS stddev_${i}`, ...(bars === undefined ? [] : [`${bars.values} AS bars_${i}`, `${bars.counts} AS counts_${i}`])];
    }),
  ]);
  const step = Math.max(1, Math.floor(rows / QUANTILE_ROWS));
  const sampled = step === 1 ? relation : `(SELECT * FROM (SELECT *, row_number() OVER () AS _n FROM ${relation}) WHERE _n % ${step} = 0)`;
  const spread = await ask(numeric.map(({ x, i }) => `${engine.quantiles(`CAST(${x} AS DOUBLE)`, INNER_QUANTILES)} AS q_${i}`), sampled);
  const profiles: ColumnProfile[] = [];
  for (const [i, { name, type }] of columns.entries()) {
    const isCounted = second[`distinct_${i}`] !== undefined;
    const distinct = Number(second[`distinct_${i}`] ?? whole[`distinct_${i}`] ?? 0);
    const top = type === 'STRING' || type === 'BOOL' || (isCounted && distinct <= LISTED_DISTINCT) ? await topOf(tables, name, from) : [];
    const missing = Number(whole[`missing_${i}`] ?? 0);
    const histogram = histogramOf(grids.get(i), second[`bars_${i}`], second[`counts_${i}`]);
    profiles.push({
      column: name,
      type,
      missing,
      distinct,
      distinctKind: isCounted ? 'EXACT' : 'ESTIMATED',
      ...finite('min', figure(`min_${i}`)),
      ...finite('max', figure(`max_${i}`)),
      ...integer('minInt64', whole[`least_${i}`]),
      ...integer('maxInt64', whole[`most_${i}`]),
      ...finite('mean', unscaled(second[`mean_${i}`], scaleOf(i))),
      ...finite('stddev', unscaled(second[`stddev_${i}`], scaleOf(i))),
      quantiles: quantilesOf(figure(`min_${i}`), spread[`q_${i}`], figure(`max_${i}`)),
      quantilesExact: step === 1,
      ...(histogram ? { histogram } : {}),
      top,
      topComplete: top.length === distinct && isCounted && top.every(({ value }) => value.length < MAX_TOP_LENGTH),
    });
  }
  return profiles;
}

/** The outer ones are those of all rows, also where the inner ones are read from a sample. */
function quantilesOf(min: number | undefined, inner: unknown, max: number | undefined): readonly number[] {
  return min === undefined || max === undefined || !Array.isArray(inner) ? [] : [min, ...inner.map(Number), max];
}

async function topOf(tables: Tables, name: string, { relation, signal }: Rows): Promise<ColumnProfile['top']> {
  const sql = `SELECT left(${engine.text(ident(name))}, ${MAX_TOP_LENGTH}) AS value, count(*) AS n FROM ${relation} WHERE ${ident(name)} IS NOT NULL GROUP BY ${ident(name)} ORDER BY n DESC, ${ident(name)} LIMIT ${MAX_TOP}`;
  return (await tables.rows<{ value: string; n: bigint }>(sql, undefined, { signal })).map(({ value, n }) => ({ value, count: Number(n) }));
}

function histogramOf(exponent: number | undefined, keys: unknown, counts: unknown): Histogram | undefined {
  if (exponent === undefined || !Array.isArray(keys) || !Array.isArray(counts)) return undefined;
  const bars = keys.map((key, i) => ({ bar: Number(key), count: Number(counts[i]) }));
  const first = Math.min(...bars.map(({ bar }) => bar));
  const filled = new Array<number>(Math.max(...bars.map(({ bar }) => bar)) - first + 1).fill(0);
  for (const { bar, count } of bars) filled[bar - first] = count;
  return { exponent, first, counts: filled };
}

/** Beyond this the square of a double is infinite, so it is made smaller before and larger again after. */
const LARGE = 1e150;
const SCALE = 1e-200;

const unscaled = (value: unknown, scale: number): number | undefined => (typeof value === 'number' ? value / scale : undefined);
const finite = <Name extends string>(name: Name, value: number | undefined): Partial<Record<Name, number>> => (value !== undefined && Number.isFinite(value) ? ({ [name]: value } as Record<Name, number>) : {});
const integer = <Name extends string>(name: Name, value: unknown): Partial<Record<Name, bigint>> => (typeof value === 'bigint' ? ({ [name]: value } as Record<Name, bigint>) : {});

const asNumber = (name: string, type: ColumnType): string | undefined => {
  if (type === 'TIMESTAMP') return engine.micros(ident(name));
  return type === 'INT64' || type === 'FLOAT64' ? ident(name) : undefined;
};
