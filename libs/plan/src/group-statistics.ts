import { finiteSql, middle, type StepTable, toNumber } from './step-table.js';

/** What fills the missing cells of one group. */
export interface GroupFill {
  readonly key: string;
  readonly fill: number | string;
}

export interface GroupQuestion {
  readonly strategy: 'median' | 'mean' | 'mode';
  /** Most groups, those with the most values first. */
  readonly limit: number;
}

/** The median, mean or mode of one column in each group of the step's first key; groups without a value are left out. */
export async function fillsByGroup(table: StepTable, column: number, { strategy, limit }: GroupQuestion): Promise<readonly GroupFill[]> {
  const { node, name = '' } = table.columns[column] ?? {};
  const x = node?.type === 'f64' ? finiteSql(column) : `x${column}`;
  const rows = await table.run(...QUERIES[strategy](x, limit));
  return rows.map((row) => {
    const { a, b } = row;
    if (typeof a === 'string') return { key: String(row['g']), fill: a };
    return { key: String(row['g']), fill: table.finite(middle(table.found(toNumber(a), name), table.found(toNumber(b), name)), strategy, name) };
  });
}

/** Each gives the group g, and a and b, between which the fill lies. */
const QUERIES: Readonly<Record<GroupQuestion['strategy'], (x: string, limit: number) => readonly [string, string]>> = {
  median: (x, limit) => [`SELECT k0 AS g, quantile_disc(${x}, 0.5) AS a, -quantile_disc(-${x}, 0.5) AS b`, grouped(x, limit)],
  mean: (x, limit) => [`SELECT k0 AS g, fsum(${x} ORDER BY o) / count(*) AS a, a AS b`, grouped(x, limit)],
  mode: (x, limit) => [
    `SELECT g, first(v ORDER BY c DESC, v) AS a, a AS b, sum(c) AS n FROM (SELECT k0 AS g, ${x} AS v, count(*) AS c`,
    `WHERE v IS NOT NULL AND g IS NOT NULL GROUP BY g, v) GROUP BY g ORDER BY n DESC, g LIMIT ${limit}`,
  ],
};

const grouped = (x: string, limit: number) => `WHERE ${x} IS NOT NULL AND k0 IS NOT NULL GROUP BY g ORDER BY count(*) DESC, g LIMIT ${limit}`;
